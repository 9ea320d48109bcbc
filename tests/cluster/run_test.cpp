// Whole runs of the real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include <fstream>
#include <map>
#include <sstream>

namespace paxbank::testing {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

/// The balances that the file's rows give when they are executed in order, by set.
std::map<int, std::map<std::string, int>> expected_balances(const std::string& file) {
  std::ifstream in(PAXBANK_DATA "/" + file + ".expected.csv");
  std::map<int, std::map<std::string, int>> sets;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string cell;
    std::getline(cells, cell, ',');
    auto& balances = sets[std::stoi(cell)];
    for (char account = 'A'; account <= 'J'; ++account) {
      std::getline(cells, cell, ',');
      balances[std::string(1, account)] = std::stoi(cell);
    }
  }
  return sets;
}

void expect_balances(const Json& set_end, const std::string& file = "Testcases") {
  const auto expected = expected_balances(file);
  if (set_end["live"].size() < 3)
    return;  // below quorum nobody can bring a lagging node up to date
  for (const Json& node : set_end["live"]) {
    const std::string name = "n" + std::to_string(node.get<int>());
    EXPECT_EQ(set_end["balances"][name], Json(expected.at(set_end["set"].get<int>())))
        << "set " << set_end["set"] << ", " << name;
  }
}

TEST(Run, NodesThatDieAndComeBackGiveTheBalancesOfTheRowsInOrder) {
  const Ended ended =
      run({PAXBANK_DATA "/Kills.csv", "--batch", "--format", "jsonl", "--base-port", "0"});
  EXPECT_EQ(ended.status, 0) << ended.errors << ended.output;
  std::map<std::string, int> events;
  for (const Json& event : json_lines(ended.output)) {
    ++events[event["event"]];
    if (event["event"] == "set_end") expect_balances(event, "Kills");
  }
  EXPECT_EQ(events["set_end"], 4);
  EXPECT_EQ(events["killed"], 5);
  EXPECT_EQ(events["restarted"], 4);  // n3 is on the last set's list, and dead before it
  EXPECT_EQ(events["process_died"], 0);
}

TEST(Run, TheSuppliedFileGivesTheBalancesOfItsRowsInOrder) {
  const Ended ended =
      run({PAXBANK_DATA "/Testcases.csv", "--batch", "--format", "jsonl", "--base-port", "0"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_EQ(ended.errors, "");
  const std::vector<Json> all = json_lines(ended.output);
  const Json& summary = all.back();
  EXPECT_EQ(summary["event"], "summary");
  EXPECT_EQ(summary["ok"], true);
  EXPECT_EQ(summary["sets"], 12);
  EXPECT_EQ(summary["timeout"], 0);
  std::size_t sets = 0;
  for (const Json& event : all) {
    if (event["event"] != "set_end") continue;
    ++sets;
    expect_balances(event);
  }
  EXPECT_EQ(sets, 12U);
}

TEST(Run, InTextItTellsTheSameStory) {
  const Ended ended = run({PAXBANK_DATA "/Testcases.csv", "--batch", "--base-port", "0",
                           "--after-set", "printstatus all 1; leader"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("Set 5, live nodes: n1 n2 (no quorum)"));
  EXPECT_THAT(ended.output, HasSubstr("answered now, set 5 row 1"));
  EXPECT_THAT(ended.output, HasSubstr("n3  1: E, executed"));
  EXPECT_THAT(ended.output, HasSubstr("All well."));
}

TEST(Run, ConcurrentRowsLoseNothing) {
  const Ended ended = run({PAXBANK_DATA "/Testcases.csv", "--batch", "--concurrent", "--format",
                           "jsonl", "--base-port", "0"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  const Json summary = json_lines(ended.output).back();
  EXPECT_EQ(summary["ok"], true);
  EXPECT_EQ(summary["transactions"], 104);
  EXPECT_EQ(summary["timeout"], 0);
}

TEST(Run, TheLogsOfAllNodesHaveOneOrigin) {
  const Ended ended =
      run({"--nodes", "3", "--base-port", "0", "--format", "jsonl"}, "send A B 1\nprintlog all\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  constexpr std::int64_t longest_run_us = 60'000'000;
  std::int64_t sent = -1;
  std::vector<std::int64_t> received;
  for (const Json& event : json_lines(ended.output)) {
    if (event["event"] != "printlog") continue;
    for (const Json& entry : event["messages"]) {
      const auto time = entry["time_us"].get<std::int64_t>();
      EXPECT_GE(time, 0);
      EXPECT_LT(time, longest_run_us);
      if (entry["message"]["type"] != "NEW_VIEW") continue;
      if (entry["direction"] == "sent" && sent < 0) sent = time;
      if (entry["direction"] == "received") received.push_back(time);
    }
  }
  EXPECT_GE(sent, 0);
  EXPECT_FALSE(received.empty());
  for (const std::int64_t time : received) EXPECT_GE(time, sent);
}

TEST(Run, ThreeOrNineNodesDoAsWell) {
  for (const char* nodes : {"3", "9"}) {
    const Ended ended = run({"--nodes", nodes, "--base-port", "0", "--format", "jsonl"},
                            "send A B 1\nlf\nsend B C 2\nreconnect all\nprintdb all\ncheck\n");
    EXPECT_EQ(ended.status, 0) << ended.errors;
    const std::vector<Json> all = json_lines(ended.output);
    std::size_t databases = 0;
    for (const Json& event : all) {
      if (event["event"] != "printdb") continue;
      ++databases;
      EXPECT_EQ(event["balances"]["B"], 9);
      EXPECT_EQ(event["balances"]["C"], 12);
    }
    EXPECT_EQ(databases, std::stoul(nodes));
    EXPECT_EQ(all.back()["ok"], true);
  }
}

TEST(Run, ARowWithoutAQuorumIsTimedOutAndAnsweredLater) {
  const Ended ended = run({"--base-port", "0", "--format", "jsonl"},
                          "disconnect 1\ndisconnect 2\ndisconnect 3\nsend A B 1\nlf\n"
                          "reconnect 2\nquit\n");
  EXPECT_EQ(ended.status, 0);
  std::vector<std::string> told;
  for (const Json& event : json_lines(ended.output)) {
    if (event["event"] == "transaction") told.push_back(event["result"]);
    if (event["event"] == "resolved")
      told.push_back("resolved " + event["result"].get<std::string>());
    if (event["event"] == "leader_failed") told.push_back(event["node"].is_null() ? "nobody" : "?");
  }
  EXPECT_THAT(told, ::testing::ElementsAre("timeout", "nobody", "resolved success"));
}

}  // namespace
}  // namespace paxbank::testing
