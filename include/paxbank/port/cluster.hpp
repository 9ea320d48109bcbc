#pragma once

#include "paxbank/core/client.hpp"
#include "paxbank/core/journal.hpp"
#include "paxbank/core/replica.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace paxbank {

/// A node as seen from outside.
struct NodeState {
  bool alive = true;       ///< its process runs
  bool answers = true;     ///< and answers its launcher
  std::uint16_t port = 0;  ///< where it listens on 127.0.0.1; 0 if it is simulated
  std::int64_t pid = 0;    ///< of its process; 0 if it has none
  ReplicaStatus status;

  /// Whether what it last reported is how it is.
  [[nodiscard]] bool known() const { return alive && answers; }
  [[nodiscard]] bool live() const { return known() && status.connected; }
};

/// A transaction for the client that owns its sender's account.
struct Submission {
  ClientId client;
  Transaction transaction;
};

struct LogLine {
  SequenceNumber sequence;
  LogEntry entry;
};

/// What a node recorded of its messages; all nodes' times count from the start of the run.
struct MessageHistory {
  std::vector<JournalEntry> entries;
  std::uint64_t heartbeats_left_out = 0;
  std::uint64_t forgotten = 0;
};

/// What a node keeps for the time after its death.
struct StoreState {
  bool kept = false;    ///< false: nothing
  bool synced = false;  ///< it survives the machine, and not the process only
  std::uint64_t bytes = 0;
  Duration last_write{};  ///< so long ago
};

/// What a node has executed, at one moment.
struct Snapshot {
  SequenceNumber base;      ///< its log begins after this one
  SequenceNumber executed;  ///< and has been executed up to here
  std::map<AccountId, Amount> balances;
};

// What a user must hear of a process (n3, client manager) when it happens.

struct ProcessDeath {
  std::string name;
  std::string how;  ///< its exit status or signal
};
/// It lives and does not answer: a stopped one, for instance. All goes on without it.
struct ProcessSilent {
  std::string name;
};
/// It has been silent, and answers again.
struct ProcessAnswers {
  std::string name;
};
/// Something that it writes could not be written.
struct OutputLost {
  std::string name;
  std::string what;
};
using ProcessNews = std::variant<ProcessDeath, ProcessSilent, ProcessAnswers, OutputLost>;

/// A running cluster and its clients: all that the runner and the console know. The processes over
/// TCP implement it, and so does a simulated cluster in virtual time, so a CSV file is also a fast
/// test.
///
/// Every order has been carried out when the call returns, by all nodes that answer; one that comes
/// back is brought to what was ordered last. What a node is asked for is nullopt if its process is
/// gone or does not answer.
class Cluster {
 public:
  Cluster() = default;
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  virtual ~Cluster() = default;

  /// The nodes' states as they last reported them, by node number from 1 (the first is unused).
  [[nodiscard]] virtual const std::vector<NodeState>& states() const = 0;
  /// Asks every node; the states() of those that answer are then no older than this call.
  virtual void refresh() = 0;

  /// Reconnects the nodes of the set and disconnects all others.
  virtual void set_connected(NodeSet connected) = 0;

  /// Ends the nodes' processes at once, in the midst of whatever they do.
  virtual void kill(NodeSet nodes) = 0;
  /// Why restart() cannot be had, or "".
  [[nodiscard]] virtual std::string why_no_restart() const { return ""; }
  /// Brings those that are dead back, with what they have kept and nothing else, connected as they
  /// were ordered last. Returns why those that do not come back do not.
  virtual std::map<NodeId, std::string> restart(NodeSet nodes) = 0;
  /// The same with the clients. They have forgotten what they had asked for; it may still be done.
  virtual void kill_clients() = 0;
  virtual std::string restart_clients() = 0;

  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Hands transactions to their clients; returns the timestamp of each, nullopt for one that is
  /// refused because too many of its client wait. Shorter if the clients' process is gone or does
  /// not answer: whether the rest were taken is not known then.
  virtual std::vector<std::optional<Timestamp>> submit(
      const std::vector<Submission>& submissions) = 0;
  /// The answers that came since the last call, in order.
  virtual std::vector<Answer> take_answers() = 0;

  /// Lets the cluster run until the condition holds (true) or the time is up (false). The condition
  /// is looked at whenever a state, an answer, news or input has come in.
  virtual bool wait(Duration limit, const std::function<bool()>& condition) = 0;

  virtual std::optional<Snapshot> snapshot(NodeId node) = 0;
  /// What stands for the part of the node's log that is gone: the state at `status.base`.
  virtual std::optional<Checkpoint> checkpoint(NodeId node) = 0;
  /// A part of the node's log, in order, from the first number given; empty after the last.
  virtual std::optional<std::vector<LogLine>> log(NodeId node, SequenceNumber from) = 0;
  /// Nullopt also where there are no processes.
  virtual std::optional<StoreState> store(NodeId /*node*/) { return std::nullopt; }
  virtual std::optional<MessageHistory> messages(NodeId node) = 0;
  virtual std::optional<std::vector<View>> views(NodeId node) = 0;

  /// Lines that were typed elsewhere than at the prompt, since the last call.
  virtual std::vector<std::string> take_typed() { return {}; }

  // Time, where it can be had: in processes whose messages go through the switch.

  /// Whether time can be stretched, stopped and stepped through.
  [[nodiscard]] virtual bool commands_time() const { return false; }
  /// Whether it stands still. Nothing happens then, but for orders and what step() lets through.
  [[nodiscard]] virtual bool time_stands() const { return false; }
  /// Timers and messages take `slow` times as long as they would.
  virtual void set_slow(std::int64_t /*slow*/) {}
  virtual void stop_time() {}
  virtual void start_time() {}
  /// Lets the next thing happen, a message that arrives or a timer, and says what that is; nullopt
  /// if nothing is to happen. Requires time_stands().
  virtual std::optional<std::string> step() { return std::nullopt; }
  /// Loses a message that is on its way, by its id in the trace. False if there is none.
  virtual bool lose(const std::string& /*send*/) { return false; }

  /// What has come up since the last call, in order.
  virtual std::vector<ProcessNews> take_news() = 0;
};

}  // namespace paxbank
