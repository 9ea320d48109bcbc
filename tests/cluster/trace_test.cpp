// The trace of a real run: what docs/trace.md says of it holds, whatever happens to the processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "trace_rules.hpp"
#include <string>
#include <vector>

namespace paxbank::testing {
namespace {

using Json = nlohmann::json;

TEST(Trace, OfARealRunHasTheSameSchema) {
  const TemporaryFile file;
  const Ended ended =
      run({"--base-port", "0", "--trace", file.name()}, "send A B 1\nlf\nsend B C 1\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  std::vector<Json> lines = json_lines(file.text());
  EXPECT_EQ(lines.at(0).at("by"), "processes");
  EXPECT_EQ(lines.at(0).at("nodes"), 5);
  lines.erase(lines.begin());
  bool answered = false;
  bool accepted = false;
  bool ordered = false;
  bool failed = false;
  for (const Json& line : lines) {
    const std::string kind = line.at("kind");
    answered = answered || (kind == "answer" && line.at("node") == "A");
    ordered = ordered || (kind == "order" && line.at("order") == "disconnect");
    accepted =
        accepted || (kind == "send" && line.value("/message/type"_json_pointer, "") == "ACCEPTED" &&
                     line.at("why").get<std::string>().starts_with("ACCEPT from n"));
    failed = failed || (kind == "mark" && line.at("mark").at("event") == "leader_failed");
  }
  EXPECT_TRUE(answered && accepted && ordered && failed);
}

TEST(Trace, OfARealRunIsInOrderAndEachReceiveNamesItsSend) {
  const TemporaryFile file;
  const Ended ended = run({"--base-port", "0", "--trace", file.name()},
                          "send A B 1\nlf\nsend B C 1\nreconnect all\nsend C A 2\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  const Traced traced = expect_rules_kept(json_lines(file.text()));
  EXPECT_GT(traced.sends, 50U);
  // Nothing is lost between processes that live, but for what was under way at the end.
  EXPECT_LE(traced.sends - traced.arrived, 20U);
}

TEST(Trace, OverConnectionsThatBreakAndComeBackEachReceiveNamesItsSend) {
  const TemporaryFile file;
  Program paxbank({"--base-port", "0", "--no-pause", "--trace", file.name()}, Program::Input::pipe);
  paxbank.type("send A B 1\n");
  paxbank.read_until("success");
  // A node's connections are all that it has: those that it made, and those that it took.
  for (int i = 0; i < 2; ++i) {
    if (!break_connections(paxbank.children().at(1))) {
      GTEST_SKIP() << "this system lets nobody at another process's connections";
    }
    // A command ends when all nodes have executed what was sent; these then have connections again.
    paxbank.type("send B C 1\nsend C D 1\n");
    paxbank.read_until("C->D 1        success");
    paxbank.type("printlog 2\n");
    paxbank.read_until("n2's messages");
  }
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
  const Traced traced = expect_rules_kept(json_lines(file.text()));
  EXPECT_GE(traced.connections, 2U);
}

}  // namespace
}  // namespace paxbank::testing
