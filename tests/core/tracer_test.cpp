#include "paxbank/core/tracer.hpp"

#include <gtest/gtest.h>

#include "at_once.hpp"

namespace paxbank {
namespace {

using std::chrono::milliseconds;

const Ballot b1{1, {2}};

TEST(SentBefore, AnAcceptIsAResendIfAllItsSlotsWentTheSameWayBefore) {
  SentBefore before;
  EXPECT_FALSE(before.note("n2", Accept{b1, {1}, {NoOp{}, NoOp{}}}));
  EXPECT_FALSE(before.note("n3", Accept{b1, {1}, {NoOp{}, NoOp{}}}));
  EXPECT_FALSE(before.note("n2", Accept{b1, {3}, {NoOp{}}}));
  EXPECT_TRUE(before.note("n2", Accept{b1, {2}, {NoOp{}}}));
  EXPECT_FALSE(before.note("n2", Accept{{2, {3}}, {2}, {NoOp{}}}));
}

TEST(SentBefore, ARequestIsAResendByItsClientAndTimestamp) {
  SentBefore before;
  const auto request = [](const char* client, std::int64_t timestamp) {
    return Request{{client}, {timestamp}, {{client}, {"J"}, {1}}};
  };
  EXPECT_FALSE(before.note("n2", request("A", 1)));
  EXPECT_FALSE(before.note("n2", request("B", 1)));
  EXPECT_TRUE(before.note("n2", request("A", 1)));
  EXPECT_FALSE(before.note("n2", request("A", 2)));
}

TEST(SentBefore, AHeartbeatIsNone) {
  SentBefore before;
  EXPECT_FALSE(before.note("n2", Heartbeat{b1, {2}, {}, {}, true}));
  EXPECT_FALSE(before.note("n2", Heartbeat{b1, {2}, {}, {}, true}));
}

/// A node and what is traced of it.
class TracerTest : public ::testing::Test {
 protected:
  struct Line {
    std::string kind;
    std::string id;
    std::string cause;
    std::string why;
  };

  static ReplicaConfig config() {
    ReplicaConfig config;
    config.id = {1};
    return config;
  }
  void carry_out() {
    const Output output = testing::flush_at_once(replica_, now_);
    tracer_.output(now_, output, replica_);
    for (const Envelope& envelope : output.messages) {
      tracer_.send(now_, name_of(envelope.to), envelope.message, tracer_.next_id(), false);
    }
    tracer_.done();
  }

  std::vector<Line> lines_;
  TimePoint now_;
  Replica replica_{config(), 1, now_};
  Tracer tracer_{[this](const TraceEvent& e) {
                   lines_.push_back({std::string(e.kind), std::string(e.id), std::string(e.cause),
                                     std::string(e.why)});
                 },
                 "n1"};
};

TEST_F(TracerTest, EverythingNamesTheInputThatItCameOf) {
  tracer_.start(now_);
  carry_out();
  const Message message = NewView{b1, {}};
  tracer_.receive(now_, NodeId{2}, message, "n2>n1/1:1");
  replica_.receive(message, now_);
  lines_.clear();
  carry_out();
  ASSERT_GE(lines_.size(), 3U);
  for (const Line& line : lines_) {
    EXPECT_EQ(line.cause, "n1.2") << line.kind;
    EXPECT_EQ(line.why, "NEW_VIEW from n2");
  }
}

TEST_F(TracerTest, ATimerOfWhichNothingComesIsNoLine) {
  tracer_.start(now_);
  carry_out();
  lines_.clear();
  replica_.tick(now_);
  tracer_.timer();
  carry_out();
  EXPECT_TRUE(lines_.empty());
  now_ += milliseconds(1'000);
  replica_.tick(now_);
  tracer_.timer();
  carry_out();
  ASSERT_FALSE(lines_.empty());
  EXPECT_EQ(lines_.front().kind, "timer");
  EXPECT_EQ(lines_.back().kind, "send");
  EXPECT_EQ(lines_.back().cause, lines_.front().id);
}

TEST_F(TracerTest, WhatComesOfSeveralInputsNamesAllOfThem) {
  tracer_.start(now_);
  carry_out();
  lines_.clear();
  for (std::uint64_t s = 1; s <= 2; ++s) {
    const Message accept = Accept{b1, {s}, {NoOp{}}};
    tracer_.receive(now_, NodeId{2}, accept, "m" + std::to_string(s));
    replica_.receive(accept, now_);
  }
  carry_out();
  ASSERT_GT(lines_.size(), 3U);
  EXPECT_EQ(lines_[2].kind, "burst");
  EXPECT_EQ(lines_[3].cause, lines_[2].id);
}

TEST_F(TracerTest, TimeNeverFallsBack) {
  std::vector<TimePoint> times;
  Tracer tracer([&](const TraceEvent& e) { times.push_back(e.time); }, "n1");
  tracer.order(TimePoint(milliseconds(5)), "pause");
  tracer.order(TimePoint(milliseconds(3)), "resume");
  EXPECT_EQ(times.back(), TimePoint(milliseconds(5)));
}

}  // namespace
}  // namespace paxbank
