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
  index();
}

Bank::Bank(const Bank& other) : balances_(other.balances_), total_(other.total_) { index(); }

Bank& Bank::operator=(const Bank& other) {
  if (this != &other) *this = Bank(other);
  return *this;
}

void Bank::index() {
  index_.clear();
  index_.reserve(balances_.size());
  for (auto& [account, balance] : balances_) index_[account] = &balance;
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
  index();
  return true;
}

Result Bank::apply(const Transaction& transaction) {
  const auto from = index_.find(transaction.from);
  const auto to = index_.find(transaction.to);
  if (from == index_.end() || to == index_.end() || from == to) return Result::failed;
  Amount& debited = *from->second;
  Amount& credited = *to->second;
  if (transaction.amount.value <= 0 || debited < transaction.amount) return Result::failed;
  debited.value -= transaction.amount.value;
  credited.value += transaction.amount.value;
  PAXBANK_ASSERT(debited.value >= 0, "no balance is ever negative");
  PAXBANK_ASSERT(credited <= total_, "no account holds more than all the money there is");
  return Result::success;
}

}  // namespace paxbank
