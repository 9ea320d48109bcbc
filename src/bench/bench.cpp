#include "paxbank/bench/bench.hpp"

#include "paxbank/bench/floor.hpp"
#include "paxbank/cluster/tcp_cluster.hpp"
#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/core/random.hpp"
#include "paxbank/scenario/observe.hpp"
#include "paxbank/scenario/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace paxbank::bench {
namespace {

using cluster::LoadResult;
using cluster::TcpCluster;

constexpr std::chrono::seconds settle_limit{30};
constexpr std::chrono::seconds failover_limit{10};
constexpr int rounds = 2;  ///< in which floor and cluster take turns

double seconds_of(const LoadResult& load) {
  return static_cast<double>(load.duration.count()) / 1e6;
}

Figures figures(const LoadResult& load) {
  const auto quantile_us = [&](double q) {
    return static_cast<double>(load.latency_ns.quantile(q)) / 1'000;
  };
  return {static_cast<double>(load.answered) / seconds_of(load), quantile_us(0.5),
          quantile_us(0.99), quantile_us(0.999)};
}

/// Both rounds together.
void add(LoadResult& sum, const LoadResult& round) {
  sum.duration += round.duration;
  sum.answered += round.answered;
  sum.latency_ns.add(round.latency_ns);
}

/// The trace, if one is wanted: begins with its head, and is in order when the processes are gone.
class Trace {
 public:
  explicit Trace(const cluster::Settings& settings) : file_(settings.trace) {
    if (file_.empty()) return;
    const std::string wrong = cluster::begin_trace(settings);
    if (!wrong.empty()) throw cluster::StartError("--trace: " + wrong);
  }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace() {
    // Lines that stay out of order are put in order by whoever reads them.
    if (!file_.empty()) (void)cluster::put_in_order(file_);
  }

 private:
  std::filesystem::path file_;
};

/// A running cluster with an account for each client, and what its clients have had answered.
class Bed {
 public:
  Bed(cluster::Settings settings, std::uint32_t clients)
      : settings_(prepared(std::move(settings), clients)),
        trace_(settings_),
        cluster_(io_, settings_),
        success_(settings_.bank.accounts.size()) {
    await_leader();
  }

  TcpCluster& cluster() { return cluster_; }

  std::optional<scenario::LeaderInfo> leader() {
    cluster_.refresh();
    return scenario::leader_of(cluster_.states(), settings_.nodes);
  }

  /// The furthest point that any node has reported.
  [[nodiscard]] SequenceNumber committed() const {
    SequenceNumber furthest;
    for (const NodeState& state : cluster_.states()) {
      furthest = std::max(furthest, state.status.committed);
    }
    return furthest;
  }

  bool await_leader() {
    return cluster_.wait(settle_limit, [&] {
      return scenario::leader_of(cluster_.states(), settings_.nodes).has_value();
    });
  }

  void reconnect_all() {
    NodeSet all;
    for (std::uint32_t n = 1; n <= settings_.nodes; ++n) all.insert({n});
    cluster_.set_connected(all);
    await_leader();
  }

  /// Notes what has been answered. If that is not known, why is a finding.
  std::optional<LoadResult> note(const cluster::LoadOutcome& outcome,
                                 std::vector<std::string>& findings) {
    if (const auto* why = std::get_if<std::string>(&outcome)) {
      findings.push_back(*why);
      return std::nullopt;
    }
    const auto& load = std::get<LoadResult>(outcome);
    for (std::size_t i = 0; i < success_.size(); ++i) success_[i] += load.success[i];
    return load;
  }

  /// Waits until all nodes are equal, and looks for what is wrong. Returns how many transfers are
  /// lost or were done twice, as far as balances tell.
  std::uint64_t check(std::vector<std::string>& findings) {
    if (!settle()) findings.emplace_back("the nodes are not equal 30 s after the load");
    cluster_.pause();
    const AuditReport audit = scenario::audit(cluster_, settings_.nodes, settings_.bank);
    findings.insert(findings.end(), audit.findings.begin(), audit.findings.end());
    const std::uint64_t wrong = compare_balances(findings);
    for (const ProcessNews& news : cluster_.take_news()) {
      findings.push_back(scenario::describe(news));
    }
    cluster_.resume();
    return wrong;
  }

 private:
  static cluster::Settings prepared(cluster::Settings settings, std::uint32_t clients) {
    settings.base_port = 0;
    settings.bank = bank_of(std::max(clients, 2U));
    return settings;
  }

