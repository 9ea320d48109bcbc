// A trace is read as far as it is whole, and what is not is told with its line.
#include "paxbank/view/reader.hpp"

#include "paxbank/view/bands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traces.hpp"

namespace paxbank::view {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string timer(int time_us, const std::string& more = "") {
  return R"({"time_us":)" + std::to_string(time_us) + R"(,"node":"n1","kind":"timer")" + more + "}";
}

std::string failure_of(const std::string& trace) {
  try {
    (void)read(trace);
  } catch (const NoTrace& wrong) {
    return wrong.what();
  }
  return "read";
}

TEST(Reader, TakesEveryLineOfASimulatedRun) {
  const std::string trace = simulated(3);
  const Plain plain(trace);
  const auto run = read(trace);
  EXPECT_THAT(run.notes, IsEmpty());
  EXPECT_EQ(run.by, "simulator");
  EXPECT_EQ(run.nodes, 5U);
  ASSERT_THAT(run.events, SizeIs(plain.lines.size()));
  for (std::size_t i = 0; i < run.events.size(); ++i) {
    const Event& event = run.events[i];
    const nlohmann::json& line = plain.lines[i];
    ASSERT_EQ(event.time_us, line["time_us"]);
    ASSERT_EQ(run.lanes[event.lane].name, line["node"]);
    ASSERT_EQ(kind_names[static_cast<int>(event.kind)], line["kind"]);
    const std::string tie = line.value("send", "");
    ASSERT_EQ(event.link, tie.empty() ? nowhere : plain.by_id.at(tie)) << line;
    const std::string cause = line.value("cause", "");
    ASSERT_EQ(event.cause, cause.empty() ? nowhere : plain.by_id.at(cause)) << line;
    if (event.link == nowhere) continue;
    ASSERT_EQ(type_names[event.type], plain.type_of(*plain.send_of(line))) << line;
  }
}

TEST(Reader, WhatAMessageSpeaksOfStandsAtEachOfItsEvents) {
  const auto run = read(nasty_trace());
  EXPECT_THAT(run.notes, IsEmpty());
  const Event& copy = run.events[7];
  EXPECT_TRUE(copy.again);
  for (const std::size_t place : {5, 6, 7, 8, 10, 11}) {
    const Event& event = run.events[place];
    EXPECT_EQ(type_names[event.type], "ACCEPT") << place;
    EXPECT_EQ(event.round, 1U) << place;
    EXPECT_EQ(event.owner, 1U) << place;
    EXPECT_EQ(event.slot, 4U) << place;
    EXPECT_EQ(event.slot_to, 5U) << place;
  }
  EXPECT_THAT(run.text(run.events[10].body), HasSubstr("reason"));
  EXPECT_EQ(run.violation(), 16U);
}

TEST(Reader, ALineThatIsCutOffIsNotShown) {
  const std::string trace = trace_of({timer(1), timer(2)});
  const auto run = read(trace.substr(0, trace.size() - 5));
  EXPECT_THAT(run.events, SizeIs(1));
  EXPECT_THAT(run.notes,
              ElementsAre("line 3 is cut off in the middle; shown is what is before it"));
}

TEST(Reader, ASchemaThatItDoesNotReadIsNamed) {
  EXPECT_EQ(failure_of(timer(1) + "\n"),
            "line 1: a trace of an older paxbank, without a head; write it anew with --trace");
  EXPECT_EQ(failure_of("{\"paxbank_trace\":3}\n"),
            "line 1: a trace of version 3; this program reads version 2");
  EXPECT_EQ(failure_of("{\"paxbank_trace\":1}\n"),
            "line 1: a trace of version 1; this program reads version 2");
}

TEST(Reader, WhatIsNoTraceIsRefused) {
  EXPECT_THAT(failure_of(""), StartsWith("is empty: a trace begins with {\"paxbank_trace\":2"));
  for (const std::string wrong :
       {"\n", "Set Number,Transactions,Live Nodes\n", "{}\n", "[]\n", "{\"paxbank_trace\":\"2\"}\n",
        "\x7f\x45LF\xff\xfe", "{\"paxbank_trace\":2,"}) {
    EXPECT_THAT(failure_of(wrong), StartsWith("line 1: no head of a trace: it would be {\"paxb"))
        << wrong;
  }
  EXPECT_EQ(failure_of(trace_of({})), "nothing happened: it has a head and no event");
  EXPECT_EQ(failure_of(trace_of({"", "x"})), "line 2 is not JSON; no event is left to show");
}

TEST(Reader, AnotherRunInTheSameFileIsNotMixedIn) {
  const std::string trace = trace_of({timer(1), timer(2)});
  const auto run = read(trace + trace);
  EXPECT_THAT(run.events, SizeIs(2));
  EXPECT_THAT(run.notes, ElementsAre("line 4 begins another run; shown is the first, up to there"));
}

TEST(Reader, LinesOfTwoRunsAmongEachOtherAreToldByTheirNames) {
  const auto run = read(trace_of({timer(1, R"(,"id":"n1.1")"), timer(2, R"(,"id":"n1.1")")}));
  EXPECT_THAT(run.events, SizeIs(2));
  EXPECT_THAT(run.notes, ElementsAre("line 3 uses the name n1.1 again; two runs in one file?"));
}

TEST(Reader, LinesThatAreNoEventsAreLeftOutAndTold) {
  const auto run = read(trace_of({timer(1), "not JSON", "[]", R"({"time_us":3})",
                                  R"({"time_us":3,"node":"n1","kind":"novelty"})",
                                  R"({"time_us":3,"node":"n1","kind":"timer")", timer(4)}));
  EXPECT_THAT(run.events, SizeIs(2));
  EXPECT_THAT(run.notes, ElementsAre("line 3 is not JSON", "line 4 is not JSON",
                                     "line 5 is no event of a trace",
                                     "line 6 is no event of a trace", "line 7 is not JSON"));
}

TEST(Reader, OfManySuchLinesTheRestIsCounted) {
  std::vector<std::string> lines(100, "x");
  lines.push_back(timer(1));
  const auto run = read(trace_of(lines));
  EXPECT_THAT(run.notes, SizeIs(6));
  EXPECT_EQ(run.notes.back(), "so it is with 95 more lines");
}

TEST(Reader, ASendThatIsMissingIsTold) {
  const auto run = read(trace_of(
      {R"({"time_us":1,"node":"n1","kind":"receive","id":"r","peer":"n2","send":"gone"})",
       R"({"time_us":1,"node":"n1","kind":"send","id":"s","peer":"n2","same_as":"gone"})"}));
  EXPECT_THAT(run.events, SizeIs(2));
  EXPECT_EQ(run.events[0].link, nowhere);
  EXPECT_THAT(run.notes, ElementsAre("line 2 names a send that is not there",
                                     "line 3 names a send that is not there"));
}

TEST(Reader, ALineWithoutEndIsPassedOver) {
  constexpr std::size_t long_line = 5'000'000;
  const Limits limits{.line_bytes = 1'000};
  const auto run = read(trace_of({timer(1), std::string(long_line, 'x'), timer(2)}), limits);
  EXPECT_THAT(run.events, SizeIs(2));
  EXPECT_THAT(run.notes, ElementsAre("line 3 has more than 1000 bytes; it is left out"));
  EXPECT_THROW((void)read(std::string(long_line, '{'), limits), NoTrace);
  const auto last = read(trace_of({timer(1), std::string(long_line, 'x')}), limits);
  EXPECT_THAT(last.events, SizeIs(1));
}

TEST(Reader, OfATraceThatIsTooLongTheBeginningIsShown) {
  std::vector<std::string> lines(1'000, timer(1, R"(,"why":"x","note":"some text")"));
  const auto few = read(trace_of(lines), {.events = 10});
  EXPECT_THAT(few.events, SizeIs(10));
  EXPECT_THAT(few.notes, ElementsAre("shown are the first 10 events, up to line 11; more cannot be "
                                     "shown at once"));
  const auto short_texts = read(trace_of(lines), {.text_bytes = 100});
  EXPECT_THAT(short_texts.events, SizeIs(5));
  EXPECT_THAT(short_texts.notes, SizeIs(1));
}

TEST(Reader, LinesThatComeLateArePutInOrder) {
  const auto late = read(trace_of({timer(30), timer(10, R"(,"id":"a")"),
                                   R"({"time_us":30,"node":"n1","kind":"state","cause":"a"})",
                                   R"({"time_us":20,"node":"n1","kind":"burst","inputs":["a"]})"}));
  ASSERT_THAT(late.events, SizeIs(4));
  EXPECT_THAT(late.notes,
              ElementsAre("line 3 is earlier than the one before it: all are put in the "
                          "order of their times"));
  EXPECT_EQ(late.events[0].time_us, 10);
  EXPECT_EQ(late.events[1].kind, Kind::burst);
  EXPECT_EQ(late.text(late.events[1].body), R"({"inputs":[0]})");
  EXPECT_EQ(late.events[3].cause, 0U);
}

TEST(Reader, WhoeverIsNotInTheHeadIsAClient) {
  const auto run = read(trace_of({R"({"time_us":1,"node":"somebody","kind":"timer"})"}));
  EXPECT_EQ(run.lanes.back().name, "somebody");
  EXPECT_EQ(run.lanes.back().sort, Lane::Sort::client);
}

TEST(Reader, ValuesOfTheWrongTypeHarmNobody) {
  const auto run = read(trace_of({
      R"({"time_us":"1","node":"n1","kind":"state","whole":1,"role":2,"connected":3,"follows":["a",{}]})",
      R"({"time_us":1e300,"node":"n1","kind":"send","id":"x","peer":7,"message":{"type":1,"ballot":[-1,1e9]}})",
      R"({"time_us":2,"node":"n1","kind":"send","peer":"n2","message":[]})",
      R"({"time_us":2,"node":"n1","kind":"burst","inputs":{"a":1}})",
      R"({"time_us":2,"node":"n1","kind":"mark","mark":"row"})",
      R"({"time_us":2,"node":"n1","kind":"state","accepted":[[1]],"chosen":[-5,"x",99999999999]})",
  }));
  EXPECT_THAT(run.events, SizeIs(6));
  EXPECT_THAT(bands_of(run, run.events[0].lane), SizeIs(1));
}

TEST(Bands, FollowANodesStateToTheEndOfTheRun) {
  const auto run = read(trace_of({
      R"({"time_us":0,"node":"n1","kind":"state","whole":true,"role":"backup","follows":null})",
      R"({"time_us":10,"node":"n1","kind":"event","event":"stands","ballot":[2,1]})",
      R"({"time_us":10,"node":"n1","kind":"state","role":"candidate"})",
      R"({"time_us":20,"node":"n1","kind":"state","role":"leader","follows":[2,1]})",
      R"({"time_us":25,"node":"n1","kind":"state","executed":4})",
      R"({"time_us":30,"node":"n1","kind":"state","connected":false,"paused":true})",
      R"({"time_us":40,"node":"n1","kind":"crash"})",
      R"({"time_us":50,"node":"n1","kind":"state","whole":true,"role":"backup","follows":null})",
      R"({"time_us":60,"node":"n2","kind":"timer"})",
  }));
  std::vector<std::string> told;
  for (const Band& band : bands_of(run, run.events[0].lane)) {
    told.push_back(std::to_string(band.from_us) + ".." + std::to_string(band.to_us) + " " +
                   band.role + " " + std::to_string(band.round) + "," + std::to_string(band.owner) +
                   (band.connected ? "" : " cut off") + (band.paused ? " paused" : ""));
  }
  EXPECT_THAT(told,
              ElementsAre("0..10 backup 0,0", "10..20 candidate 2,1", "20..30 leader 2,1",
                          "30..40 leader 2,1 cut off paused", "40..50  0,0", "50..60 backup 0,0"));
}

}  // namespace
}  // namespace paxbank::view
