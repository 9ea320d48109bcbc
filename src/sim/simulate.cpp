#include "paxbank/sim/simulate.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/core/random.hpp"
#include "paxbank/sim/world.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace paxbank::sim {
namespace {

using std::chrono::milliseconds;

struct ViolationFound {
  Violation violation;
};

[[noreturn]] void throw_violation(Violation violation) {
  throw ViolationFound{std::move(violation)};
}

[[noreturn]] void throw_assertion(const std::string& what) {
  throw_violation({"assertion", what, {}});
}

class Simulation {
 public:
  Simulation(const SimulationConfig& config, const TraceSink& trace)
      : config_(config),
        random_(config.seed),
        world_config_(draw_world()),
        monitor_(world_config_.replica, throw_violation),
        world_(world_config_) {
    world_.observe(
        {[this](NodeId node, const Replica& replica, const Output& output) {
           monitor_.stepped(node, replica, output);
         },
         [this](NodeId node, const Acceptor&, const Persist& persist) {
           monitor_.persisted(node, persist);
         },
         [this](NodeId node, const Acceptor& durable, const Message& message) {
           monitor_.sending(node, durable, message);
         },
         [this](NodeId node) { monitor_.flushed(node); },
         [this](const Request& r) { monitor_.invoked(r.client, r.timestamp); },
         [this](const Answer& answer) { answered(answer); },
         [this](NodeId node, const Replica& replica) { monitor_.restarted(node, replica); }});
    if (trace) world_.trace(trace);
    storm_end_ = world_.now() + milliseconds(config.transactions * random_.between(5, 40) + 500);
    intensity_ = random_.between(1, 4);
    draw_message_faults();
    plan_transactions();
    plan_faults();
    std::stable_sort(plan_.begin(), plan_.end(),
                     [](const Action& left, const Action& right) { return left.at < right.at; });
  }

  SimulationResult run() {
    SimulationResult result;
    try {
      storm();
      calm();
    } catch (const ViolationFound& found) {
      result.violation = found.violation;
    }
    result.steps = steps_;
    result.duration = world_.now() - TimePoint();
    std::tie(result.success, result.failed) = before_probe_.value_or(std::pair(success_, failed_));
    result.messages = world_.network().counts();
    result.nodes = monitor_.counts();
    result.crashes = world_.crashes();
    happened(Fault::crash) = result.crashes[0] + result.crashes[1] + result.crashes[2];
    happened(Fault::loss) = result.messages.lost;
    happened(Fault::duplication) = result.messages.duplicated;
    happened(Fault::delay) = result.messages.delayed;
    happened(Fault::reordering) = result.messages.reordered;
    result.happened = happened_;
    return result;
  }

 private:
  struct Action {
    TimePoint at;
    std::function<void()> act;
  };

  [[nodiscard]] bool wanted(Fault fault) const {
    return config_.faults.test(static_cast<std::size_t>(fault));
  }
  std::uint64_t& happened(Fault fault) { return happened_[static_cast<std::size_t>(fault)]; }

  // --- What is drawn from the seed

  /// Small limits, so that their edges are met.
  WorldConfig draw_world() {
    WorldConfig world;
    world.seed = random_.next();
    world.replica.nodes = config_.nodes;
    world.replica.bank = bank_of(config_.clients);
    world.replica.commit_delay = milliseconds(random_.between(0, 3));
    const auto draw = [this](std::int64_t low, std::int64_t high) {
      return static_cast<std::uint64_t>(random_.between(low, high));
    };
    Limits& limits = world.replica.limits;
    limits.proposals_in_flight = draw(1, 32);
    limits.slots_ahead = limits.proposals_in_flight + draw(0, 64);
    limits.entries_per_message = draw(1, 16);
    limits.catch_up_window = draw(1, 64);
    limits.commits_per_message = draw(1, 16);
    limits.commits_per_answer = draw(1, 32);
    limits.accepts_resent = draw(1, 16);
    limits.checkpoint_interval = draw(4, 100);
    return world;
  }

