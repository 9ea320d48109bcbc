#include "paxbank/core/audit.hpp"

#include "paxbank/core/describe.hpp"

namespace paxbank {

Audit::Audit(const BankConfig& bank)
    : bank_(bank),
      agreement_([this](const Violation& v) { found(v); }),
      order_([this](const Violation& v) { found(v); }),
      conservation_(bank, [this](const Violation& v) { found(v); }),
      exactly_once_(bank, [this](const Violation& v) { found(v); }) {}

void Audit::found(const Violation& violation) {
  if (violation.rule == "agreement") report_.agreement = false;
  if (violation.rule == "order") report_.order = false;
  if (violation.rule == "conservation") report_.conservation = false;
  if (violation.rule == "exactly once") report_.exactly_once = false;
  if (report_.findings.size() < findings_limit) report_.findings.push_back(violation.what);
}

void Audit::checkpoint(const Checkpoint& checkpoint) {
  const std::map<AccountId, Amount> balances(checkpoint.balances.begin(),
                                             checkpoint.balances.end());
  order_.begins_after(checkpoint.node, checkpoint.sequence);
  conservation_.balances(checkpoint.node, balances);
  claims_.insert({checkpoint.sequence, {checkpoint.node, balances}});
  executed_[checkpoint.node] = checkpoint.sequence;
  if (!earliest_ || checkpoint.sequence < earliest_->sequence) earliest_ = checkpoint;
}

void Audit::entry(NodeId node, SequenceNumber sequence, const LogEntry& entry) {
  if (entry.status < Status::committed) return;
  agreement_.committed(node, sequence, entry.command);
  if (entry.status != Status::executed) return;
  order_.executed(node, sequence);
  executed_[node] = sequence;
}

void Audit::balances(NodeId node, const std::map<AccountId, Amount>& balances) {
  conservation_.balances(node, balances);
  claims_.insert({executed_[node], {node, balances}});
}

/// Executes what was chosen, from the earliest checkpoint on, and holds every claim against the
/// state after its sequence number.
void Audit::replay() {
  if (earliest_) exactly_once_.begin_from(*earliest_);
  for (const auto& [sequence, claim] : claims_) {
    while (exactly_once_.executed() < sequence) {
      const auto next = agreement_.chosen().find(exactly_once_.executed().next());
      if (next == agreement_.chosen().end()) return;  // order has been found broken
      exactly_once_.execute(next->second);
    }
    if (exactly_once_.executed() == sequence) {
      exactly_once_.node_balances(claim.node, claim.balances);
    }
  }
}

AuditReport Audit::report() {
  replay();
  return report_;
}

}  // namespace paxbank
