#include "paxbank/scenario/observe.hpp"

#include <algorithm>

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
    if (!states[n].alive || states[n].status.role != RoleName::leader) continue;
    if (leader && leader->node == NodeId{n}) continue;
    believers.push_back({{n}, *states[n].status.follows});
  }
  return believers;
}

AuditReport audit(Cluster& cluster, std::uint32_t nodes, const BankConfig& bank) {
  Audit audit(bank);
  cluster.refresh();
  for (std::uint32_t n = 1; n <= nodes; ++n) {
    const NodeState& state = cluster.states()[n];
    if (!state.alive) continue;
    if (state.status.base.value > 0) {
      if (const auto checkpoint = cluster.checkpoint({n})) audit.checkpoint(*checkpoint);
    }
    SequenceNumber from{1};
    while (const auto page = cluster.log({n}, from)) {
      if (page->empty()) break;
      for (const LogLine& line : *page) audit.entry({n}, line.sequence, line.entry);
      from = page->back().sequence.next();
    }
    if (const auto balances = cluster.balances({n})) audit.balances({n}, *balances);
  }
  return audit.report();
}

}  // namespace paxbank::scenario
