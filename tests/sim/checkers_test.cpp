// A checker that cannot fail is none: each is shown what it is there to find, and what it must not
// mind.
#include "paxbank/sim/checkers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paxbank::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const NodeId n1{1};
const NodeId n2{2};
const NodeId n3{3};
const Ballot b1{1, {1}};
const Ballot b2{2, {2}};

Request request(const char* client, std::int64_t timestamp, std::int64_t amount = 1) {
  return {{client}, {timestamp}, {{client}, {"J"}, {amount}}};
}

class CheckersTest : public ::testing::Test {
 protected:
  OnViolation note() {
    return [this](const Violation& violation) { found_.emplace_back(violation.rule); };
  }
  Executed executed(std::uint64_t sequence, const Request& request, bool applied = true) {
    return {{sequence}, request, Result::success, applied};
  }
  Answer answer(const Request& request, std::uint64_t sequence, Result result = Result::success) {
    return {request, result, {sequence}, {}};
  }

  std::vector<std::string> found_;
};

TEST_F(CheckersTest, AgreementFindsTwoCommandsInOneSlot) {
  AgreementCheck check(note());
  check.committed(n1, {1}, request("A", 1));
  check.committed(n2, {1}, request("A", 1));
  check.committed(n2, {2}, request("A", 1));
  EXPECT_THAT(found_, IsEmpty());
  check.committed(n3, {1}, NoOp{});
  EXPECT_THAT(found_, ElementsAre("agreement"));
}

TEST_F(CheckersTest, OrderFindsGapsAndRepetitions) {
  OrderCheck check(note());
  check.executed(n1, {1});
  check.begins_after(n2, {7});
  check.executed(n2, {8});
  EXPECT_THAT(found_, IsEmpty());
  check.executed(n1, {3});
  check.executed(n2, {8});
  EXPECT_THAT(found_, ElementsAre("order", "order"));
}

TEST_F(CheckersTest, DurabilityFindsWhatLeavesBeforeItIsStored) {
  DurabilityCheck check(note());
  Acceptor stored(default_bank());
  const Command one = request("A", 1);
  const auto store = [&](auto change) {
    Acceptor node = stored;
    change(node);
    Persist changes;
    node.take_changes(changes);
    stored.apply(changes);
  };
  check.sending(n1, stored, Promise{b1, n1, {1}, {}, {}});
  EXPECT_THAT(found_, ElementsAre("durability"));
  store([](Acceptor& node) { node.promise(b1); });
  check.sending(n1, stored, Promise{b1, n1, {1}, {}, {}});
  EXPECT_EQ(found_.size(), 1U);
  check.sending(n1, stored, Accepted{b1, {1}, {1}, n1});
  check.sending(n1, stored, NewView{b1, {{b1, {1}, one}}});
  check.sending(n1, stored, Accept{b1, {1}, {one}, {}});
  check.sending(n1, stored, Promise{b1, n1, {1}, {}, {{b1, {1}, one}}});
  EXPECT_EQ(found_.size(), 3U);
  store([&](Acceptor& node) { node.accept(b1, {1}, one); });
  check.sending(n1, stored, Accepted{b1, {1}, {1}, n1});
  check.sending(n1, stored, NewView{b1, {{b1, {1}, one}}});
  check.sending(n1, stored, Accept{b1, {1}, {one}, {}});
  check.sending(n1, stored, Promise{b1, n1, {1}, {}, {{b1, {1}, one}}});
  EXPECT_EQ(found_.size(), 3U);
  check.sending(n1, stored, NewView{b2, {}});
  check.sending(n1, stored, Accept{b2, {2}, {one}, {}});
  EXPECT_EQ(found_.size(), 5U);
}

TEST_F(CheckersTest, ConservationFindsMoneyMadeAndDebts) {
  ConservationCheck check(default_bank(), note());
  auto balances = Bank(default_bank()).balances();
  check.balances(n1, balances);
  EXPECT_THAT(found_, IsEmpty());
  balances[{"A"}] = {11};
  check.balances(n1, balances);
  balances[{"A"}] = {-1};
  balances[{"B"}] = {21};
  check.balances(n1, balances);
  EXPECT_THAT(found_, ElementsAre("conservation", "conservation"));
}

TEST_F(CheckersTest, ExactlyOnceFindsASecondApplication) {
  ExactlyOnceCheck check(default_bank(), note());
  check.execute(request("A", 1));
  check.execute(request("A", 1));
  check.node_executed(n1, executed(1, request("A", 1)));
  check.node_executed(n1, executed(2, request("A", 1), false));
  auto balances = Bank(default_bank()).balances();
  balances[{"A"}] = {9};
  balances[{"J"}] = {11};
  check.node_balances(n1, balances);
  EXPECT_THAT(found_, IsEmpty());
  check.node_executed(n2, executed(2, request("A", 1), true));
  balances[{"A"}] = {8};
  balances[{"J"}] = {12};
  check.node_balances(n2, balances);
  EXPECT_THAT(found_, ElementsAre("exactly once", "exactly once"));
}

TEST_F(CheckersTest, ExactlyOnceGoesOnFromACheckpoint) {
  StateMachine machine(default_bank());
  machine.execute({1}, request("A", 1));
  ExactlyOnceCheck check(default_bank(), note());
  check.begin_from(machine.to_checkpoint(n1));
  EXPECT_FALSE(check.execute(request("A", 1)).applied);
  check.node_balances(n1, machine.bank().balances());
  EXPECT_THAT(found_, IsEmpty());
}