  bool settle() {
    const auto equal = [&] {
      const auto leads = scenario::leader_of(cluster_.states(), settings_.nodes);
      if (!leads) return false;
      const SequenceNumber committed = cluster_.states()[leads->node.value].status.committed;
      for (std::uint32_t n = 1; n <= settings_.nodes; ++n) {
        if (cluster_.states()[n].status.executed != committed) return false;
      }
      return true;
    };
    do {
      if (!cluster_.wait(settle_limit, equal)) return false;
      cluster_.refresh();
    } while (!equal());
    return true;
  }

  /// Each client's answered transfers have moved 1 each from its account to the next one's.
  std::uint64_t compare_balances(std::vector<std::string>& findings) {
    const auto& accounts = settings_.bank.accounts;
    std::uint64_t worst = 0;
    for (std::uint32_t n = 1; n <= settings_.nodes; ++n) {
      const auto snapshot = cluster_.snapshot({n});
      if (!snapshot) continue;
      std::uint64_t wrong = 0;
      for (std::size_t i = 0; i < accounts.size(); ++i) {
        const std::size_t payer = (i + accounts.size() - 1) % accounts.size();
        const std::int64_t expected = settings_.bank.initial_balance.value +
                                      static_cast<std::int64_t>(success_[payer]) -
                                      static_cast<std::int64_t>(success_[i]);
        wrong += static_cast<std::uint64_t>(
            std::abs(snapshot->balances.at(accounts[i]).value - expected));
      }
      if (wrong == 0) continue;
      findings.push_back(describe(NodeId{n}) +
                         "'s balances are not those of the answered transfers");
      worst = std::max(worst, wrong);
    }
    return worst;
  }

  cluster::Settings settings_;
  Trace trace_;
  asio::io_context io_{1};
  TcpCluster cluster_;
  std::vector<std::uint64_t> success_;
};

/// CPU seconds between two readings for a million of `transfers`, by process.
std::vector<std::pair<std::string, double>> cost(const std::vector<cluster::ProcessUsage>& before,
                                                 const std::vector<cluster::ProcessUsage>& after,
                                                 std::uint64_t transfers) {
  std::vector<std::pair<std::string, double>> costs;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    const double seconds = after[i].cpu_seconds - before[i].cpu_seconds;
    costs.emplace_back(after[i].name, seconds * 1e6 / static_cast<double>(transfers));
  }
  return costs;
}

WindowResult run_window(Bed& bed, Floor& floor, std::uint32_t window,
                        std::chrono::milliseconds duration) {
  WindowResult result;
  result.window = window;
  LoadResult load;
  LoadResult bare;
  std::vector<double> floor_turns;
  const auto before = bed.cluster().usage();
  for (int round = 0; round < rounds; ++round) {
    bed.cluster().pause();
    const auto floor_round = floor.run(window, Duration(duration) / rounds);
    bed.cluster().resume();
    if (!floor_round) {
      result.findings.emplace_back("a process of the floor is gone or does not answer");
      return result;
    }
    bed.await_leader();
    const auto round_load =
        bed.note(bed.cluster().load({window, Duration(duration) / rounds, 0}), result.findings);
    if (!round_load) return result;
    floor_turns.push_back(static_cast<double>(floor_round->answered) / seconds_of(*floor_round));
    add(bare, *floor_round);
    add(load, *round_load);
  }
  result.cpu_seconds = cost(before, bed.cluster().usage(), load.answered);
  result.floor = figures(bare);
  result.paxbank = figures(load);
  result.measured = true;
  result.ratio = result.paxbank.per_second / result.floor.per_second;
  result.disturbed = disturbance(result.ratio, floor_turns);
  bed.check(result.findings);
  return result;
}

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1'000; }

/// Brings a node back under load, and notes how long it takes it to have executed what was
/// committed when it was started.
void bring_back(Bed& bed, NodeId node, KillsResult& result) {
  TcpCluster& cluster = bed.cluster();
  cluster.refresh();
  const SequenceNumber goal = bed.committed();
  const TimePoint start = cluster::real_now();
  NodeSet dead;
  dead.insert(node);
  for (const auto& [failed, why] : cluster.restart(dead)) {
    result.findings.push_back(describe(failed) + " does not come back: " + why);
    return;
  }
  const bool back = cluster.wait(
      settle_limit, [&] { return cluster.states()[node.value].status.executed >= goal; });
  if (back) {
    result.back_ms.push_back(milliseconds(cluster::real_now() - start));
  } else {
    result.findings.push_back(describe(node) + " has not caught up 30 s after its start");
  }
}

