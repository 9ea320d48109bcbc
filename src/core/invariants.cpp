#include "paxbank/core/invariants.hpp"

#include "paxbank/core/describe.hpp"

namespace paxbank {
namespace {

std::string at(SequenceNumber sequence) { return " at " + std::to_string(sequence.value); }

}  // namespace

void AgreementCheck::committed(NodeId node, SequenceNumber sequence, const Command& command) {
  const auto [known, inserted] = chosen_.try_emplace(sequence, command);
  if (inserted) {
    first_[sequence] = node;
  } else if (known->second != command) {
    const NodeId other = first_.at(sequence);
    violated_({"agreement",
               describe(node) + " committed " + describe(command) + at(sequence) + " where " +
                   describe(other) + " committed " + describe(known->second),
               {node, other},
               sequence});
  }
}

void OrderCheck::executed(NodeId node, SequenceNumber sequence) {
  SequenceNumber& last = executed_[node];
  if (sequence != last.next()) {
    violated_({"order",
               describe(node) + " executed " + std::to_string(sequence.value) + " after " +
                   std::to_string(last.value),
               {node}});
  }
  last = sequence;
}

ConservationCheck::ConservationCheck(const BankConfig& bank, OnViolation violated)
    : violated_(std::move(violated)),
      total_(bank.initial_balance.value * static_cast<std::int64_t>(bank.accounts.size())) {}

void ConservationCheck::balances(NodeId node, const std::map<AccountId, Amount>& balances) {
  std::int64_t sum = 0;
  for (const auto& [account, balance] : balances) {
    sum += balance.value;
    if (balance.value < 0) {
      violated_({"conservation",
                 describe(node) + " has a negative balance: " + account.value.str() + " " +
                     std::to_string(balance.value),
                 {node}});
    }
  }
  if (sum != total_) {
    violated_({"conservation",
               describe(node) + " holds " + std::to_string(sum) + " in all, not " +
                   std::to_string(total_),
               {node}});
  }
}

ExactlyOnceCheck::ExactlyOnceCheck(const BankConfig& bank, OnViolation violated)
    : violated_(std::move(violated)), clients_limit_(bank.clients_limit) {
  for (const AccountId& account : bank.accounts) balances_[account] = bank.initial_balance;
}

void ExactlyOnceCheck::begin_from(const Checkpoint& checkpoint) {
  balances_ = {checkpoint.balances.begin(), checkpoint.balances.end()};
  sessions_ = {checkpoint.sessions.begin(), checkpoint.sessions.end()};
  executed_ = checkpoint.sequence;
}

ExactlyOnceCheck::Outcome ExactlyOnceCheck::execute(const Command& command) {
  executed_ = executed_.next();
  Outcome outcome;
  if (const auto* request = std::get_if<Request>(&command)) {
    const auto known = sessions_.find(request->client);
    if (known == sessions_.end() && sessions_.size() >= clients_limit_) {
      outcome.result = Result::failed;  // the table is full: refused, and nothing is remembered
    } else if (known == sessions_.end() || known->second.timestamp < request->timestamp) {
      outcome = {transfer(request->transaction) ? Result::success : Result::failed, true};
      sessions_[request->client] = {request->timestamp, *outcome.result, executed_};
    } else if (known->second.timestamp == request->timestamp) {
      outcome.result = known->second.result;
    }
  }
  return outcomes_[executed_] = outcome;
}

bool ExactlyOnceCheck::transfer(const Transaction& transaction) {
  const auto& [from, to, amount] = transaction;
  if (from == to || amount.value <= 0) return false;
  if (!balances_.contains(from) || !balances_.contains(to)) return false;
  if (balances_[from] < amount) return false;
  balances_[from].value -= amount.value;
  balances_[to].value += amount.value;
  return true;
}

void ExactlyOnceCheck::node_executed(NodeId node, const Executed& executed) {
  const auto known = outcomes_.find(executed.sequence);
  if (known == outcomes_.end()) {
    violated_({"exactly once",
               describe(node) + " executed " + describe(executed.command) + at(executed.sequence) +
                   ", which is not known to be chosen",
               {node},
               executed.sequence});
    return;
  }
  const Outcome& outcome = known->second;
  if (executed.result == outcome.result && executed.applied == outcome.applied) return;
  const auto word = [](std::optional<Result> result, bool applied) {
    return (result ? std::string(to_string(*result)) : "nothing") + (applied ? "" : " (again)");
  };
  violated_({"exactly once",
             describe(node) + " executed " + describe(executed.command) + at(executed.sequence) +
                 " as " + word(executed.result, executed.applied) + ", not as " +
                 word(outcome.result, outcome.applied),
             {node},
             executed.sequence});
}

void ExactlyOnceCheck::node_balances(NodeId node, const std::map<AccountId, Amount>& balances) {
  if (balances == balances_) return;
  violated_(
      {"exactly once",
       describe(node) + " has other balances than executing the log once gives" + at(executed_),
       {node}});
}

}  // namespace paxbank
