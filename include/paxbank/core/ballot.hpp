#pragma once

#include "paxbank/core/ids.hpp"

#include <bit>
#include <compare>
#include <cstdint>

namespace paxbank {

/// A proposal number (Lamport, "Paxos Made Simple", 2.2): ordered by round, then node, so that
/// every ballot has exactly one owner and any two can be compared. Round 0 is "no ballot yet".
struct Ballot {
  std::uint64_t round = 0;
  NodeId node;
  auto operator<=>(const Ballot&) const = default;
};

/// Rounds stay below this, so that adding to one can never overflow and JSON carries it exactly.
inline constexpr std::uint64_t round_limit = std::uint64_t{1} << 52;

/// A cluster has at most this many nodes.
inline constexpr std::uint32_t nodes_limit = 9;

/// A set of nodes: votes are counted by membership, so that a repeated vote cannot count twice.
class NodeSet {
 public:
  /// Returns whether the node is new to the set.
  bool insert(NodeId node) {
    const std::uint32_t before = bits_;
    bits_ |= bit(node);
    return bits_ != before;
  }
  void erase(NodeId node) { bits_ &= ~bit(node); }
  [[nodiscard]] bool contains(NodeId node) const { return (bits_ & bit(node)) != 0; }
  [[nodiscard]] std::uint32_t size() const {
    return static_cast<std::uint32_t>(std::popcount(bits_));
  }
  bool operator==(const NodeSet&) const = default;

 private:
  static std::uint32_t bit(NodeId node) { return std::uint32_t{1} << node.value; }
  std::uint32_t bits_ = 0;
};

/// f+1 of 2f+1.
inline constexpr std::uint32_t quorum_of(std::uint32_t nodes) { return nodes / 2 + 1; }

}  // namespace paxbank
