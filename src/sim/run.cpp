#include "paxbank/sim/run.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank::sim {

using std::chrono::milliseconds;

void throw_violation(Violation violation) { throw ViolationFound{std::move(violation)}; }

Run::Run(const SimulationConfig& config, const TraceSink& trace)
    : config_(config),
      watchdog_(config.step_limit, config.stuck
                                       ? OnStuck([stuck = config.stuck, seed = config.seed](
                                                     std::uint64_t step) { stuck(seed, step); })
                                       : OnStuck()),
      random_(config.seed),
      world_config_(draw_world()),
      monitor_(world_config_.replica, throw_violation),
      world_(world_config_) {
  world_.observe(
      {[this](NodeId node, const Replica& replica, const Message& message, TimePoint now) {
         monitor_.receiving(node, replica, message, now);
       },
       [this](NodeId node, const Replica& replica, const Output& output) {
         monitor_.stepped(node, replica, output);
       },
       [this](NodeId node, const Acceptor& acceptor, const Persist& persist) {
         monitor_.persisted(node, acceptor, persist);
       },
       [this](NodeId node, const Acceptor& durable, const Envelope& envelope) {
         monitor_.sending(node, durable, envelope);
       },
       [this](NodeId node) { monitor_.flushed(node); },
       [this](const Request& request) { monitor_.invoked(request.client, request.timestamp); },
       [this](const Answer& answer) {
         ++(answer.result == Result::success ? success_ : failed_);
         monitor_.answered(answer);
       },
       [this](NodeId node, const Replica& replica) { monitor_.restarted(node, replica); }});
  if (trace) world_.trace(trace);
}

/// Small limits, so that their edges are met, and timeouts of all kinds.
WorldConfig Run::draw_world() {
  WorldConfig world;
  world.seed = random_.next();
  ReplicaConfig& replica = world.replica;
  replica.nodes = config_.nodes;
  replica.bank = bank_of(config_.clients);
  replica.commit_delay = milliseconds(random_.between(0, 3));
  replica.heartbeat = milliseconds(random_.between(20, 60));
  replica.leader_timeout_min = replica.heartbeat * random_.between(4, 8);
  replica.leader_timeout_max = replica.leader_timeout_min * random_.between(15, 25) / 10;
  world.client_timeout = milliseconds(random_.between(40, 400));
  // Every now and then one that takes no time, as a page cache does.
  if (!random_.chance(250)) {
    world.disk.fastest = Duration(random_.between(20, 500));
    world.disk.slowest = world.disk.fastest + Duration(random_.between(0, 3'000));
  }
  const auto draw = [this](std::int64_t low, std::int64_t high) {
    return static_cast<std::uint64_t>(random_.between(low, high));
  };
  Limits& limits = replica.limits;
  limits.proposals_in_flight = draw(1, 32);
  limits.slots_ahead = limits.proposals_in_flight + draw(0, 64);
  limits.entries_per_message = draw(1, 16);
  limits.entries_unstored = draw(4, 200);
  limits.accepts_per_message = draw(1, 16);
  limits.catch_up_window = draw(1, 64);
  limits.commits_per_message = draw(1, 16);
  limits.commits_per_answer = draw(1, 32);
  limits.accepts_resent = draw(1, 16);
  limits.checkpoint_interval = draw(4, 100);
  if (random_.chance(100)) replica.bank.clients_limit = draw(1, config_.clients);
  if (random_.chance(300)) limits.pending_requests = draw(config_.clients / 2 + 1, config_.clients);
  return world;
}

// --- Time

void Run::step() {
  watchdog_.step();
  world_.step();
  ++steps_;
}

void Run::run_until(TimePoint at) {
  while (world_.next_at() < at) step();
  world_.pass_until(at);
}

void Run::settle() {
  const auto left = static_cast<std::int64_t>(submitted_ - success_ - failed_);
  const Duration time = std::max<Duration>(calm_limit, left * calm_limit_per_request);
  const TimePoint limit = world_.now() + time;
  while (!settled() && world_.next_at() <= limit) step();
  if (!settled()) throw_violation(unsettled(time));
}

/// A request of a client for whom the bank has no room may be still on its way, a copy of one that
/// was answered: it takes a slot as any other. So nobody may hold anything either.
bool Run::settled() const { return all_answered() && executed_everywhere() && !left_over(); }

bool Run::executed_everywhere() const {
  const auto led = undisputed();
  if (!led) return false;
  const SequenceNumber executed = world_.replica(led->node).log().executed();
  for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
    if (!world_.takes_part({n})) continue;
    const AcceptLog& log = world_.replica({n}).log();
    if (log.executed() != executed || log.committed() != executed) return false;
    if (world_.storing({n})) return false;  // and then says so
  }
  return true;
}

Violation Run::unsettled(Duration time) const {
  if (all_answered() && executed_everywhere()) return *left_over();
  Violation violation{"liveness", "", {}};
  violation.what = std::to_string(success_ + failed_) + " of " + std::to_string(submitted_) +
                   " answered " + std::to_string(time / std::chrono::seconds(1)) +
                   " s after the last fault; executed:";
  for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
    if (!world_.takes_part({n})) continue;
    violation.what += " " + describe(NodeId{n}) + " " +
                      std::to_string(world_.replica({n}).log().executed().value);
    violation.nodes.push_back({n});
  }
  return violation;
}

