#include "paxbank/scenario/observe.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>
#include <string>
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

namespace {

/// A node's part in the audit, as it was at one moment.
struct Cut {
  Snapshot snapshot;
  std::optional<Checkpoint> checkpoint;  ///< for what is gone of its log
  std::vector<LogLine> lines;            ///< what was executed since is only committed here
};

/// Nullopt if the node does not answer, or has let go of its log while it was being read.
std::optional<Cut> try_cut(Cluster& cluster, NodeId node) {
  auto snapshot = cluster.snapshot(node);
  if (!snapshot) return std::nullopt;
  Cut cut{std::move(*snapshot), std::nullopt, {}};
  SequenceNumber read;  // up to here
  if (cut.snapshot.base.value > 0) {
    cut.checkpoint = cluster.checkpoint(node);
    if (!cut.checkpoint) return std::nullopt;
    read = cut.checkpoint->sequence;
  }
  const SequenceNumber executed = cut.snapshot.executed;
  if (read > executed) return std::nullopt;
  // As it is now: others may send faster than a log is read.
  const SequenceNumber until = std::max(executed, cluster.states()[node.value].status.last);
  while (read < until) {
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

}  // namespace

AuditReport audit(Cluster& cluster, std::uint32_t nodes, const BankConfig& bank) {
  constexpr int tries = 100;
  Audit audit(bank);
  std::vector<std::string> unread;
  cluster.refresh();
  for (std::uint32_t n = 1; n <= nodes; ++n) {
    std::optional<Cut> cut;
    for (int i = 0; i < tries && !cut && cluster.states()[n].known(); ++i) {
      cut = try_cut(cluster, {n});
      cluster.refresh();
    }
    if (cut) {
      if (cut->checkpoint) audit.checkpoint(*cut->checkpoint);
      for (const LogLine& line : cut->lines) audit.entry({n}, line.sequence, line.entry);
      audit.balances({n}, cut->snapshot.balances);
    } else if (cluster.states()[n].known()) {
      unread.push_back(describe(NodeId{n}) + "'s log moves faster than it can be read");
    }
  }
  AuditReport report = audit.report();
  report.findings.insert(report.findings.end(), unread.begin(), unread.end());
  return report;
}

}  // namespace paxbank::scenario
