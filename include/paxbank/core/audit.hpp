#pragma once

#include "paxbank/core/invariants.hpp"

#include <map>
#include <string>
#include <vector>

namespace paxbank {

struct AuditReport {
  bool agreement = true;
  bool order = true;
  bool exactly_once = true;
  bool conservation = true;
  std::vector<std::string> findings;  ///< one line for each thing that is wrong
  /// Nodes that could not be looked at, and why: nothing is said of them.
  std::map<NodeId, std::string> unseen;

  [[nodiscard]] bool ok() const { return findings.empty(); }
};

/// The cross-node checks of docs/protocol.md over nodes as they are now, from their logs and
/// balances alone.
class Audit {
 public:
  /// At most this many findings are kept: the first ones tell.
  static constexpr std::size_t findings_limit = 20;

  explicit Audit(const BankConfig& bank);

  /// What stands for the part of the node's log that is gone. Before the node's entries.
  void checkpoint(const Checkpoint& checkpoint);
  /// The node's log, in sequence order.
  void entry(NodeId node, SequenceNumber sequence, const LogEntry& entry);
  /// The node's balances now, after its last entry that is executed.
  void balances(NodeId node, const std::map<AccountId, Amount>& balances);

  /// What all of it adds up to. Call once, at the end.
  [[nodiscard]] AuditReport report();

 private:
  /// Balances that a node has, or had in a checkpoint, after a sequence number.
  struct Claim {
    NodeId node;
    std::map<AccountId, Amount> balances;
  };

  void replay();
  void found(const Violation& violation);

  BankConfig bank_;
  AuditReport report_;
  AgreementCheck agreement_;
  OrderCheck order_;
  ConservationCheck conservation_;
  ExactlyOnceCheck exactly_once_;
  std::optional<Checkpoint> earliest_;  ///< from where the model begins
  std::map<NodeId, SequenceNumber> executed_;
  std::multimap<SequenceNumber, Claim> claims_;
};

}  // namespace paxbank
