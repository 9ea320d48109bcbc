#pragma once

#include "paxbank/core/random.hpp"
#include "paxbank/sim/faults.hpp"

#include <utility>
#include <vector>

namespace paxbank::sim {

/// Nodes and clients by number: the nodes first, from 0.
using Party = std::uint32_t;
/// Links, one way each: from, to.
using Cut = std::vector<std::pair<Party, Party>>;

/// What the network does to single messages; the chances are per mille.
struct MessageFaults {
  std::int64_t loss = 0;
  std::int64_t duplication = 0;
  std::int64_t delay = 0;
  std::int64_t reordering = 0;
  Duration latency_min = std::chrono::microseconds(50);
  Duration latency_max = std::chrono::microseconds(500);
  Duration delay_max = std::chrono::milliseconds(100);  ///< of a message that is delayed
};

/// What became of the messages.
struct NetworkCounts {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t delayed = 0;
  std::uint64_t reordered = 0;  ///< went past the queue and may overtake
  std::uint64_t blocked = 0;    ///< by a partition
};

/// Decides whether and when a message arrives. Without a fault, messages of one party to another
/// arrive in the order in which they were sent, as over TCP.
class Network {
 public:
  Network(std::uint64_t seed, std::uint32_t parties);

  /// When the copies of a message arrive; none: never.
  struct Fate {
    std::array<TimePoint, 2> arrives;
    std::size_t copies = 0;
    bool blocked = false;  ///< none, as the link is cut
  };
  [[nodiscard]] Fate send(Party from, Party to, TimePoint now);

  void set_faults(const MessageFaults& faults) { faults_ = faults; }

  /// Messages from one party to another are lost until each block has been taken back.
  void block(Party from, Party to) { ++link(from, to).blocks; }
  void unblock(Party from, Party to);
  /// Takes all blocks back.
  void heal();

  [[nodiscard]] const NetworkCounts& counts() const { return counts_; }

 private:
  struct Link {
    TimePoint last_arrival;
    std::uint32_t blocks = 0;
  };

  [[nodiscard]] Link& link(Party from, Party to) { return links_[from * parties_ + to]; }
  [[nodiscard]] TimePoint arrival(Link& link, TimePoint now);

  Random random_;
  std::uint32_t parties_;
  MessageFaults faults_;
  std::vector<Link> links_;
  NetworkCounts counts_;
};

}  // namespace paxbank::sim
