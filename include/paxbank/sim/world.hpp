#pragma once

#include "paxbank/core/client.hpp"
#include "paxbank/core/journal.hpp"
#include "paxbank/core/outbox.hpp"
#include "paxbank/core/random.hpp"
#include "paxbank/core/replica.hpp"
#include "paxbank/core/tracer.hpp"
#include "paxbank/sim/network.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace paxbank::sim {

/// Where in a node's work it dies, and of what.
enum class CrashPoint : std::uint8_t {
  idle,          ///< whatever it does; what is being stored then may be there or not
  torn_batch,    ///< while it stores something, which is torn: it is not there
  full_disk,     ///< it cannot store something, which is not there
  sync_failure,  ///< it cannot store something, of which nobody knows whether it is there
  unsent,        ///< it has stored something, and sent only some of what rests on it
};
inline constexpr std::size_t crash_point_count = 5;
using CrashCounts = std::array<std::uint64_t, crash_point_count>;

/// How long it takes to store something.
struct DiskSpeed {
  Duration fastest{};
  Duration slowest{};
};

struct WorldConfig {
  std::uint64_t seed = 1;
  DiskSpeed disk = {};
  ReplicaConfig replica;  ///< for every node, but for its id
  Duration client_timeout = std::chrono::milliseconds(400);
  std::size_t history = 0;  ///< messages that each node's journal keeps
};

/// Sees everything as it happens.
struct Observer {
  /// A replica is about to take a message, at this time of its own clock.
  std::function<void(NodeId, const Replica&, const Message&, TimePoint)> receiving;
  /// After each step of a replica, before anything that it asks for has been done: the output is
  /// what has gathered since the last flush.
  std::function<void(NodeId, const Replica&, const Output&)> stepped;
  /// What a node's output asks to be stored has been; the acceptor is as it is in the node.
  std::function<void(NodeId, const Acceptor&, const Persist&)> persisted;
  /// A message is about to leave a node, which would come back with `durable`.
  std::function<void(NodeId, const Acceptor& durable, const Envelope&)> sending;
  std::function<void(NodeId)> flushed;
  /// A client sends a request, for the first time or again.
  std::function<void(const Request&)> invoked;
  std::function<void(const Answer&)> answered;
  /// A node is back after a crash.
  std::function<void(NodeId, const Replica&)> restarted;
};

/// The replicas and clients of `core`, in one process and in virtual time: everything that happens
/// follows from the seed and the orders given, so the same seed gives the same run.
class World {
 public:
  explicit World(const WorldConfig& config);
  World(const World&) = delete;  // clients refer to its leader hint
  World& operator=(const World&) = delete;

  void observe(Observer observer) { observer_ = std::move(observer); }
  void trace(const TraceSink& sink);
  /// Tells of what the last step of each node has led to and nobody has carried out: a violation
  /// ends a run in the middle of a step.
  void trace_unfinished();

  /// Lets the next event happen, and time move to it: a message that arrives, a timer, a process
  /// that goes on. Returns false if nothing is left to happen.
  bool step();

  /// When the next event is; `never` if there is none.
  [[nodiscard]] TimePoint next_at() const;

