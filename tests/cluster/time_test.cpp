// Time as a user commands it: slow motion, standing still, one step after the other, a message lost
// by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "trace_rules.hpp"
#include <csignal>
#include <map>
#include <set>
#include <string>

namespace paxbank::testing {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Time, InSlowMotionAMessageFliesForAsLongAsCanBeSeen) {
  const TemporaryFile trace;
  const Ended ended = run({"--base-port", "0", "--slow", "4", "--trace", trace.name()},
                          "send A B 1\nlf\nsend B C 1\ncheck\n");
  EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("All well."));
  std::map<std::string, std::int64_t> sent;
  std::size_t arrived = 0;
  for (const Json& line : json_lines(trace.text())) {
    if (line.value("kind", "") == "send") sent[line.at("id")] = line.at("time_us");
    if (line.value("kind", "") != "receive") continue;
    ++arrived;
    // In the core's time, whatever else the machine has to do.
    EXPECT_GE(line.at("time_us").get<std::int64_t>() - sent.at(line.at("send")), 24'900) << line;
  }
  EXPECT_GT(arrived, 50U);
}

TEST(Time, WhereItStandsOneThingHappensAfterTheOther) {
  Program paxbank({"--base-port", "0", "--slow", "2"}, Program::Input::pipe);
  paxbank.type("send A B 1\npause\n");
  paxbank.read_until("time stands still");
  paxbank.type("send B C 2\n");
  paxbank.read_until("step lets it happen");
  // Nothing has happened to it; the request arrives in one of the next steps.
  std::string told;
  for (int i = 0; i < 40 && told.find("REQUEST B->C 2") == std::string::npos; ++i) {
    paxbank.type("step\n");
    told = paxbank.read_until("step: ") + paxbank.read_until("\n");
    EXPECT_THAT(told, Not(HasSubstr("2  B->C")));
  }
  EXPECT_THAT(told, HasSubstr("REQUEST B->C 2"));
  paxbank.type("next\nresume\n");
  paxbank.read_until("2  B->C 2        success");
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 2);  // there was no next set
}

/// The id of the last REQUEST that the trace says was sent.
std::string last_request(const TemporaryFile& trace) {
  std::string id;
  for (const Json& line : json_lines(trace.text())) {
    if (line.value("kind", "") == "send" &&
        line.value("/message/type"_json_pointer, "") == "REQUEST") {
      id = line.at("id");
    }
  }
  return id;
}

TEST(Time, AMessageOnItsWayCanBeLost) {
  const TemporaryFile trace;
  Program paxbank({"--base-port", "0", "--slow", "2", "--trace", trace.name()},
                  Program::Input::pipe);
  paxbank.type("send A B 1\npause\nsend B C 2\n");
  paxbank.read_until("step lets it happen");
  const std::string id = last_request(trace);
  paxbank.type("lose nothing\nlose " + id + "\nlose " + id + "\n");
  paxbank.read_until("nothing is not on its way");
  paxbank.read_until(id + " is lost");
  paxbank.read_until(id + " is not on its way");
  paxbank.type("resume\n");
  paxbank.read_until("2  B->C 2        success");  // its client has asked again
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 0);
  std::map<std::string, Json> sends;
  std::set<std::string> arrived;
  std::set<std::string> lost;
  for (const Json& line : json_lines(trace.text())) {
    const std::string kind = line.value("kind", "");
    if (kind == "send") sends[line.at("id")] = line;
    if (kind == "lost") lost.insert(line.at("send"));
    if (kind != "receive") continue;
    ASSERT_TRUE(sends.contains(line.at("send"))) << line;
    EXPECT_EQ(sends.at(line.at("send")).at("node"), line.at("peer")) << line;
    arrived.insert(line.at("send"));
  }
  EXPECT_EQ(lost, std::set<std::string>{id});
  EXPECT_FALSE(arrived.contains(id));
}

TEST(Time, ASwitchThatStoodStillGoesOnAndKeepsUpWithTime) {
  Program paxbank({"--base-port", "0", "--slow", "2"}, Program::Input::pipe);
  paxbank.read_until("leads in ballot");
  const pid_t exchange = paxbank.children().at(6);
  ::kill(exchange, SIGSTOP);
  paxbank.read_until("switch does not answer");
  paxbank.type("slow 1\n");
  paxbank.read_until("time goes as it goes");
  ::kill(exchange, SIGCONT);
  paxbank.read_until("switch answers again");
  paxbank.type("send A B 1\n");
  paxbank.read_until("A->B 1        success");
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
}

