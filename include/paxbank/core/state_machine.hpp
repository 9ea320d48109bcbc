#pragma once

#include "paxbank/core/bank.hpp"
#include "paxbank/core/message.hpp"

#include <cstddef>
#include <optional>
#include <unordered_map>

namespace paxbank {

/// What executing one slot did.
struct Executed {
  SequenceNumber sequence;
  Command command;
  /// The answer for the client. None for a no-op, and for a duplicate that is older than its
  /// client's newest request: that answer is no longer known, and nobody waits for it.
  std::optional<Result> result;
  /// False for a no-op and a duplicate: nothing may have changed.
  bool applied = false;
};

/// The replicated state machine: the bank and the exactly-once table. Both change only here, by
/// executing the log in order, so all nodes that executed the same prefix are equal
/// (Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach", 1990;
/// exactly once as in Liskov and Cowling, "Viewstamped Replication Revisited", 4.1).
///
/// A copy of it is a checkpoint: it stands for the log up to `executed()`.
class StateMachine {
 public:
  explicit StateMachine(const BankConfig& config)
      : bank_(config), clients_limit_(config.clients_limit) {}

  /// Executes the command at `sequence`, which must be the one after the last.
  Executed execute(SequenceNumber sequence, const Command& command);

  [[nodiscard]] SequenceNumber executed() const { return executed_; }
  [[nodiscard]] const Bank& bank() const { return bank_; }

  /// The client's newest executed request, or nullptr.
  [[nodiscard]] const Session* session(const ClientId& client) const;

  /// No further client is served.
  [[nodiscard]] bool full() const { return sessions_.size() >= clients_limit_; }

  /// This state as a message of `node`.
  [[nodiscard]] Checkpoint to_checkpoint(NodeId node) const;

  /// Takes over another node's state. Returns false, and changes nothing, if it cannot be one of
  /// this bank's.
  bool restore(const Checkpoint& checkpoint);

 private:
  void execute(const Request& request, Executed& executed);

  Bank bank_;
  std::size_t clients_limit_;
  std::unordered_map<ClientId, Session, HashName> sessions_;
  SequenceNumber executed_;
};

}  // namespace paxbank
