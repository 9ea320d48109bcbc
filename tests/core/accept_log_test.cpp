#include "paxbank/core/accept_log.hpp"

#include <gtest/gtest.h>

namespace paxbank {
namespace {

const Ballot b1{1, {1}};
const Ballot b2{2, {2}};
const Command a = Request{{"A"}, {1}, {{"A"}, {"B"}, {1}}};
const Command c = Request{{"C"}, {1}, {{"C"}, {"D"}, {1}}};

TEST(AcceptLog, StatusOnlyMovesForward) {
  AcceptLog log;
  EXPECT_EQ(to_letter(log.status({1})), 'X');
  log.accept({1}, b1, a);
  EXPECT_EQ(to_letter(log.status({1})), 'A');
  log.commit({1}, b1, a);
  EXPECT_EQ(to_letter(log.status({1})), 'C');
  log.accept({1}, b2, a);
  EXPECT_EQ(to_letter(log.status({1})), 'C');
  log.execute_next();
  log.commit({1}, b2, a);
  log.accept({1}, b2, a);
  EXPECT_EQ(to_letter(log.status({1})), 'E');
}

// Rule 6: a higher committed number waits for the gap below it.
TEST(AcceptLog, TheCommittedPointStopsAtAGap) {
  AcceptLog log;
  log.commit({1}, b1, a);
  log.commit({3}, b1, a);
  EXPECT_EQ(log.committed(), SequenceNumber{1});
  log.commit({2}, b1, NoOp{});
  EXPECT_EQ(log.committed(), SequenceNumber{3});
}

TEST(AcceptLog, AStaleCommitTeachesItsCommandAndLowersNothing) {
  AcceptLog log;
  log.accept({1}, b2, a);
  log.commit({1}, b1, a);
  EXPECT_EQ(log.find({1})->ballot, b2);
}

TEST(AcceptLog, KnowsWhatNoHonestLeaderSays) {
  AcceptLog log;
  log.accept({1}, b1, a);
  EXPECT_FALSE(log.contradicts({1}, b2, c));  // a later ballot may propose another command
  EXPECT_TRUE(log.contradicts({1}, b1, c));   // the same one may not
  EXPECT_FALSE(log.contradicts({1}, b1, a));
  log.commit({1}, b1, a);
  EXPECT_TRUE(log.contradicts({1}, b2, c));  // nor any, once it is chosen
  EXPECT_FALSE(log.contradicts({2}, b1, c));
}

TEST(AcceptLogDeathTest, AssertsItsInvariants) {
  AcceptLog log;
  log.accept({1}, b2, a);
  EXPECT_DEATH(log.accept({1}, b1, a), "never goes back");
  EXPECT_DEATH(log.execute_next(), "without a gap");
  log.commit({1}, b2, a);
  EXPECT_DEATH(log.accept({1}, b2, c), "never changes");
}

}  // namespace
}  // namespace paxbank
