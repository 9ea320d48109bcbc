#include "paxbank/sim/sim_cluster.hpp"

#include <algorithm>

namespace paxbank::sim {

SimCluster::SimCluster(const WorldConfig& config)
    : world_(config), states_(config.replica.nodes + 1) {
  SimCluster::refresh();
}

void SimCluster::refresh() {
  for (std::uint32_t n = 1; n <= world_.nodes(); ++n) {
    states_[n].status = world_.replica({n}).status();
  }
}

void SimCluster::set_connected(NodeSet connected) {
  for (std::uint32_t n = 1; n <= world_.nodes(); ++n) {
    if (connected.contains({n})) {
      world_.reconnect({n});
    } else {
      world_.disconnect({n});
    }
  }
  refresh();
}

void SimCluster::pause() {
  world_.pause();
  refresh();
}

void SimCluster::resume() {
  world_.resume();
  refresh();
}

std::vector<std::optional<Timestamp>> SimCluster::submit(
    const std::vector<Submission>& submissions) {
  std::vector<std::optional<Timestamp>> timestamps;
  timestamps.reserve(submissions.size());
  for (const Submission& submission : submissions) {
    timestamps.push_back(world_.submit(submission.client, submission.transaction));
  }
  return timestamps;
}

bool SimCluster::wait(Duration limit, const std::function<bool()>& condition) {
  const TimePoint deadline = world_.now() + limit;
  while (!condition()) {
    if (world_.next_at() > deadline) {
      world_.pass_until(deadline);
      return false;
    }
    world_.step();
    refresh();
  }
  return true;
}

std::optional<Snapshot> SimCluster::snapshot(NodeId node) {
  const Replica& replica = world_.replica(node);
  return Snapshot{replica.log().base(), replica.log().executed(), replica.bank().balances()};
}

std::optional<Checkpoint> SimCluster::checkpoint(NodeId node) {
  return world_.replica(node).acceptor().checkpoint().to_checkpoint(node);
}

std::optional<std::vector<LogLine>> SimCluster::log(NodeId node, SequenceNumber from) {
  const AcceptLog& log = world_.replica(node).log();
  std::vector<LogLine> lines;
  for (SequenceNumber s = std::max(from, log.base().next()); s <= log.last(); s = s.next()) {
    if (const LogEntry* entry = log.find(s)) lines.push_back({s, *entry});
  }
  return lines;
}

std::optional<MessageHistory> SimCluster::messages(NodeId node) {
  const Journal& journal = world_.journal(node);
  return MessageHistory{{journal.entries().begin(), journal.entries().end()},
                        journal.heartbeats_left_out(),
                        journal.forgotten()};
}

std::optional<std::vector<View>> SimCluster::views(NodeId node) {
  const auto& views = world_.journal(node).views();
  return std::vector<View>{views.begin(), views.end()};
}

}  // namespace paxbank::sim