/// Ends a node's process under load; if it leads, notes when the next leader answers.
void kill(Bed& bed, const scenario::LeaderInfo& leads, NodeId node, KillsResult& result) {
  TcpCluster& cluster = bed.cluster();
  NodeSet doomed;
  doomed.insert(node);
  if (node != leads.node) {
    cluster.kill(doomed);
    return;
  }
  const auto time =
      cluster.time_failover(leads.ballot, failover_limit, [&] { cluster.kill(doomed); });
  if (time) {
    result.answer_ms.push_back(milliseconds(*time));
  } else {
    result.findings.push_back(describe(node) + " was killed: no answer within 10 s");
  }
}

}  // namespace

std::string disturbance(double ratio, const std::vector<double>& floor_turns) {
  constexpr double steady = 2;
  if (ratio > 1) return "the cluster was faster than the floor, which does less";
  const auto [slowest, fastest] = std::minmax_element(floor_turns.begin(), floor_turns.end());
  if (slowest == fastest || *fastest <= steady * *slowest) return "";
  return "its turns made " + std::to_string(std::llround(*slowest)) + " and " +
         std::to_string(std::llround(*fastest)) + " a second";
}

void run_windows(cluster::Settings settings, const WindowsConfig& config,
                 const std::function<void(const WindowResult&)>& done) {
  Floor floor(settings.nodes, config.line_size, settings.storage);
  Bed bed(std::move(settings), *std::max_element(config.windows.begin(), config.windows.end()));
  for (const std::uint32_t window : config.windows) {
    const WindowResult result = run_window(bed, floor, window, config.duration);
    done(result);
    if (!result.measured) return;
  }
}

GrowthResult run_growth(cluster::Settings settings, std::uint32_t window, std::uint64_t transfers) {
  Bed bed(std::move(settings), window);
  GrowthResult result;
  result.window = window;
  result.transfers = transfers;
  const auto load = bed.note(bed.cluster().load({window, Duration{}, transfers}), result.findings);
  if (!load) return result;
  result.per_second = static_cast<double>(load->answered) / seconds_of(*load);
  for (const Duration tenth : load->tenths) {
    result.tenths.push_back(static_cast<double>(transfers) / 10 * 1e6 /
                            static_cast<double>(tenth.count()));
  }
  if (!result.tenths.empty()) result.last_to_first = result.tenths.back() / result.tenths.front();
  bed.check(result.findings);
  for (const auto& process : bed.cluster().usage()) {
    result.memory_mib = std::max(result.memory_mib, process.memory_mib);
  }
  return result;
}

FailoverResult run_failover(cluster::Settings settings, std::uint32_t window, std::uint32_t tries) {
  Bed bed(std::move(settings), window);
  FailoverResult result;
  result.tries = tries;
  for (std::uint32_t i = 0; i < tries; ++i) {
    bed.cluster().begin_load({window, std::chrono::hours(1), 0});
    const auto leads = bed.leader();
    const auto time = leads
                          ? bed.cluster().time_failover(leads->ballot, failover_limit,
                                                        [&] { bed.cluster().cut_off(leads->node); })
                          : std::nullopt;
    if (time) {
      result.times_ms.push_back(static_cast<double>(time->count()) / 1'000);
    } else {
      result.findings.push_back("try " + std::to_string(i + 1) + ": no answer within 10 s");
    }
    bed.reconnect_all();
    if (!bed.note(bed.cluster().stop_load(), result.findings)) return result;
  }
  std::sort(result.times_ms.begin(), result.times_ms.end());
  if (!result.times_ms.empty()) {
    result.p50_ms = result.times_ms[result.times_ms.size() / 2];
    result.max_ms = result.times_ms.back();
  }
  result.lost = bed.check(result.findings);
  return result;
}

KillsResult run_kills(cluster::Settings settings, std::uint32_t window, std::uint32_t kills) {
  const std::uint32_t nodes = settings.nodes;
  Random random(settings.seed);
  Bed bed(std::move(settings), window);
  KillsResult result;
  for (; result.kills < kills; ++result.kills) {
    bed.cluster().begin_load({window, std::chrono::hours(1), 0});
    bed.await_leader();
    const auto leads = bed.leader();
    if (!leads) {
      result.findings.emplace_back("nobody leads");
      return result;
    }
    const NodeId any{static_cast<std::uint32_t>(random.between(1, nodes))};
    const NodeId victim = result.kills % 2 == 0 ? leads->node : any;
    kill(bed, *leads, victim, result);
    bring_back(bed, victim, result);
    if (!bed.note(bed.cluster().stop_load(), result.findings)) return result;
  }
  std::sort(result.answer_ms.begin(), result.answer_ms.end());
  std::sort(result.back_ms.begin(), result.back_ms.end());
  result.lost = bed.check(result.findings);
  return result;
}

}  // namespace paxbank::bench
