#include "paxbank/core/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paxbank {
namespace {

using std::chrono::milliseconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Transaction transaction{{"A"}, {"J"}, {1}};
const Ballot ballot{1, {3}};

class ClientTest : public ::testing::Test {
 protected:
  static Reply reply(std::int64_t timestamp) {
    return {ballot, {"A"}, {timestamp}, Result::success, {7}};
  }
  LeaderHint leader_;
  Client client_{{{"A"}}, leader_};
  TimePoint now_;
};

TEST_F(ClientTest, AsksAllUntilItKnowsALeaderThenThatOne) {
  client_.submit(transaction);
  ClientOutput out = client_.tick(now_);
  ASSERT_THAT(out.messages, SizeIs(1));
  EXPECT_EQ(out.messages[0].to, Destination{AllNodes{}});
  out = client_.receive(reply(1), now_ + milliseconds(2));
  ASSERT_TRUE(out.answer.has_value());
  EXPECT_EQ(out.answer->latency, milliseconds(2));
  EXPECT_EQ(out.answer->sequence, SequenceNumber{7});
  client_.submit(transaction);
  EXPECT_EQ(client_.tick(now_).messages.at(0).to, Destination{NodeId{3}});
}

TEST_F(ClientTest, IsAClosedLoopWithIncreasingTimestamps) {
  EXPECT_EQ(client_.submit(transaction), Timestamp{1});
  EXPECT_EQ(client_.submit(transaction), Timestamp{2});
  EXPECT_THAT(client_.tick(now_).messages, SizeIs(1));
  EXPECT_THAT(client_.tick(now_).messages, IsEmpty());
  const ClientOutput out = client_.receive(reply(1), now_);
  ASSERT_THAT(out.messages, SizeIs(1));
  EXPECT_EQ(std::get<Request>(out.messages[0].message).timestamp, Timestamp{2});
}

TEST_F(ClientTest, RefusesWhatItHasNoRoomFor) {
  for (std::size_t i = 0; i < Client::waiting_limit; ++i) client_.submit(transaction);
  EXPECT_EQ(client_.submit(transaction), std::nullopt);
  client_.tick(now_);
  EXPECT_NE(client_.submit(transaction), std::nullopt);
}

TEST_F(ClientTest, AnAnswerThatComesTwiceOrLateCountsOnce) {
  client_.submit(transaction);
  client_.tick(now_);
  EXPECT_TRUE(client_.receive(reply(1), now_).answer.has_value());
  EXPECT_FALSE(client_.receive(reply(1), now_).answer.has_value());
  client_.submit(transaction);
  client_.tick(now_);
  EXPECT_FALSE(client_.receive(reply(1), now_).answer.has_value());
}

TEST_F(ClientTest, WhereSomebodyElseSpeaksInItsNameItSaysSoAndGoesOnAboveThat) {
  client_.submit(transaction);
  client_.tick(now_);
  const ClientOutput out = client_.receive({.ballot = ballot,
                                            .client = {"A"},
                                            .timestamp = {1},
                                            .result = Result::stale,
                                            .sequence = {},
                                            .newest = Timestamp{50}},
                                           now_);
  ASSERT_TRUE(out.answer.has_value());
  EXPECT_EQ(out.answer->result, Result::stale);
  EXPECT_EQ(client_.submit(transaction), Timestamp{51});
}

TEST_F(ClientTest, AsksAllAgainWithBackOffAndNeverGivesUp) {
  leader_.ballot = ballot;
  client_.submit(transaction);
  client_.tick(now_);
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 8; ++i) {
    const TimePoint before = now_;
    now_ = client_.tick(now_).wake_at;
    const ClientOutput out = client_.tick(now_);
    ASSERT_THAT(out.messages, SizeIs(1));
    EXPECT_EQ(out.messages[0].to, Destination{AllNodes{}});
    waits.push_back((now_ - before) / milliseconds(1));
  }
  EXPECT_THAT(waits, ::testing::ElementsAre(400, 800, 1600, 3200, 6400, 8000, 8000, 8000));
  EXPECT_EQ(leader_.ballot, Ballot{});  // the others will not ask it either
}

TEST_F(ClientTest, PausedItSendsNothingAndResumedItStartsWithTheFirstTimeout) {
  client_.submit(transaction);
  client_.tick(now_);
  now_ += milliseconds(400);
  client_.tick(now_);
  client_.pause(now_);
  EXPECT_EQ(client_.tick(now_ + milliseconds(60'000)).wake_at, never);
  EXPECT_EQ(client_.resume(now_).wake_at, now_ + milliseconds(400));
}

}  // namespace
}  // namespace paxbank
