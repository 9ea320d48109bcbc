#include "paxbank/core/state_machine.hpp"

#include <gtest/gtest.h>

namespace paxbank {
namespace {

Request request(const char* client, std::int64_t timestamp, std::int64_t amount) {
  return {{client}, {timestamp}, {{client}, {"J"}, {amount}}};
}

class StateMachineTest : public ::testing::Test {
 protected:
  Executed execute(const Command& command) {
    last_ = last_.next();
    return machine_.execute(last_, command);
  }
  std::int64_t balance(const char* account) {
    return machine_.bank().balances().at({account}).value;
  }
  StateMachine machine_{default_bank()};
  SequenceNumber last_;
};

TEST_F(StateMachineTest, ARequestChosenTwiceChangesBalancesOnce) {
  const Executed first = execute(request("A", 1, 3));
  const Executed second = execute(request("A", 1, 3));
  EXPECT_TRUE(first.applied);
  EXPECT_FALSE(second.applied);
  EXPECT_EQ(second.result, Result::success);
  EXPECT_EQ(balance("A"), 7);
}

// The second execution has the first one's result, not what it would come to now.
TEST_F(StateMachineTest, ADuplicateHasTheFirstResultEvenWhereANewOneWouldDiffer) {
  EXPECT_EQ(execute(request("A", 1, 8)).result, Result::success);
  EXPECT_EQ(execute(request("A", 1, 8)).result, Result::success);
  EXPECT_EQ(execute(request("B", 1, 11)).result, Result::failed);
  execute(Request{{"A"}, {2}, {{"A"}, {"B"}, {2}}});
  EXPECT_EQ(execute(request("B", 1, 11)).result, Result::failed);
  EXPECT_EQ(balance("B"), 12);
}

TEST_F(StateMachineTest, AnOlderRequestThanTheNewestIsNoLongerExecutedOrAnswered) {
  execute(request("A", 2, 1));
  const Executed late = execute(request("A", 1, 1));
  EXPECT_FALSE(late.applied);
  EXPECT_FALSE(late.result.has_value());
  EXPECT_EQ(balance("A"), 9);
}

TEST_F(StateMachineTest, TheSameTransactionUnderANewTimestampIsANewRequest) {
  execute(request("A", 1, 1));
  execute(request("A", 2, 1));
  EXPECT_EQ(balance("A"), 8);
}

TEST_F(StateMachineTest, ACheckpointThatNamesAClientTwiceIsRefused) {
  execute(request("A", 1, 1));
  Checkpoint checkpoint = machine_.to_checkpoint({2});
  StateMachine other(default_bank());
  EXPECT_TRUE(other.restore(checkpoint));
  checkpoint.sessions.push_back(checkpoint.sessions.front());
  EXPECT_FALSE(other.restore(checkpoint));
}

TEST_F(StateMachineTest, ANoOpTakesItsSlotAndNothingElse) {
  const Executed executed = execute(NoOp{});
  EXPECT_FALSE(executed.applied);
  EXPECT_FALSE(executed.result.has_value());
  EXPECT_EQ(execute(request("A", 1, 1)).result, Result::success);
}

TEST_F(StateMachineTest, TheTableIsBoundedAndClientsBeyondItAreRefused) {
  for (std::size_t i = 0; i < default_bank().clients_limit; ++i) {
    execute(Request{{"client " + std::to_string(i)}, {1}, {{"A"}, {"A"}, {1}}});
  }
  const Executed refused = execute(request("A", 1, 1));
  EXPECT_EQ(refused.result, Result::failed);
  EXPECT_FALSE(refused.applied);
  EXPECT_EQ(machine_.session({"A"}), nullptr);
  EXPECT_EQ(balance("A"), 10);
}

using StateMachineDeathTest = StateMachineTest;
TEST_F(StateMachineDeathTest, ExecutesStrictlyInOrder) {
  execute(NoOp{});
  EXPECT_DEATH(machine_.execute({3}, NoOp{}), "rule 6");
  EXPECT_DEATH(machine_.execute({1}, NoOp{}), "rule 6");
}

}  // namespace
}  // namespace paxbank
