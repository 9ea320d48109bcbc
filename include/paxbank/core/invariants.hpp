// The rules that hold between nodes, each as a class that watches for one of them. They share no
// code with what they check, so that one mistake cannot hide in both. `paxbank check` feeds them
// logs and balances of live nodes; the simulator feeds them every step.
#pragma once

#include "paxbank/core/accept_log.hpp"
#include "paxbank/core/bank.hpp"
#include "paxbank/core/state_machine.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank {

struct Violation {
  std::string_view rule;  ///< agreement, order, exactly once, conservation, ...
  std::string what;
  std::vector<NodeId> nodes;     ///< those concerned
  SequenceNumber sequence = {};  ///< the slot concerned; 0: none
};

/// Called for each violation. It may throw.
using OnViolation = std::function<void(Violation)>;

/// Rule 1: no two nodes ever commit different commands at one sequence number.
class AgreementCheck {
 public:
  explicit AgreementCheck(OnViolation violated) : violated_(std::move(violated)) {}

  void committed(NodeId node, SequenceNumber sequence, const Command& command);

  /// What is known to be chosen, by sequence number.
  [[nodiscard]] const std::map<SequenceNumber, Command>& chosen() const { return chosen_; }

 private:
  OnViolation violated_;
  std::map<SequenceNumber, Command> chosen_;
  std::map<SequenceNumber, NodeId> first_;  ///< who said so first
};

/// Rule 6: commands execute strictly in sequence order at every node, each once.
class OrderCheck {
 public:
  explicit OrderCheck(OnViolation violated) : violated_(std::move(violated)) {}

  /// The node goes on from a checkpoint: its own after a crash, or another node's.
  void begins_after(NodeId node, SequenceNumber sequence) { executed_[node] = sequence; }
  void executed(NodeId node, SequenceNumber sequence);

 private:
  OnViolation violated_;
  std::map<NodeId, SequenceNumber> executed_;
};

/// Rule 9: no balance is ever negative, and their sum never changes.
class ConservationCheck {
 public:
  ConservationCheck(const BankConfig& bank, OnViolation violated);

  void balances(NodeId node, const std::map<AccountId, Amount>& balances);

 private:
  OnViolation violated_;
  std::int64_t total_ = 0;
};

/// Rule 7: what executing the log gives, each request once; nodes' results and balances are held
/// against it. A model of its own, begun from nothing or from a checkpoint.
class ExactlyOnceCheck {
 public:
  struct Outcome {
    std::optional<Result> result;  ///< none for a no-op and for a duplicate older than the newest
    bool applied = false;
  };

  ExactlyOnceCheck(const BankConfig& bank, OnViolation violated);

  /// Begins from a checkpoint instead. To be called before the first execute().
  void begin_from(const Checkpoint& checkpoint);

  [[nodiscard]] SequenceNumber executed() const { return executed_; }
  /// The command at the next sequence number.
  Outcome execute(const Command& command);

  /// A node did this at a number that the model has executed.
  void node_executed(NodeId node, const Executed& executed);
  /// A node has these balances after everything that the model has executed.
  void node_balances(NodeId node, const std::map<AccountId, Amount>& balances);

  /// The newest executed request of each client, and what came of it.
  [[nodiscard]] const std::map<ClientId, Session>& sessions() const { return sessions_; }

 private:
  [[nodiscard]] bool transfer(const Transaction& transaction);

  OnViolation violated_;
  std::map<AccountId, Amount> balances_;
  std::map<ClientId, Session> sessions_;
  std::size_t clients_limit_;
  std::map<SequenceNumber, Outcome> outcomes_;
  SequenceNumber executed_;
};

}  // namespace paxbank
