#pragma once

#include "paxbank/core/ids.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paxbank::sim {

/// What can go wrong in a simulated run. Each can be asked for by its name.
enum class Fault : std::uint8_t {
  loss,            ///< a message never arrives
  duplication,     ///< it arrives twice
  delay,           ///< it takes far longer than usual
  reordering,      ///< it overtakes others on its way
  partition,       ///< the nodes fall into two groups that do not hear each other
  one_way,         ///< some nodes are not heard by some others, but hear them
  chained,         ///< each node hears only its neighbours in a chain (Omni-Paxos, 2.3)
  quorum_loss,     ///< all nodes hear one node, and nobody else (Omni-Paxos, 2.3)
  disconnect,      ///< a node is cut off by order, and brought back
  crash,           ///< a node dies and comes back with what durable storage kept
  pause,           ///< a process stands still and wakes late
  clock,           ///< a node's clock runs faster or slower
  client_drop,     ///< a client gives up its connections; what was under way on them is gone
  burst,           ///< messages reach a node all at once, in one turn of its loop
  client_cut,      ///< some clients do not reach some nodes, or are not reached by them
  cluster_pause,   ///< all timers stand still by order, as at the prompt
  succession,      ///< in the midst of a rush leaders are cut off one after the other
  slow_disk,       ///< storing takes a node far longer than usual
  torn_batch,      ///< a node dies while it stores something, which then is not there
  full_disk,       ///< a node cannot store something, and dies of it
  sync_failure,    ///< the same, and what it was may be there or not
  unsent,          ///< a node dies when it has stored something and not sent all that rests on it
  client_restart,  ///< a client dies with its requests under way, and is there anew
};
inline constexpr std::size_t fault_count = 23;

using FaultSet = std::bitset<fault_count>;
using FaultCounts = std::array<std::uint64_t, fault_count>;

[[nodiscard]] std::string_view to_string(Fault fault);

/// Reads `all`, `none` or a list of names with commas. Nullopt, and the name that is none,
/// otherwise.
[[nodiscard]] std::optional<FaultSet> read_faults(std::string_view text, std::string& wrong);

/// Every name, with commas.
[[nodiscard]] std::string fault_names();

}  // namespace paxbank::sim
