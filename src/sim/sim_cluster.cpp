#include "paxbank/sim/sim_cluster.hpp"

#include <algorithm>
#include <utility>

namespace paxbank::sim {

SimCluster::SimCluster(const WorldConfig& config)
    : world_(config), states_(config.replica.nodes + 1) {
  for (const AccountId& account : config.replica.bank.accounts) clients_.push_back({account.value});
  for (std::uint32_t n = 1; n <= world_.nodes(); ++n) connected_.insert({n});
  SimCluster::refresh();
}

void SimCluster::refresh() {
  for (std::uint32_t n = 1; n <= world_.nodes(); ++n) {
    states_[n].alive = world_.up({n});
    if (states_[n].alive) states_[n].status = world_.replica({n}).status();
  }
}

void SimCluster::set_connected(NodeSet connected) {
  connected_ = connected;
  for (std::uint32_t n = 1; n <= world_.nodes(); ++n) {
    if (connected.contains({n})) {
      world_.reconnect({n});
    } else {
      world_.disconnect({n});
    }
  }
  refresh();
}

template <class Visit>
void SimCluster::for_each_node(NodeSet nodes, Visit visit) {
  for (std::uint32_t n = 1; n <= world_.nodes(); ++n) {
    if (nodes.contains({n})) visit(NodeId{n});
  }
  refresh();
}

void SimCluster::kill(NodeSet nodes) {
  for_each_node(nodes, [this](NodeId node) { world_.crash(node, CrashPoint::idle); });
}

std::map<NodeId, std::string> SimCluster::restart(NodeSet nodes) {
  for_each_node(nodes, [this](NodeId node) {
    world_.restart(node);
    if (!connected_.contains(node)) world_.disconnect(node);
  });
  return {};
}

std::string SimCluster::restart_clients() {
  if (!std::exchange(clients_live_, true)) {
    for (const ClientId& client : clients_) world_.restart_client(client);
  }
  return "";
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
  if (!clients_live_) return timestamps;
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
  if (!world_.up(node)) return std::nullopt;
  const Replica& replica = world_.replica(node);
  return Snapshot{replica.log().base(), replica.log().executed(), replica.bank().balances()};
}

std::optional<Checkpoint> SimCluster::checkpoint(NodeId node) {
  if (!world_.up(node)) return std::nullopt;
  return world_.replica(node).acceptor().checkpoint().to_checkpoint(node);
}

std::optional<std::vector<LogLine>> SimCluster::log(NodeId node, SequenceNumber from) {
  if (!world_.up(node)) return std::nullopt;
  const AcceptLog& log = world_.replica(node).log();
  std::vector<LogLine> lines;
  for (SequenceNumber s = std::max(from, log.base().next()); s <= log.last(); s = s.next()) {
    if (const LogEntry* entry = log.find(s)) lines.push_back({s, *entry});
  }
  return lines;
}

std::optional<MessageHistory> SimCluster::messages(NodeId node) {
  if (!world_.up(node)) return std::nullopt;
  const Journal& journal = world_.journal(node);
  return MessageHistory{{journal.entries().begin(), journal.entries().end()},
                        journal.heartbeats_left_out(),
                        journal.forgotten()};
}

std::optional<std::vector<View>> SimCluster::views(NodeId node) {
  if (!world_.up(node)) return std::nullopt;
  const auto& views = world_.journal(node).views();
  return std::vector<View>{views.begin(), views.end()};
}

}  // namespace paxbank::sim
