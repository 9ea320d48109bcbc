#pragma once

#include "paxbank/core/accept_log.hpp"
#include "paxbank/core/bank.hpp"

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

  [[nodiscard]] bool ok() const { return findings.empty(); }
};

/// The cross-node checks of protocol.md, from logs and balances alone: it shares no code with what
/// executes them, so that one mistake cannot hide in both.
///
/// Feed each node's log in sequence order, then its balances; `report()` at any time.
class Audit {
 public:
  /// At most this many findings are kept: the first ones tell.
  static constexpr std::size_t findings_limit = 20;

  explicit Audit(const BankConfig& bank);

  /// Rule 1 (nobody committed another command there) and rule 6 (execution has no gap).
  void entry(NodeId node, SequenceNumber sequence, const LogEntry& entry);

  /// Rule 7 (the balances are those of executing the node's log, each request once) and rule 9.
  void balances(NodeId node, const std::map<AccountId, Amount>& balances);

  [[nodiscard]] const AuditReport& report() const { return report_; }

 private:
  struct Replay {
    std::map<AccountId, Amount> balances;
    std::map<ClientId, Timestamp> newest;
    SequenceNumber executed;
  };

  Replay& replay(NodeId node);
  static void execute(Replay& replay, const Request& request);
  void find(bool& check, std::string finding);

  std::map<AccountId, Amount> opening_;
  std::int64_t total_ = 0;
  std::map<SequenceNumber, Command> chosen_;
  std::map<NodeId, Replay> replays_;
  AuditReport report_;
};

}  // namespace paxbank
