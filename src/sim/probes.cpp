#include "paxbank/sim/probes.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank::sim {
namespace {

using std::chrono::milliseconds;

/// Long enough for whoever does not hear a leader to stand for election several times.
Duration long_time(const Run& run) { return run.replica_config().leader_timeout_max * 3; }

/// Rule 11: the same leader in the same ballot as before.
void expect_still(const Run& run, Ballot led, const std::string& after) {
  const Ballot leads = run.led(after);
  if (leads == led) return;
  throw_violation({"stable leader",
                   describe(leads) + " leads instead of " + describe(led) + " " + after,
                   {led.node, leads.node}});
}

void expect_answer(const Run& run, std::string_view rule, const std::string& otherwise) {
  if (!run.all_answered()) throw_violation({rule, otherwise, {}});
}

/// One of each client, and their answers; the logs have time to go.
void round_of_requests(Run& run) {
  for (std::size_t client = 0; client < run.clients(); ++client) run.submit_any(client);
  run.settle();
  run.run_for(run.replica_config().heartbeat * 3);
}

NodeId next_to(const Run& run, NodeId node) { return {node.value % run.config().nodes + 1}; }

/// Takes a node away in one of the two ways in which one can be gone.
void take_away(Run& run, NodeId node) {
  if (run.random().chance(500)) {
    run.world().disconnect(node);
  } else {
    run.world().crash(node, CrashPoint::idle);
  }
}

void bring_back(Run& run, NodeId node) {
  run.world().restart(node);
  run.world().reconnect(node);
}

/// Rule 11: a node that was away for long does not disturb the leader when it comes back, nor does
/// one that hears nobody, and stands for election again and again, while everybody hears it.
void probe_return(Run& run) {
  const Ballot led = run.led("after the storm");
  const NodeId away = next_to(run, led.node);
  Cut cut;
  const bool deaf = run.random().chance(500);
  if (deaf) {
    cut = run.cut_where([&](Party, Party to) { return to == World::party(away); });
  } else {
    take_away(run, away);
  }
  run.submit_any();
  run.run_for(long_time(run));
  run.heal(cut);
  bring_back(run, away);
  run.run_for(long_time(run));
  expect_still(run, led, "after " + describe(away) + " came back");
}

/// Rule 12: a leader that hears nobody gives up within a leader timeout, and the rest goes on.
void probe_cut_off(Run& run) {
  const NodeId led = run.led("after the storm").node;
  const Party lonely = World::party(led);
  const Cut cut =
      run.cut_where([&](Party from, Party to) { return from == lonely || to == lonely; });
  const ReplicaConfig& config = run.replica_config();
  run.run_for(config.leader_timeout_max + config.heartbeat * 2);
  if (run.world().replica(led).status().role == RoleName::leader) {
    throw_violation({"stepping down", describe(led) + " leads though it hears nobody", {led}});
  }
  run.submit_any();
  run.run_for(std::max<Duration>(milliseconds(3'000), config.leader_timeout_max * 5));
  expect_answer(run, "liveness", "the others do not go on without " + describe(led));
  run.heal(cut);
}

/// As many nodes are gone as may be, the leader perhaps among them: the rest goes on, and keeps its
/// leader, also when they come back.
void probe_bare_quorum(Run& run) {
  const std::uint32_t nodes = run.config().nodes;
  std::vector<NodeId> away;
  for (NodeId node = run.draw_node(); away.size() < nodes - quorum_of(nodes);
       node = next_to(run, node)) {
    take_away(run, node);
    away.push_back(node);
  }
  run.settle();
  const Ballot led = run.led("with a bare quorum");
  for (int i = 0; i < 2; ++i) {
    round_of_requests(run);
    run.run_for(long_time(run));
    expect_still(run, led, "with a bare quorum");
  }
  for (const NodeId node : away) bring_back(run, node);
  run.run_for(long_time(run));
  expect_still(run, led, "after a bare quorum");
}

/// A client that reaches one backup only is answered all the same, when it asks again at the
/// latest.
void probe_lonely_client(Run& run) {
  const NodeId backup = next_to(run, run.led("after the storm").node);
  Cut cut;
  const Party client = run.client_party(0);
  for (Party node = 0; node < run.config().nodes; ++node) {
    if (node == World::party(backup)) continue;
    cut.emplace_back(client, node);
    cut.emplace_back(node, client);
  }
  run.cut_links(cut);
  run.submit_any(0);
  run.run_for(milliseconds(1'000));
  expect_answer(run, "liveness", "a client that reaches " + describe(backup) + " only waits");
  run.heal(cut);
}

/// Timers stand still, as at the prompt: what is under way comes to its end, and afterwards all is
/// as it was.
void probe_pause(Run& run) {
  const Ballot led = run.led("after the storm");
  run.submit_any();
  run.world().pause();
  run.settle();  // without timers: nothing may be put off
  run.run_for(long_time(run));
  expect_still(run, led, "while timers stand still");
  run.world().resume();
  run.run_for(long_time(run));
  expect_still(run, led, "after timers stood still");
}

/// The log goes while a node is away: what it will lack then, a checkpoint stands for.
void probe_log_goes(Run& run) {
  const NodeId away = next_to(run, run.led("after the storm").node);
  take_away(run, away);
  run.run_for(run.replica_config().heartbeat * 3);  // no checkpoint of the storm waits any more
  const std::uint64_t interval = run.replica_config().limits.checkpoint_interval;
  for (std::uint64_t sent = 0; sent < 2 * interval; sent += run.clients()) round_of_requests(run);
  for (std::uint32_t n = 1; n <= run.config().nodes; ++n) {
    if (NodeId{n} == away) continue;
    const AcceptLog& log = run.world().replica({n}).log();
    // (What was accepted beyond that and never chosen stays until something else is chosen there.)
    const std::uint64_t length = log.executed().value - log.base().value;
    if (length <= interval + 2 * run.clients()) continue;
    throw_violation({"bounds",
                     describe(NodeId{n}) + " keeps " + std::to_string(length) +
                         " executed slots while " + describe(away) +
                         " is away, with a checkpoint each " + std::to_string(interval),
                     {NodeId{n}, away}});
  }
  bring_back(run, away);
}

/// What a request costs when nothing is lost: REQUEST and REPLY, and to and from each backup an
/// ACCEPT, an ACCEPTED, a COMMIT, and a HEARTBEAT if it says so often how far it is. Besides,
/// HEARTBEATs go to and fro; those that answer one from before count as well.
void probe_cost(Run& run) {
  constexpr std::uint64_t requests = 20;
  const std::uint64_t backups = run.config().nodes - 1;
  run.submit_any();  // its client knows the leader now
  run.settle();
  const TimePoint from = run.world().now();
  const std::uint64_t before = run.world().network().counts().sent;
  for (std::uint64_t i = 0; i < requests; ++i) {
    run.submit_any();
    run.settle();
  }
  const std::uint64_t sent = run.world().network().counts().sent - before;
  const auto heartbeats =
      static_cast<std::uint64_t>((run.world().now() - from) / run.replica_config().heartbeat + 1);
  const std::uint64_t limit = requests * (2 + 4 * backups) + heartbeats * 2 * backups + backups;
  if (sent <= limit) return;
  throw_violation({"bounds",
                   std::to_string(requests) + " requests one after the other took " +
                       std::to_string(sent) + " messages, more than " + std::to_string(limit),
                   {}});
}

/// Rule 16: what goes unanswered is sent again ever less often. Either no ACCEPTED reaches the
/// leader, so that its ACCEPTs stay open; or nothing that is chosen reaches one node.
void probe_resends(Run& run) {
  const NodeId led = run.led("after the storm").node;
  const NodeId silent = next_to(run, led);
  const bool accepts = run.random().chance(500);
  std::vector<TimePoint> sent;
  run.world().lose([&, accepts](Party from, Party to, const Message& message) {
    if (accepts) {
      const bool again = std::holds_alternative<Accept>(message) && to == World::party(silent);
      if (again) sent.push_back(run.world().now());
      return std::holds_alternative<Accepted>(message);
    }
    if (to != World::party(silent) || from != World::party(led)) return false;
    if (std::holds_alternative<Commit>(message)) sent.push_back(run.world().now());
    return std::holds_alternative<Commit>(message) || std::holds_alternative<Checkpoint>(message);
  });
  run.submit_any();
  run.run_for(run.replica_config().resend_max() * 4);
  run.world().lose({});
  // Twice as long each time, up to ten times the first: six in the time of four of the longest,
  // and room for one more.
  constexpr std::size_t enough = 9;
  if (sent.size() <= enough) return;
  throw_violation({"bounds",
                   describe(led) + " sends " + describe(silent) + " the same " +
                       (accepts ? "ACCEPT " : "COMMIT ") + std::to_string(sent.size()) +
                       " times within four of the longest waits",
                   {led, silent}});
}

}  // namespace

void probe(Run& run) {
  using Probe = void (*)(Run&);
  constexpr Probe probes[] = {probe_return, probe_cut_off,  probe_bare_quorum, probe_lonely_client,
                              probe_pause,  probe_log_goes, probe_cost,        probe_resends};
  probes[run.random().between(0, std::ssize(probes) - 1)](run);
}

}  // namespace paxbank::sim