TEST_F(CheckersTest, AcceptorFindsWhatGoesBack) {
  AcceptorCheck check(note());
  check.promised(n1, b1);
  check.accepted(n1, {1}, b1);
  check.promised(n1, b2);
  check.accepted(n1, {1}, b2);
  EXPECT_THAT(found_, IsEmpty());
  check.accepted(n1, {2}, b1);
  check.promised(n1, b1);
  EXPECT_THAT(found_, ElementsAre("acceptance", "promise"));
}

TEST_F(CheckersTest, AcceptorFindsALogThatGoesBack) {
  AcceptorCheck check(note());
  AcceptLog log;
  log.accept({1}, b1, request("A", 1));
  log.accept({2}, b1, request("B", 1));
  check.logged(n1, log, {1}, b1);
  check.logged(n1, log, {2});  // seen, and not stored
  EXPECT_THAT(found_, IsEmpty());
  check.logged(n1, log, {1}, b2);  // stored in b2, and the log knows of b1 only
  EXPECT_THAT(found_, ElementsAre("accept log"));
  log.accept({1}, b2, request("A", 1));
  check.logged(n1, log, {1}, b2);

  AcceptLog kept;
  kept.accept({1}, b2, request("A", 1));
  check.restarted(n1, kept);  // the second slot had not been stored
  EXPECT_EQ(found_.size(), 1U);
  check.restarted(n1, AcceptLog());
  EXPECT_THAT(found_, ElementsAre("accept log", "accept log"));
}

TEST_F(CheckersTest, QuorumFindsACountThatMixesBallots) {
  QuorumCheck check(5, note());
  const Command command = request("A", 1);
  for (const NodeId node : {n1, n2, n3}) check.accepted(node, {1}, b1, command);
  for (const NodeId node : {n1, n2}) check.accepted(node, {1}, b2, command);
  check.counted(b1, {1});
  EXPECT_THAT(found_, IsEmpty());
  check.counted(b2, {1});
  EXPECT_THAT(found_, ElementsAre("quorum"));
  check.checkpointed(n3, {1});
  check.counted(b2, {1});
  EXPECT_EQ(found_.size(), 1U);
}

TEST_F(CheckersTest, QuorumCountsNodesInOneBallot) {
  QuorumCheck check(5, note());
  const Command command = request("A", 1);
  check.accepted(n1, {1}, b1, command);
  check.accepted(n2, {1}, b1, command);
  check.accepted(n2, {1}, b1, command);
  check.accepted(n3, {1}, b2, command);
  check.committed(n1, {1}, command);
  EXPECT_THAT(found_, ElementsAre("quorum"));
  check.accepted(n3, {1}, b1, command);
  check.committed(n1, {1}, command);
  EXPECT_EQ(found_.size(), 1U);
}

TEST_F(CheckersTest, QuorumFindsTwoProposalsInOneBallot) {
  QuorumCheck check(5, note());
  check.accepted(n1, {1}, b1, request("A", 1));
  check.accepted(n2, {1}, b1, NoOp{});
  EXPECT_THAT(found_, ElementsAre("one proposal a ballot"));
}

TEST_F(CheckersTest, ReplyFindsWhatWasNotExecutedOrSaysOtherwise) {
  ReplyCheck check(note());
  check.executed(executed(4, request("A", 1)));
  check.replied(n1, {4}, {b1, {"A"}, {1}, Result::success, {4}});
  EXPECT_THAT(found_, IsEmpty());
  check.replied(n1, {4}, {b1, {"A"}, {1}, Result::failed, {4}});   // another result
  check.replied(n2, {3}, {b1, {"A"}, {1}, Result::success, {4}});  // n2 has not got there
  check.replied(n1, {4}, {b1, {"A"}, {2}, Result::success, {5}});  // nobody executed that
  EXPECT_THAT(found_, ElementsAre("reply", "reply", "reply"));
}

TEST_F(CheckersTest, LinearizabilityFindsAnOrderTurnedAround) {
  LinearizabilityCheck check(default_bank(), note());
  check.invoked({"A"}, {1});
  check.invoked({"B"}, {1});  // at the same time as A's: either order will do
  check.answered(answer(request("A", 1), 2));
  check.answered(answer(request("B", 1), 1));
  EXPECT_THAT(found_, IsEmpty());
  check.invoked({"C"}, {1});  // after both
  check.answered(answer(request("C", 1), 2));
  EXPECT_THAT(found_, ElementsAre("linearizability", "linearizability"));  // too low, and taken
}

TEST_F(CheckersTest, LinearizabilityFindsResultsThatDoNotFollow) {
  LinearizabilityCheck check(default_bank(), note());
  check.invoked({"A"}, {1});
  check.answered(answer(request("A", 1, 8), 1));
  check.invoked({"A"}, {2});
  check.answered(answer(request("A", 2, 8), 2));  // with 2 left, 8 cannot go
  check.finish();
  EXPECT_THAT(found_, ElementsAre("linearizability"));
}

TEST_F(CheckersTest, LinearizabilityFindsAnAnswerTwice) {
  LinearizabilityCheck check(default_bank(), note());
  check.invoked({"A"}, {1});
  check.answered(answer(request("A", 1), 1));
  check.answered(answer(request("A", 1), 1));
  EXPECT_THAT(found_, ElementsAre("linearizability"));
}

}  // namespace
}  // namespace paxbank::sim
