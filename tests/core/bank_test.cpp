#include "paxbank/core/bank.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace paxbank {
namespace {

Transaction transfer(const char* from, const char* to, std::int64_t amount) {
  return {{from}, {to}, {amount}};
}

TEST(Bank, MovesMoneyThatIsThere) {
  Bank bank(default_bank());
  EXPECT_EQ(bank.apply(transfer("A", "J", 10)), Result::success);
  EXPECT_EQ(bank.balances().at({"A"}), Amount{0});
  EXPECT_EQ(bank.balances().at({"J"}), Amount{20});
}

// Rule 9, clause by clause: each of these fails and changes nothing.
TEST(Bank, RefusesEverythingElseAndChangesNothing) {
  const auto most = std::numeric_limits<std::int64_t>::max();
  const auto least = std::numeric_limits<std::int64_t>::min();
  Bank bank(default_bank());
  const auto before = bank.balances();
  for (const Transaction& t : {transfer("A", "J", 11), transfer("A", "A", 1), transfer("A", "J", 0),
                               transfer("A", "J", -1), transfer("Z", "A", 1), transfer("A", "Z", 1),
                               transfer("A", "J", most), transfer("A", "J", least)}) {
    EXPECT_EQ(bank.apply(t), Result::failed)
        << t.from.value.view() << t.to.value.view() << t.amount.value;
    EXPECT_EQ(bank.balances(), before);
  }
}

TEST(Bank, HoldsAllTheMoneyInOneAccountWithoutOverflow) {
  const std::int64_t half = std::numeric_limits<std::int64_t>::max() / 2;
  Bank bank({{{"A"}, {"B"}}, {half}});
  EXPECT_EQ(bank.apply(transfer("A", "B", half)), Result::success);
  EXPECT_EQ(bank.balances().at({"B"}).value, half * 2);
}

}  // namespace
}  // namespace paxbank
