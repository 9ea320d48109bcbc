#pragma once

#include "paxbank/core/audit.hpp"
#include "paxbank/port/cluster.hpp"

#include <optional>
#include <vector>

namespace paxbank::scenario {

struct LeaderInfo {
  NodeId node;
  Ballot ballot;
};

/// The leader, as a harness sees it: the node that a quorum of live nodes, itself included, follows
/// in the highest ballot.
[[nodiscard]] std::optional<LeaderInfo> leader_of(const std::vector<NodeState>& states,
                                                  std::uint32_t nodes);

/// The live or cut-off nodes that believe that they lead, but are not the leader.
[[nodiscard]] std::vector<LeaderInfo> believers_of(const std::vector<NodeState>& states,
                                                   std::uint32_t nodes);

/// The cross-node checks over all logs and balances as they are now.
[[nodiscard]] AuditReport audit(Cluster& cluster, std::uint32_t nodes, const BankConfig& bank);

}  // namespace paxbank::scenario