TEST(Time, WhateverIsDoneToItTheTraceKeepsItsRules) {
  const TemporaryFile trace;
  Program paxbank({"--base-port", "0", "--slow", "1", "--no-pause", "--trace", trace.name()},
                  Program::Input::pipe);
  paxbank.type("status\n");
  paxbank.read_until("n1  127.0.0.1:");
  Intruder outside(static_cast<std::uint16_t>(std::stoul(paxbank.read_until(" "))));
  // All nodes are busy with what comes of these while time goes so and so.
  constexpr int requests = 4'000;
  for (int i = 1; i <= requests; ++i) {
    outside.send(R"({"type":"REQUEST","client_id":"x)" + std::to_string(i) +
                 R"(","timestamp":1,"transaction":["A","J",1]})" + "\n");
    if (i % 100 == 0) paxbank.type("slow 3\nslow 1\npause\nresume\n");
  }
  for (int i = 1; i <= requests; ++i) outside.read_line();
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
  EXPECT_GT(expect_rules_kept(json_lines(trace.text())).arrived, 10'000U);
}

TEST(Time, WhoStoodStillWhenItWasStoppedIsNotAheadOfIt) {
  const TemporaryFile trace;
  Program paxbank({"--base-port", "0", "--slow", "1", "--no-pause", "--trace", trace.name()},
                  Program::Input::pipe);
  paxbank.read_until("leads in ballot");
  const pid_t node = paxbank.children().at(1);
  ::kill(node, SIGSTOP);
  paxbank.type("pause\n");
  paxbank.read_until("n2 does not answer");  // two seconds later
  ::kill(node, SIGCONT);
  paxbank.read_until("n2 answers again");
  paxbank.type("status\nquit\n");
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
  const std::vector<Json> lines = json_lines(trace.text());
  expect_rules_kept(lines);
  // Time has stood until the end, and nothing is later.
  std::int64_t end = 0;
  for (const Json& line : lines) {
    if (line.value("/mark/event"_json_pointer, "") == "summary") end = line.at("time_us");
  }
  EXPECT_EQ(lines.back().at("time_us"), end) << lines.back();
}

TEST(Time, WithoutTheSwitchItIsNotToBeHad) {
  const Ended ended = run({"--base-port", "0"}, "slow 3\nstep\nlose x\n");
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.output, HasSubstr("start with --slow N"));
}

TEST(Time, AClusterThatRunsOnElectsWhileThePromptWaits) {
  Program paxbank({"--base-port", "0", "--no-pause", "--format", "jsonl"}, Program::Input::pipe);
  paxbank.type("leader\n");
  paxbank.read_until("\"event\":\"leader\"");
  const std::string told = paxbank.read_until("\n");
  const std::string before = told.substr(told.find("\"node\":"), 8);
  const auto leader = static_cast<std::size_t>(before.back() - '1');
  ::kill(paxbank.children().at(leader), SIGKILL);
  // Nobody wakes the cluster: it goes by itself.
  std::string now = before;
  for (int i = 0; i < 10'000 && (now == before || now.find("null") != std::string::npos); ++i) {
    paxbank.type("leader\n");
    paxbank.read_until("\"event\":\"leader\"");
    const std::string line = paxbank.read_until("\n");
    now = line.substr(line.find("\"node\":"), 8);
    if (line.find("\"node\":null") != std::string::npos) now = before;
  }
  EXPECT_NE(now, before);
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 1);  // a node has died unasked
}

TEST(Time, WhatCannotBeIsRefused) {
  for (const auto& [arguments, words] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--slow", "0"}, "expected a whole number from 1 to 100"},
           {{"--slow", "x"}, "expected a whole number from 1 to 100"},
           {{"x.csv", "--web", "y"}, "expected a port"}}) {
    const Ended ended = run(arguments);
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.errors, HasSubstr(words));
  }
}

}  // namespace
}  // namespace paxbank::testing
