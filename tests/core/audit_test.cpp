// A check that cannot fail is none: each is shown what it is there to find.
#include "paxbank/core/audit.hpp"

#include <gtest/gtest.h>

namespace paxbank {
namespace {

const Ballot ballot{1, {1}};

LogEntry executed(std::int64_t timestamp, std::int64_t amount = 1) {
  return {ballot, Request{{"A"}, {timestamp}, {{"A"}, {"B"}, {amount}}}, Status::executed};
}

std::map<AccountId, Amount> balances(std::int64_t a, std::int64_t b) {
  std::map<AccountId, Amount> all = Bank(default_bank()).balances();
  all[{"A"}] = {a};
  all[{"B"}] = {b};
  return all;
}

class AuditTest : public ::testing::Test {
 protected:
  Audit audit_{default_bank()};
};

TEST_F(AuditTest, IsContentWithAHealthyCluster) {
  for (const NodeId node : {NodeId{1}, NodeId{2}}) {
    audit_.entry(node, {1}, executed(1));
    audit_.entry(node, {2}, executed(1));  // chosen twice
    audit_.entry(node, {3}, executed(2, 100));
    audit_.entry(node, {4}, {ballot, NoOp{}, Status::executed});
    audit_.balances(node, balances(9, 11));
  }
  EXPECT_TRUE(audit_.report().ok());
}

TEST_F(AuditTest, KnowsThatTheTableOfClientsIsBounded) {
  StateMachine machine(default_bank());
  const std::size_t clients = default_bank().clients_limit + 10;
  for (std::uint64_t i = 1; i <= clients; ++i) {
    const Request request{{"c" + std::to_string(i)}, {1}, {{"A"}, {"A"}, {1}}};
    machine.execute({i}, request);
    audit_.entry({1}, {i}, {ballot, request, Status::executed});
  }
  // One for whom there is no more room is refused: what it asks for changes nothing.
  const Request refused{{"late"}, {1}, {{"A"}, {"B"}, {1}}};
  machine.execute({clients + 1}, refused);
  audit_.entry({1}, {clients + 1}, {ballot, refused, Status::executed});
  audit_.balances({1}, machine.bank().balances());
  EXPECT_TRUE(audit_.report().ok());
}

TEST_F(AuditTest, FindsDisagreement) {
  audit_.entry({1}, {1}, executed(1));
  audit_.entry({2}, {1}, executed(2));
  EXPECT_FALSE(audit_.report().agreement);
}

TEST_F(AuditTest, DoesNotMindDifferencesInWhatIsOnlyAccepted) {
  audit_.entry({1}, {1}, executed(1));
  audit_.entry({2}, {1}, {ballot, NoOp{}, Status::accepted});
  EXPECT_TRUE(audit_.report().agreement);
}

TEST_F(AuditTest, FindsExecutionPastAGap) {
  audit_.entry({1}, {1}, executed(1));
  audit_.entry({1}, {3}, executed(2));
  EXPECT_FALSE(audit_.report().order);
}

TEST_F(AuditTest, FindsARequestExecutedTwice) {
  audit_.entry({1}, {1}, executed(1));
  audit_.entry({1}, {2}, executed(1));
  audit_.balances({1}, balances(8, 12));
  EXPECT_FALSE(audit_.report().exactly_once);
  EXPECT_TRUE(audit_.report().conservation);
}

TEST_F(AuditTest, FindsMoneyMadeAndBalancesBelowZero) {
  audit_.balances({1}, balances(10, 11));
  EXPECT_FALSE(audit_.report().conservation);
  Audit other(default_bank());
  other.balances({1}, balances(-1, 21));
  EXPECT_FALSE(other.report().conservation);
}

TEST_F(AuditTest, KeepsABoundedNumberOfFindings) {
  for (std::uint64_t s = 1; s <= 100; ++s) audit_.entry({1}, {2 * s}, executed(1));
  EXPECT_EQ(audit_.report().findings.size(), Audit::findings_limit);
}

}  // namespace
}  // namespace paxbank
