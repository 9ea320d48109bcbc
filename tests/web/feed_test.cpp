// What the pages are shown, in the order in which they get it. Time is the test's.
#include "paxbank/web/feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "web/small_trace.hpp"

namespace paxbank::web {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::SmallTrace;

constexpr std::chrono::milliseconds at_once{0};
constexpr std::string_view pulse = "event: pulse\ndata: 0\n\n";

TEST(Feed, BeginsWithTheHeadAndGivesRowsOnceTheyHaveSettled) {
  SmallTrace trace;
  Feed feed(trace.file(), "a run");
  Feed::Place page;
  EXPECT_THAT(feed.next(page, at_once), HasSubstr("event: head\ndata: {\"version\":2,"));
  trace.send(1, "n1>n2/1:1");
  feed.tail(TimePoint(0ms));
  feed.tail(TimePoint(59ms));
  EXPECT_EQ(feed.next(page, at_once), pulse);
  feed.tail(TimePoint(60ms));
  EXPECT_EQ(feed.next(page, at_once),
            "event: rows\nid: 1\ndata: [[1,0,4,5,-1,-1,8,0,0,0,1,1,{\"id\":\"n1>n2/1:1\","
            "\"message\":{\"type\":\"HEARTBEAT\",\"ballot\":[1,1]}}]]\n\n");
}

TEST(Feed, PutsLinesInTheOrderOfTheirTimes) {
  SmallTrace trace;
  Feed feed(trace.file(), "");
  trace.send(20, "n1>n2/1:1");
  trace.send(10, "n2>n1/1:1");
  feed.tail(TimePoint(0ms));
  feed.tail(TimePoint(60ms));
  trace.send(5, "n3>n1/1:1", "n3");  // too late: time does not go back
  feed.tail(TimePoint(70ms));
  feed.tail(TimePoint(130ms));
  Feed::Place page;
  const std::string rows = feed.next(page, at_once);
  EXPECT_LT(rows.find("n2>n1"), rows.find("n1>n2"));
  EXPECT_THAT(rows, HasSubstr("[20,0,6,"));
}

TEST(Feed, WhatArrivedHasTheTextOfItsSend) {
  SmallTrace trace;
  Feed feed(trace.file(), "");
  trace.send(1, "n1>n2/1:1");
  trace.receive(2, "n1>n2/1:1");
  feed.tail(TimePoint(0ms));
  feed.tail(TimePoint(60ms));
  Feed::Place page;
  EXPECT_THAT(feed.next(page, at_once), HasSubstr(",[2,1,5,4,0,-1,8,0,0,0,1,1,null]]\n"));
}

TEST(Feed, APageThatComesBackGoesOnWhereItWas) {
  SmallTrace trace;
  Feed feed(trace.file(), "");
  for (int i = 0; i < 3; ++i) trace.send(i, "n1>n2/1:" + std::to_string(i));
  feed.tail(TimePoint(0ms));
  feed.tail(TimePoint(60ms));
  Feed::Place page{.rows = 2};
  const std::string events = feed.next(page, at_once);
  EXPECT_THAT(events, HasSubstr("event: head"));
  EXPECT_THAT(events, HasSubstr("id: 3"));
  EXPECT_THAT(events, Not(HasSubstr("n1>n2/1:1")));
}

TEST(Feed, SomebodyFromOutsideGetsALane) {
  SmallTrace trace;
  Feed feed(trace.file(), "");
  Feed::Place page;
  (void)feed.next(page, at_once);
  trace.send(1, "x", "stranger");
  feed.tail(TimePoint(0ms));
  feed.tail(TimePoint(60ms));
  EXPECT_THAT(feed.next(page, at_once), HasSubstr("{\"name\":\"stranger\",\"sort\":\"client\"}"));
}

TEST(Feed, OfWhatIsToldTheLastIsKept) {
  SmallTrace trace;
  Feed feed(trace.file(), "");
  for (int i = 1; i <= 300; ++i) feed.tell("word " + std::to_string(i) + "\n\"");
  feed.tell("\n");
  Feed::Place page;
  const std::string events = feed.next(page, at_once);
  EXPECT_THAT(events,
              HasSubstr("event: told\ndata: {\"number\":300,\"text\":\"word 300\\n\\\"\"}\n"));
  EXPECT_THAT(events, Not(HasSubstr("word 100")));
  EXPECT_THAT(events, HasSubstr("word 101"));
  EXPECT_EQ(feed.next(page, at_once), pulse);
}

TEST(Feed, TimeAndItsPaceAreToldWhenTheyChange) {
  SmallTrace trace;
  Feed feed(trace.file(), "");
  Feed::Place page;
  EXPECT_THAT(feed.next(page, at_once), HasSubstr("event: pace\ndata: 1\n\n"));
  feed.set_pace(20);
  feed.set_time(7);
  EXPECT_EQ(feed.next(page, at_once), "event: pace\ndata: 20\n\nevent: now\ndata: 7\n\n");
  EXPECT_EQ(feed.next(page, at_once), pulse);
}

TEST(Feed, HalfALineWaitsForItsEnd) {
  SmallTrace trace;
  Feed feed(trace.file(), "");
  trace.write("{\"time_us\":1,\"node\":\"n1\",");
  feed.tail(TimePoint(0ms));
  trace.write("\"kind\":\"timer\",\"id\":\"t1\"}\n");
  feed.tail(TimePoint(10ms));
  feed.tail(TimePoint(70ms));
  Feed::Place page;
  EXPECT_THAT(feed.next(page, at_once), HasSubstr("data: [[1,5,4,-1,"));
}

TEST(Feed, WithoutATraceThereIsNothingToShow) {
  EXPECT_THROW(Feed("/nowhere/run.jsonl", ""), view::NoTrace);
}

}  // namespace
}  // namespace paxbank::web
