#include "paxbank/core/bank.hpp"

#include "paxbank/core/assert.hpp"

#include <limits>
#include <string>

namespace paxbank {

BankConfig bank_of(std::uint32_t accounts) {
  BankConfig config;
  for (std::uint32_t i = 0; i < accounts; ++i) {
    const std::string letter(1, static_cast<char>('A' + i % 10));
    config.accounts.push_back({i < 10 ? letter : letter + std::to_string(i / 10)});
  }
  return config;
}

BankConfig default_bank() { return bank_of(10); }

Bank::Bank(const BankConfig& config) {
  PAXBANK_ASSERT(config.initial_balance.value >= 0, "no balance is ever negative");
  for (const AccountId& account : config.accounts) balances_[account] = config.initial_balance;
  const auto count = static_cast<std::int64_t>(balances_.size());
  PAXBANK_ASSERT(count == 0 || config.initial_balance.value <=
                                   std::numeric_limits<std::int64_t>::max() / count,
                 "all the money fits into one account, so no credit can overflow");
  total_ = {config.initial_balance.value * count};
}

bool Bank::restore(const std::map<AccountId, Amount>& balances) {
  if (balances.size() != balances_.size()) return false;
  std::int64_t left = total_.value;
  for (auto own = balances_.begin(); const auto& [account, balance] : balances) {
    if (account != (own++)->first || balance.value < 0 || balance.value > left) return false;
    left -= balance.value;
  }
  if (left != 0) return false;
  balances_ = balances;
  return true;
}

Result Bank::apply(const Transaction& transaction) {
  const auto from = balances_.find(transaction.from);
  const auto to = balances_.find(transaction.to);
  if (from == balances_.end() || to == balances_.end() || from == to) return Result::failed;
  if (transaction.amount.value <= 0) return Result::failed;
  if (from->second < transaction.amount) return Result::failed;
  from->second.value -= transaction.amount.value;
  to->second.value += transaction.amount.value;
  PAXBANK_ASSERT(from->second.value >= 0, "no balance is ever negative");
  PAXBANK_ASSERT(to->second <= total_, "no account holds more than all the money there is");
  return Result::success;
}

}  // namespace paxbank
