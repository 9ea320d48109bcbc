#include "paxbank/core/audit.hpp"

#include "paxbank/core/describe.hpp"

namespace paxbank {

Audit::Audit(const BankConfig& bank) {
  for (const AccountId& account : bank.accounts) opening_[account] = bank.initial_balance;
  for (const auto& [account, balance] : opening_) total_ += balance.value;
}

Audit::Replay& Audit::replay(NodeId node) {
  return replays_.try_emplace(node, Replay{opening_, {}, {}}).first->second;
}

void Audit::find(bool& check, std::string finding) {
  check = false;
  if (report_.findings.size() < findings_limit) report_.findings.push_back(std::move(finding));
}

void Audit::entry(NodeId node, SequenceNumber sequence, const LogEntry& entry) {
  if (entry.status < Status::committed) return;
  const auto [first, inserted] = chosen_.try_emplace(sequence, entry.command);
  if (!inserted && first->second != entry.command) {
    find(report_.agreement, describe(node) + " committed " + describe(entry.command) + " at " +
                                std::to_string(sequence.value) + " where another node committed " +
                                describe(first->second));
  }
  if (entry.status != Status::executed) return;
  Replay& state = replay(node);
  if (sequence != state.executed.next()) {
    find(report_.order, describe(node) + " executed " + std::to_string(sequence.value) + " after " +
                            std::to_string(state.executed.value));
  }
  state.executed = sequence;
  if (const auto* request = std::get_if<Request>(&entry.command)) execute(state, *request);
}

void Audit::execute(Replay& replay, const Request& request) {
  const auto known = replay.newest.find(request.client);
  if (known != replay.newest.end() && request.timestamp <= known->second) return;
  replay.newest[request.client] = request.timestamp;
  const auto& [from, to, amount] = request.transaction;
  if (from == to || amount.value <= 0) return;
  if (!replay.balances.contains(from) || !replay.balances.contains(to)) return;
  if (replay.balances[from] < amount) return;
  replay.balances[from].value -= amount.value;
  replay.balances[to].value += amount.value;
}

void Audit::balances(NodeId node, const std::map<AccountId, Amount>& balances) {
  std::int64_t sum = 0;
  for (const auto& [account, balance] : balances) {
    sum += balance.value;
    if (balance.value < 0) {
      find(report_.conservation, describe(node) + " has a negative balance: " +
                                     account.value.str() + " " + std::to_string(balance.value));
    }
  }
  if (sum != total_) {
    find(report_.conservation, describe(node) + " holds " + std::to_string(sum) + " in all, not " +
                                   std::to_string(total_));
  }
  if (balances != replay(node).balances) {
    find(report_.exactly_once,
         describe(node) + " has other balances than executing its log once gives");
  }
}

}  // namespace paxbank
