#pragma once

#include "paxbank/core/client.hpp"
#include "paxbank/core/journal.hpp"
#include "paxbank/core/random.hpp"
#include "paxbank/core/replica.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <utility>
#include <vector>

namespace paxbank::sim {

/// What the simulated network does to a message; the chances are per mille.
struct Faults {
  std::int64_t loss = 0;
  std::int64_t duplication = 0;
  Duration delay_min = std::chrono::microseconds(50);
  Duration delay_max = std::chrono::microseconds(500);  ///< delays differ, so messages overtake
};

struct WorldConfig {
  std::uint64_t seed = 1;
  ReplicaConfig replica;  ///< for every node, but for its id
  Duration client_timeout = std::chrono::milliseconds(400);
  std::size_t history = 10'000;
  Faults faults;
};

/// The replicas and clients of `core`, in one process and in virtual time: everything that happens
/// follows from the seed, so the same seed gives the same run.
class World {
 public:
  explicit World(const WorldConfig& config);
  World(const World&) = delete;  // clients refer to its leader hint
  World& operator=(const World&) = delete;

  /// Lets the next event happen, and time move to it. An event is a message that arrives or a
  /// timer. Returns false if nothing is left to happen.
  bool step();

  /// When the next event is; `never` if there is none.
  [[nodiscard]] TimePoint next_at() const;

  /// Moves time to a moment before which nothing is left to happen.
  void pass_until(TimePoint at);

  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] std::uint32_t nodes() const { return config_.replica.nodes; }
  [[nodiscard]] const Replica& replica(NodeId node) const {
    return *nodes_.at(node.value - 1).replica;
  }
  [[nodiscard]] const Journal& journal(NodeId node) const {
    return nodes_.at(node.value - 1).journal;
  }

  void disconnect(NodeId node);
  void reconnect(NodeId node);
  void pause();
  void resume();

  /// Messages from one node to another are lost, or no longer.
  void cut(NodeId from, NodeId to) { cut_.insert({from, to}); }
  void heal() { cut_.clear(); }
  void set_faults(const Faults& faults) { config_.faults = faults; }

  Timestamp submit(const ClientId& client, const Transaction& transaction);
  /// The answers since the last call, in order.
  std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }

 private:
  struct Node {
    std::unique_ptr<Replica> replica;
    Journal journal;
    TimePoint wake_at = never;
  };
  struct ClientEntry {
    Client client;
    TimePoint wake_at = never;
  };
  struct Arrival {
    TimePoint at;
    std::uint64_t order;  ///< of two at the same moment, the one sent first
    Destination to;
    Message message;

    bool operator>(const Arrival& other) const {
      return std::pair(at, order) > std::pair(other.at, other.order);
    }
  };

  void tick_all();
  void arrive(const Arrival& arrival);
  void carry_out(NodeId node, Output output);
  void carry_out(ClientEntry& client, ClientOutput output);
  void transmit(const Destination& to, const Message& message);
  [[nodiscard]] TimePoint next_timer() const;

  WorldConfig config_;
  Random random_;
  TimePoint now_;
  std::vector<Node> nodes_;
  LeaderHint leader_;
  std::map<ClientId, ClientEntry> clients_;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  std::uint64_t sent_ = 0;
  std::set<std::pair<NodeId, NodeId>> cut_;
  std::vector<Answer> answers_;
};

}  // namespace paxbank::sim