  /// Moves time to a moment before which nothing is left to happen.
  void pass_until(TimePoint at);

  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] std::uint32_t nodes() const { return config_.replica.nodes; }
  /// Requires that the node is up.
  [[nodiscard]] const Replica& replica(NodeId node) const { return *at(node).replica; }
  [[nodiscard]] bool up(NodeId node) const { return at(node).replica != nullptr; }
  /// Whether it is up and was not cut off by order.
  [[nodiscard]] bool takes_part(NodeId node) const { return up(node) && replica(node).connected(); }
  /// Whether it is to die when it next has something to store.
  [[nodiscard]] bool doomed(NodeId node) const { return at(node).dies.has_value(); }
  /// Whether it waits for its disk.
  [[nodiscard]] bool storing(NodeId node) const { return at(node).outbox.storing(); }
  [[nodiscard]] const Journal& journal(NodeId node) const { return at(node).journal; }
  [[nodiscard]] Network& network() { return network_; }
  /// Messages on these links are lost until they are healed.
  void cut(const Cut& cut);
  void heal(const Cut& cut);
  /// All links are whole again.
  void heal();
  [[nodiscard]] const Network& network() const { return network_; }
  [[nodiscard]] static Party party(NodeId node) { return node.value - 1; }

  // What the launcher can order. A node that is down hears no order.
  void disconnect(NodeId node);
  void reconnect(NodeId node);
  void pause();
  /// Does nothing if there was no pause.
  void resume();

  // What can befall a process.
  /// It is gone, and the messages under way to it with it: at once, or when it next has something
  /// to store.
  void crash(NodeId node, CrashPoint point);
  /// It comes back with what it had stored, and nothing else. One that was to die and has had
  /// nothing to store dies now.
  void restart(NodeId node);
  /// How often nodes died where.
  [[nodiscard]] const CrashCounts& crashes() const { return crashes_; }
  /// It stands still until then: messages wait for it, timers are late. `at_once`: it then takes
  /// all that waits in one turn, as a process does that finds many lines in its socket.
  void hold(NodeId node, TimePoint until, bool at_once);
  /// It goes on now.
  void release(NodeId node) { at(node).held_until = now_; }
  /// Its clock goes at so many thousandths of the world's.
  void set_clock(NodeId node, std::int64_t per_mille);
  /// From now on its disk takes so many times as long.
  void slow_disk(NodeId node, std::int64_t times) { at(node).disk_times = times; }
  /// From now on the network loses the messages for which this holds.
  using Loses = std::function<bool(Party from, Party to, const Message&)>;
  void lose(Loses loses) { loses_ = std::move(loses); }
  /// The client's connections are gone, and what is under way on them.
  void drop_connections(const ClientId& client);

  /// The client is there anew and has forgotten what it had asked for, which may still be done.
  /// Returns that.
  std::vector<Request> restart_client(const ClientId& client);

  std::optional<Timestamp> submit(const ClientId& client, const Transaction& transaction);
  /// The answers since the last call, in order.
  std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }

 private:
  struct Waiting {
    Party from;
    std::shared_ptr<const Message> message;
    std::string send;  ///< the trace's id of it
  };
  struct Node {
    Node(std::size_t history, const ReplicaConfig& config)
        : durable(config.bank), outbox(config.limits.entries_unstored), journal(history) {}

    std::unique_ptr<Replica> replica;  ///< none while it is down
    Acceptor durable;                  ///< what it has stored
    Outbox outbox;
    const Persist* storing = nullptr;  ///< what is being stored, if anything
    TimePoint stored_at = never;       ///< when that will be done
    std::int64_t disk_times = 1;
    std::optional<CrashPoint> dies;  ///< when it next has something to store
    Journal journal;
    Tracer tracer;
    TimePoint wake_at = never;
    std::int64_t clock_per_mille = 1'000;
    TimePoint clock_set_at;  ///< in the world's time
    TimePoint clock_then;    ///< what its clock said then
    TimePoint held_until = TimePoint::min();
    bool at_once = false;
    std::deque<Waiting> waiting;
  };
  struct ClientEntry {
    ClientId id;
    std::optional<Client> client = {};
    Tracer tracer = {};
    TimePoint wake_at = never;
    std::uint64_t connection = 0;
  };
  struct Arrival {
    TimePoint at;
    std::uint64_t order;  ///< of two at the same moment, the one sent first
    Party from;
    Party to;
    std::uint64_t connection;  ///< the client's, where there is one
    std::shared_ptr<const Message> message;
    std::string send = {};  ///< the trace's id of it

    bool operator>(const Arrival& other) const {
      return std::pair(at, order) > std::pair(other.at, other.order);
    }
  };

  [[nodiscard]] Node& at(NodeId node) { return nodes_.at(node.value - 1); }
  [[nodiscard]] const Node& at(NodeId node) const { return nodes_.at(node.value - 1); }
  [[nodiscard]] TimePoint local(const Node& node) const;
  [[nodiscard]] TimePoint global(const Node& node, TimePoint local) const;
  [[nodiscard]] bool held(const Node& node) const {
    return now_ < node.held_until || node.outbox.full();
  }
  [[nodiscard]] TimePoint next_timer() const;
  [[nodiscard]] Destination destination(Party party) const;

  void start(ClientEntry& entry);
  void tick_due();
  void go_on(NodeId id);
  void arrive(const Arrival& arrival);
  void receive(NodeId id, const Waiting& waiting);
  template <class Order>
  void order(NodeId id, std::string_view what, Order order);
  void stepped(NodeId id);
  void die(NodeId id, CrashPoint point);
  void report(NodeId id, const Output& output);
  void carry_out(NodeId id);
  void take_output(NodeId id);
  bool send_ready(NodeId id);
  void store(NodeId id);
  void finish_storing(NodeId id);
  void keep(NodeId id);
  void carry_out(ClientEntry& client, const ClientOutput& output);
  void transmit(Party from, const Destination& to, const std::shared_ptr<const Message>& message);
  void transmit(Party from, Party to, const std::shared_ptr<const Message>& message, bool copy);
  [[nodiscard]] std::uint64_t connection(Party from, Party to) const;
  [[nodiscard]] Tracer& tracer(Party party);
  [[nodiscard]] std::string name(Party party) const { return name_of(destination(party)); }
  void trace_loss(const Arrival& arrival, std::string_view reason);
  void trace_links(std::string_view fault, const Cut& cut);

  WorldConfig config_;
  Random random_;
  TimePoint now_;
  std::vector<Node> nodes_;
  LeaderHint leader_;
  std::vector<ClientEntry> clients_;
  std::unordered_map<ClientId, std::size_t, HashName> client_index_;
  Network network_;
  Loses loses_;
  bool paused_ = false;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  std::uint64_t sent_ = 0;
  CrashCounts crashes_{};
  std::vector<Answer> answers_;
  Observer observer_;
  Tracer network_tracer_;
  std::uint64_t traced_ = 0;  ///< messages that the trace has named
};

}  // namespace paxbank::sim
