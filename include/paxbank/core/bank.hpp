#pragma once

#include "paxbank/core/command.hpp"

#include <cstddef>
#include <map>
#include <unordered_map>
#include <vector>

namespace paxbank {

/// The accounts that a bank opens with, all with the same balance, and whom it serves.
struct BankConfig {
  std::vector<AccountId> accounts;
  Amount initial_balance{10};
  /// Clients beyond this many are answered `failed` and leave no trace: the table of clients is
  /// bounded, and as it is part of the state, all nodes refuse the same ones.
  std::size_t clients_limit = 65'536;
};

/// Accounts `A`..`J`, then `A1`..`J1` and so on, with 10 each.
[[nodiscard]] BankConfig bank_of(std::uint32_t accounts);

/// `A`..`J` with 10 each.
[[nodiscard]] BankConfig default_bank();

/// The replicated accounts. The sum of all balances never changes and none is ever negative
/// (protocol.md rule 9).
class Bank {
 public:
  explicit Bank(const BankConfig& config);
  Bank(const Bank& other);
  Bank(Bank&&) = default;
  Bank& operator=(const Bank& other);
  Bank& operator=(Bank&&) = default;
  ~Bank() = default;

  /// Success if and only if both accounts exist, they differ, the amount is positive and the
  /// sender's balance covers it; otherwise nothing changes.
  Result apply(const Transaction& transaction);

  [[nodiscard]] const std::map<AccountId, Amount>& balances() const { return balances_; }

  /// Takes over the balances of another copy of this bank. Returns false, and changes nothing, if
  /// they cannot be those: other accounts, a negative balance, another sum.
  bool restore(const std::map<AccountId, Amount>& balances);

  /// The sum that was opened with and that still is.
  [[nodiscard]] Amount total() const { return total_; }

 private:
  void index();

  std::map<AccountId, Amount> balances_;
  /// Where each account stands in `balances_`: every transfer looks up two.
  std::unordered_map<AccountId, Amount*, HashName> index_;
  Amount total_;
};

}  // namespace paxbank