/// When all is answered and executed everywhere, nobody has anything left to do; except that
/// whoever has no room for a client may keep a late copy of a request, which it sent on and which
/// was lost.
std::optional<Violation> Run::left_over() const {
  for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
    if (!world_.takes_part({n})) continue;
    const ReplicaStatus status = world_.replica({n}).status();
    const bool nothing_waits = status.pending == 0 || world_.replica({n}).state_machine().full();
    if (nothing_waits && status.in_flight == 0) continue;
    return Violation{"bounds",
                     describe(NodeId{n}) + " holds " + std::to_string(status.pending) +
                         " requests, " + std::to_string(status.in_flight) +
                         " slots in flight, though all is executed",
                     {NodeId{n}}};
  }
  return std::nullopt;
}

// --- Requests

void Run::submit(const Transaction& transaction) {
  world_.submit({transaction.from.value}, transaction);
  ++submitted_;
}

void Run::restart_client(std::size_t client) {
  const auto forgotten = world_.restart_client({replica_config().bank.accounts[client].value});
  submitted_ -= forgotten.size();
  monitor_.forgotten(forgotten);
}

void Run::submit_any(std::size_t client) {
  const AccountId& account = replica_config().bank.accounts[client];
  submit({account, account, {1}});
}

// --- Nodes

std::optional<NodeId> Run::leader() const {
  std::optional<Ballot> highest;
  for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
    if (!world_.up({n})) continue;
    const ReplicaStatus status = world_.replica({n}).status();
    if (status.role == RoleName::leader) highest = std::max(highest, status.follows);
  }
  return highest ? std::optional(highest->node) : std::nullopt;
}

std::optional<Ballot> Run::undisputed() const {
  std::optional<Ballot> led;
  bool owner_leads = false;
  for (std::uint32_t n = 1; n <= config_.nodes; ++n) {
    if (!world_.takes_part({n})) continue;
    const ReplicaStatus status = world_.replica({n}).status();
    if (!led) led = status.follows;
    if (!led || status.follows != led || status.promised != led) return std::nullopt;
    owner_leads = owner_leads || (led->node == NodeId{n} && status.role == RoleName::leader);
  }
  return owner_leads ? led : std::nullopt;
}

Ballot Run::led(std::string_view when) const {
  if (const auto ballot = undisputed()) return *ballot;
  throw_violation({"stable leader", "not all follow one leader " + std::string(when), {}});
}

// --- Cuts

Cut Run::cut_links(Cut cut) {
  world_.cut(cut);
  return cut;
}

}  // namespace paxbank::sim