  void draw_message_faults() {
    faults_.latency_min = Duration(random_.between(20, 200));
    faults_.latency_max = Duration(random_.between(200, 3'000));
    calm_faults_ = faults_;
    if (wanted(Fault::loss)) faults_.loss = random_.between(1, 75 * intensity_);
    if (wanted(Fault::duplication)) faults_.duplication = random_.between(1, 100);
    if (wanted(Fault::delay)) faults_.delay = random_.between(1, 50);
    if (wanted(Fault::reordering)) faults_.reordering = random_.between(1, 200);
    faults_.delay_max = milliseconds(random_.between(5, 300));
    world_.network().set_faults(faults_);
  }

  TimePoint draw_moment() { return TimePoint(Duration(random_.between(0, storm_length()))); }
  [[nodiscard]] std::int64_t storm_length() const { return (storm_end_ - TimePoint()).count(); }
  void plan(TimePoint at, std::function<void()> act) { plan_.push_back({at, std::move(act)}); }

  void plan_transactions() {
    const auto& accounts = world_config_.replica.bank.accounts;
    const auto draw_account = [&] {
      return accounts[static_cast<std::size_t>(
          random_.between(0, static_cast<std::int64_t>(accounts.size()) - 1))];
    };
    // Some come in rushes: what befalls a leader then finds much under way.
    std::vector<TimePoint> rushes;
    for (int i = 0; i < 8; ++i) rushes.push_back(draw_moment());
    const std::int64_t rushing = random_.between(0, 1'000);
    for (std::uint32_t t = 0; t < config_.transactions; ++t) {
      const Transaction transaction{draw_account(), draw_account(), {random_.between(0, 4)}};
      const bool rush = random_.chance(rushing);
      plan(rush ? rushes[static_cast<std::size_t>(random_.between(0, 7))] : draw_moment(),
           [this, transaction] {
             world_.submit({transaction.from.value}, transaction);
             ++submitted_;
           });
    }
  }

  /// Some moments of a fault, if it is wanted: `begin` then, `end` after a while.
  void plan_fault(Fault fault, std::int64_t count_max, milliseconds longest,
                  const std::function<std::function<void()>(TimePoint)>& begin) {
    if (!wanted(fault)) return;
    const std::int64_t count = random_.between(1, count_max * intensity_);
    for (std::int64_t i = 0; i < count; ++i) {
      const TimePoint at = draw_moment();
      const TimePoint until = at + milliseconds(random_.between(1, longest.count()));
      plan(at, [this, fault, begin, until] {
        ++happened(fault);
        if (auto end = begin(until)) plan_later(until, std::move(end));
      });
    }
  }

  /// Into what is left of the plan.
  void plan_later(TimePoint at, std::function<void()> act) {
    const auto place =
        std::upper_bound(plan_.begin() + static_cast<std::ptrdiff_t>(next_), plan_.end(), at,
                         [](TimePoint moment, const Action& action) { return moment < action.at; });
    plan_.insert(place, {at, std::move(act)});
  }

  void plan_faults() {
    plan_cuts(Fault::partition, [this] { cut_in_two(); });
    plan_cuts(Fault::one_way, [this] { cut_one_way(); });
    plan_cuts(Fault::chained, [this] { cut_to_chain(); });
    plan_cuts(Fault::quorum_loss, [this] { cut_to_hub(); });
    plan_fault(Fault::disconnect, 4, milliseconds(2'000), [this](TimePoint) {
      const NodeId node = draw_victim();
      world_.disconnect(node);
      return [this, node] { world_.reconnect(node); };
    });
    plan_fault(Fault::crash, 4, milliseconds(2'000), [this](TimePoint) {
      const NodeId node = draw_victim();
      world_.crash(node, static_cast<CrashPoint>(random_.between(0, crash_point_count - 1)));
      return [this, node] { world_.restart(node); };
    });
    plan_fault(Fault::pause, 3, milliseconds(1'500), [this](TimePoint until) {
      world_.hold(draw_victim(), until, /*at_once=*/false);
      return std::function<void()>();
    });
    plan_fault(Fault::burst, 20, milliseconds(20), [this](TimePoint until) {
      world_.hold(draw_victim(), until, /*at_once=*/true);
      return std::function<void()>();
    });
    plan_fault(Fault::clock, 3, milliseconds(4'000), [this](TimePoint) {
      const NodeId node = draw_node();
      world_.set_clock(node, random_.between(500, 2'000));
      return [this, node] { world_.set_clock(node, 1'000); };
    });
    plan_fault(Fault::client_drop, 5, milliseconds(1), [this](TimePoint) {
      const auto& accounts = world_config_.replica.bank.accounts;
      const auto client = static_cast<std::size_t>(
          random_.between(0, static_cast<std::int64_t>(accounts.size()) - 1));
      world_.drop_connections({accounts[client].value});
      return std::function<void()>();
    });
  }

  void plan_cuts(Fault fault, const std::function<void()>& cut) {
    plan_fault(fault, 2, milliseconds(2'500), [this, cut](TimePoint) {
      cut();
      return [this] { world_.network().heal(); };
    });
  }

  // --- Whom it befalls

  NodeId draw_node() { return {static_cast<std::uint32_t>(random_.between(1, config_.nodes))}; }

  /// Every other time the leader, if there is one: there it hurts most.
  NodeId draw_victim() {
    const NodeId any = draw_node();
    return random_.chance(500) ? leader().value_or(any) : any;
  }

  template <class Cut>
  void cut_where(Cut cut) {
    for (std::uint32_t from = 0; from < config_.nodes; ++from) {
      for (std::uint32_t to = 0; to < config_.nodes; ++to) {
        if (from != to && cut(from, to)) world_.network().set_blocked(from, to, true);
      }
    }
  }

  void cut_in_two() {
    const auto side = static_cast<std::uint32_t>(random_.between(1, (1 << config_.nodes) - 2));
    cut_where([&](Party from, Party to) { return (side >> from & 1U) != (side >> to & 1U); });
  }

  void cut_one_way() {
    cut_where([&](Party, Party) { return random_.chance(300); });
  }

  void cut_to_chain() {
    std::vector<std::int64_t> place;
    for (std::uint32_t n = 0; n < config_.nodes; ++n) {
      place.insert(place.begin() + random_.between(0, n), n);
    }
    cut_where([&](Party from, Party to) { return std::abs(place[from] - place[to]) != 1; });
  }

  void cut_to_hub() {
    const Party hub = World::party(draw_victim());
    cut_where([&](Party from, Party to) { return from != hub && to != hub; });
  }

  // --- The course of a run

  void step() {
    world_.step();
    ++steps_;
  }

  void storm() {
    while (next_ < plan_.size() && plan_[next_].at <= storm_end_) {
      const TimePoint at = plan_[next_].at;
      while (world_.next_at() < at) step();
      world_.pass_until(at);
      const auto act = std::move(plan_[next_++].act);
      act();
    }
    while (world_.next_at() < storm_end_) step();
    world_.pass_until(storm_end_);
  }

  /// No more faults: everything must come right in time.
  void calm() {
    world_.network().heal();
    world_.network().set_faults(calm_faults_);
    for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
      world_.restart({n});
      world_.release({n});
      world_.set_clock({n}, 1'000);
      world_.reconnect({n});
    }
    settle();
    before_probe_ = std::pair(success_, failed_);
    run_for(faults_.delay_max);  // until nothing from the storm is under way any more
    if (random_.chance(500)) {
      probe_return();
    } else {
      probe_cut_off();
    }
    settle();
    monitor_.finish();
    for (std::uint32_t n = 2; n <= config_.nodes; ++n) {
      if (world_.replica({n}).bank().balances() == world_.replica({1}).bank().balances()) continue;
      throw_violation({"exactly once",
                       "at the end " + describe(NodeId{n}) + " and n1 differ",
                       {NodeId{1}, NodeId{n}}});
    }
  }

  void settle() {
    const auto left = static_cast<std::int64_t>(submitted_ - success_ - failed_);
    const Duration time = std::max<Duration>(calm_limit, left * calm_limit_per_request);
    const TimePoint limit = world_.now() + time;
    while (!settled() && world_.next_at() <= limit) step();
    if (!settled()) throw_violation(unsettled(time));
  }

  void run_for(Duration time) {
    const TimePoint until = world_.now() + time;
    while (world_.next_at() <= until) step();
    world_.pass_until(until);
  }

  void submit_one() {
    const AccountId& account = world_config_.replica.bank.accounts.front();
    world_.submit({account.value}, {account, account, {1}});
    ++submitted_;
  }

  /// The node that all others follow, if there is one.
  [[nodiscard]] std::optional<NodeId> undisputed_leader() const {
    const auto leads = leader();
    if (!leads) return std::nullopt;
    const auto ballot = world_.replica(*leads).status().follows;
    for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
      if (world_.replica({n}).status().follows != ballot) return std::nullopt;
    }
    return leads;
  }

  /// A node that leads as far as it knows; nullopt if none does.
  [[nodiscard]] std::optional<NodeId> leader() const {
    for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
      if (world_.up({n}) && world_.replica({n}).status().role == RoleName::leader) return NodeId{n};
    }
    return std::nullopt;
  }

  /// Rule 11: a node that was away for long does not disturb the leader when it comes back, nor
  /// does one that hears nobody, and stands for election again and again, while everybody hears it.
  void probe_return() {
    const NodeId led = *leader();
    const NodeId away{led.value % config_.nodes + 1};
    const bool deaf = random_.chance(500);
    if (deaf) {
      cut_where([&](Party, Party to) { return to == World::party(away); });
    } else {
      world_.disconnect(away);
    }
    submit_one();
    run_for(milliseconds(1'500));
    world_.network().heal();
    world_.reconnect(away);
    run_for(milliseconds(1'500));
    const NodeId leads = leader().value_or(NodeId{});
    if (leads == led) return;
    throw_violation({"stable leader",
                     describe(leads) + " leads instead of " + describe(led) + " after " +
                         describe(away) + " came back",
                     {led, leads, away}});
  }

  /// Rule 12: a leader that hears nobody gives up within a leader timeout, and the rest goes on.
  void probe_cut_off() {
    const NodeId led = *leader();
    const Party lonely = World::party(led);
    cut_where([&](Party from, Party to) { return from == lonely || to == lonely; });
    run_for(world_config_.replica.leader_timeout_max + world_config_.replica.heartbeat * 2);
    if (world_.replica(led).status().role == RoleName::leader) {
      throw_violation({"stepping down", describe(led) + " leads though it hears nobody", {led}});
    }
    submit_one();
    run_for(milliseconds(3'000));
    if (success_ + failed_ < submitted_) {
      throw_violation({"liveness", "the others do not go on without " + describe(led), {led}});
    }
    world_.network().heal();
  }

  [[nodiscard]] bool settled() const {
    if (success_ + failed_ < submitted_ || !undisputed_leader()) return false;
    const SequenceNumber executed = world_.replica({1}).log().executed();
    for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
      const AcceptLog& log = world_.replica({n}).log();
      if (log.executed() != executed || log.committed() != executed) return false;
    }
    return true;
  }

  [[nodiscard]] Violation unsettled(Duration time) const {
    Violation violation{"liveness", "", {}};
    violation.what = std::to_string(success_ + failed_) + " of " + std::to_string(submitted_) +
                     " answered " + std::to_string(time / std::chrono::seconds(1)) +
                     " s after the last fault; executed:";
    for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
      violation.what += " " + describe(NodeId{n}) + " " +
                        std::to_string(world_.replica({n}).log().executed().value);
      violation.nodes.push_back({n});
    }
    return violation;
  }

  void answered(const Answer& answer) {
    ++(answer.result == Result::success ? success_ : failed_);
    monitor_.answered(answer);
  }

  SimulationConfig config_;
  Random random_;
  WorldConfig world_config_;
  Monitor monitor_;
  World world_;
  TimePoint storm_end_;
  std::int64_t intensity_ = 1;  ///< some storms are worse than others
  MessageFaults faults_;
  MessageFaults calm_faults_;
  std::vector<Action> plan_;
  std::size_t next_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t submitted_ = 0;
  std::uint64_t success_ = 0;
  std::uint64_t failed_ = 0;
  /// Both as they were when all that was asked for was answered: a probe's own request is apart.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> before_probe_;
  FaultCounts happened_{};
};

}  // namespace

SimulationResult simulate(const SimulationConfig& config, const TraceSink& trace) {
  PAXBANK_ASSERT(config.clients >= 1 && config.clients <= clients_limit,
                 "clients within the limit");
  const AssertionGuard guard(throw_assertion);
  return Simulation(config, trace).run();
}

}  // namespace paxbank::sim
