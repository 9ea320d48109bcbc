#include "paxbank/scenario/observe.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace paxbank::scenario {

std::optional<LeaderInfo> leader_of(const std::vector<NodeState>& states, std::uint32_t nodes) {
  std::optional<LeaderInfo> leader;
  for (std::uint32_t n = 1; n <= nodes; ++n) {
    const NodeState& owner = states[n];
    if (!owner.live() || owner.status.role != RoleName::leader) continue;
    const Ballot ballot = *owner.status.follows;
    const auto followers = std::count_if(states.begin() + 1, states.end(), [&](const NodeState& s) {
      return s.live() && s.status.follows == ballot;
    });
    if (followers < quorum_of(nodes)) continue;
    if (!leader || ballot > leader->ballot) leader = LeaderInfo{{n}, ballot};
  }
  return leader;
}

std::vector<LeaderInfo> believers_of(const std::vector<NodeState>& states, std::uint32_t nodes) {
  const auto leader = leader_of(states, nodes);
  std::vector<LeaderInfo> believers;
  for (std::uint32_t n = 1; n <= nodes; ++n) {
    if (!states[n].known() || states[n].status.role != RoleName::leader) continue;
    if (leader && leader->node == NodeId{n}) continue;
    believers.push_back({{n}, *states[n].status.follows});
  }
  return believers;
}

namespace {

/// A node's part in the audit, as it was at one moment.
struct Cut {
  Snapshot snapshot;
  std::optional<Checkpoint> checkpoint;  ///< for what is gone of its log
  std::vector<LogLine> lines;            ///< what was executed since is only committed here
};

/// The moment of a node's cut.
struct Moment {
  Snapshot snapshot;
  SequenceNumber last;  ///< of its log
};

std::optional<Moment> moment_of(Cluster& cluster, NodeId node) {
  auto snapshot = cluster.snapshot(node);
  if (!snapshot) return std::nullopt;
  return Moment{std::move(*snapshot), cluster.states()[node.value].status.last};
}

/// Nullopt if the node does not answer, or has let go of its log while it was being read.
std::optional<Cut> try_cut(Cluster& cluster, NodeId node, const Moment& moment) {
  Cut cut{moment.snapshot, std::nullopt, {}};
  SequenceNumber read;  // up to here
  if (cut.snapshot.base.value > 0) {
    cut.checkpoint = cluster.checkpoint(node);
    if (!cut.checkpoint) return std::nullopt;
    read = cut.checkpoint->sequence;
  }
  const SequenceNumber executed = cut.snapshot.executed;
  if (read > executed) return std::nullopt;
  while (read < std::max(executed, moment.last)) {
    const auto page = cluster.log(node, read.next());
    if (!page) return std::nullopt;
    const bool whole = !page->empty() && page->front().sequence == read.next();
    if (read < executed && !whole) return std::nullopt;
    if (page->empty()) break;
    cut.lines.insert(cut.lines.end(), page->begin(), page->end());
    read = page->back().sequence;
  }
  for (LogLine& line : cut.lines) {
    const bool later = line.sequence > executed && line.entry.status == Status::executed;
    if (later) line.entry.status = Status::committed;
  }
  return cut;
}

/// As often as it takes: the log may move on meanwhile, by a checkpoint at a time.
std::optional<Cut> cut_of(Cluster& cluster, NodeId node, std::optional<Moment> moment) {
  constexpr int tries = 100;
  for (int i = 0; i < tries && moment; ++i) {
    if (auto cut = try_cut(cluster, node, *moment)) return cut;
    cluster.refresh();
    moment = moment_of(cluster, node);
  }
  return std::nullopt;
}

}  // namespace

AuditReport audit(Cluster& cluster, std::uint32_t nodes, const BankConfig& bank) {
  Audit audit(bank);
  cluster.refresh();
  // First of all nodes: while one log is read, others may grow faster than they can be read.
  std::vector<std::optional<Moment>> moments(1);
  for (std::uint32_t n = 1; n <= nodes; ++n) moments.push_back(moment_of(cluster, {n}));
  std::vector<std::string> unread;
  std::map<NodeId, std::string> unseen;
  for (std::uint32_t n = 1; n <= nodes; ++n) {
    const auto cut = cut_of(cluster, {n}, std::move(moments[n]));
    if (cut) {
      if (cut->checkpoint) audit.checkpoint(*cut->checkpoint);
      for (const LogLine& line : cut->lines) audit.entry({n}, line.sequence, line.entry);
      audit.balances({n}, cut->snapshot.balances);
    } else if (const NodeState& state = cluster.states()[n]; state.known()) {
      unread.push_back(describe(NodeId{n}) + "'s log moves faster than it can be read");
    } else {
      unseen[{n}] = state.alive ? "does not answer" : "dead";
    }
  }
  AuditReport report = audit.report();
  report.findings.insert(report.findings.end(), unread.begin(), unread.end());
  report.unseen = std::move(unseen);
  return report;
}

}  // namespace paxbank::scenario
