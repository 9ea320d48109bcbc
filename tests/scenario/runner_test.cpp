// The runner over the simulated cluster: whole files in milliseconds, the same for each seed.
#include "paxbank/scenario/runner.hpp"

#include "paxbank/scenario/session.hpp"
#include "paxbank/sim/sim_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

namespace paxbank::scenario {
namespace {

using Json = nlohmann::json;

struct Transcript {
  std::vector<Json> events;
  Summary summary;

  [[nodiscard]] std::vector<Json> of(const std::string& kind) const {
    std::vector<Json> found;
    for (const Json& event : events) {
      if (event["event"] == kind) found.push_back(event);
    }
    return found;
  }
};

/// Its clients' process goes silent: of what it is given it confirms the first ones alone.
class ForgetfulCluster : public sim::SimCluster {
 public:
  using SimCluster::SimCluster;

  std::vector<std::optional<Timestamp>> submit(
      const std::vector<Submission>& submissions) override {
    auto timestamps = SimCluster::submit(submissions);
    timestamps.resize(std::min(timestamps.size(), confirmed));
    return timestamps;
  }

  std::size_t confirmed = std::numeric_limits<std::size_t>::max();
};

/// A session over a simulated cluster, its output as JSON Lines.
class Harness {
 public:
  explicit Harness(std::uint64_t seed, bool concurrent = false)
      : cluster_(config(seed)),
        report_(Format::jsonl, out_),
        runner_(cluster_, report_,
                {5, std::chrono::milliseconds(400), concurrent, default_bank()}) {}

  Transcript run(const std::vector<TransactionSet>& sets) {
    for (const TransactionSet& set : sets) runner_.run_set(set);
    Transcript run;
    run.summary = runner_.summarize();
    std::istringstream lines(out_.str());
    for (std::string line; std::getline(lines, line);) run.events.push_back(Json::parse(line));
    return run;
  }

  Runner& runner() { return runner_; }
  ForgetfulCluster& cluster() { return cluster_; }

 private:
  static sim::WorldConfig config(std::uint64_t seed) {
    sim::WorldConfig config;
    config.seed = seed;
    return config;
  }
  ForgetfulCluster cluster_;
  std::ostringstream out_;
  Report report_;
  Runner runner_;
};

std::vector<TransactionSet> parse(const std::string& rows) {
  return std::get<std::vector<TransactionSet>>(
      read_csv("Set Number,Transactions,Live Nodes\n" + rows, 5, default_bank()));
}

constexpr const char* all = "[n1,n2,n3,n4,n5]";

class SuppliedFile : public ::testing::TestWithParam<std::string> {};

TEST_P(SuppliedFile, RunsToTheExpectedBalancesWhateverTheSeed) {
  const auto sets = std::get<std::vector<TransactionSet>>(
      load_file(PAXBANK_DATA "/" + GetParam() + ".csv", 5, default_bank()));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const Transcript run = Harness(seed).run(sets);
    EXPECT_TRUE(run.summary.ok);
    const auto ends = run.of("set_end");
    ASSERT_EQ(ends.size(), sets.size());
    std::ifstream expected(PAXBANK_DATA "/" + GetParam() + ".expected.csv");
    std::string line;
    std::getline(expected, line);
    for (const Json& end : ends) {
      std::getline(expected, line);
      std::istringstream cells(line);
      std::string cell;
      std::getline(cells, cell, ',');
      EXPECT_EQ(end["set"], std::stoi(cell));
      for (char account = 'A'; account <= 'J'; ++account) {
        std::getline(cells, cell, ',');
        for (const Json& node : end["live"]) {
          const std::string name = "n" + std::to_string(node.get<int>());
          // Below quorum nobody can bring a lagging node up to date.
          if (end["live"].size() < 3) continue;
          EXPECT_EQ(end["balances"][name][std::string(1, account)], std::stoi(cell))
              << "set " << end["set"] << " " << name << " " << account;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Runner, SuppliedFile, ::testing::Values("Testcases", "Kills"),
                         [](const auto& file) { return file.param; });

TEST(Runner, ARowIsTimedOutBelowQuorumAndResolvedInWhicheverSetAnswersIt) {
  const Transcript run =
      Harness(1).run(parse(std::string("1,LF,[n1,n2]\n,(A,B,1),\n,(A,C,1),\n,(D,E,1),\n") +
                           "2,(A,D,1),[n3,n4]\n3,(F,G,1)," + all + "\n"));
  const auto failed = run.of("leader_failed");
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_TRUE(failed[0]["node"].is_null());
  std::vector<std::string> words;
  for (const Json& row : run.of("transaction")) words.push_back(row["result"]);
  EXPECT_THAT(words, ::testing::ElementsAre("timeout", "timeout", "timeout", "timeout", "success"));
  const auto resolved = run.of("resolved");
  ASSERT_EQ(resolved.size(), 4U);
  for (const Json& row : resolved) EXPECT_EQ(row["set"], 3);
  const auto ends = run.of("set_end");
  EXPECT_EQ(ends[0]["timeout"], 3);
  EXPECT_TRUE(ends[0]["leader"].is_null());
  EXPECT_EQ(run.summary.tally.timeout, 0U);
  EXPECT_EQ(run.summary.tally.success, 5U);
  EXPECT_TRUE(run.summary.ok);
}

TEST(Runner, WhatIsNeverAnsweredStaysATimeoutAndIsNoFault) {
  const Transcript run = Harness(1).run(parse("1,(A,B,1),[n1]\n"));
  EXPECT_EQ(run.summary.tally.timeout, 1U);
  EXPECT_TRUE(run.summary.ok);
}

TEST(Runner, ARowThatNoClientTookIsCountedAsDropped) {
  Harness harness(1, /*concurrent=*/true);
  harness.cluster().confirmed = 1;
  const Transcript run =
      harness.run(parse(std::string("1,(A,B,1),") + all + "\n,(C,D,1),\n,(E,F,1),\n"));
  std::vector<std::string> words;
  for (const Json& row : run.of("transaction")) words.push_back(row["result"]);
  EXPECT_THAT(words, ::testing::UnorderedElementsAre("success", "dropped", "dropped"));
  EXPECT_EQ(run.of("set_end")[0]["dropped"], 2);
  EXPECT_EQ(run.summary.tally.dropped, 2U);
  EXPECT_EQ(run.summary.tally.total(), 3U);
  EXPECT_FALSE(run.summary.ok);
}

TEST(Runner, ARowThatTheEndOfTheRunOvertakesSaysSo) {
  Harness harness(1);
  harness.runner().open();
  harness.runner().stop();
  harness.runner().send({{"A"}, {"B"}, {1}});
  const auto rows = harness.run({}).of("transaction");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["result"], "timeout");
  EXPECT_EQ(rows[0]["why"], "the run ends before its answer");
}

TEST(SimCluster, RefusesWhatAClientHasNoRoomForAsTheProcessesDo) {
  Harness harness(1);
  const std::vector<Submission> all_but_one(Client::waiting_limit, {{"A"}, {{"A"}, {"B"}, {1}}});
  for (const auto& timestamp : harness.cluster().submit(all_but_one)) ASSERT_TRUE(timestamp);
  const std::vector<Submission> two(all_but_one.begin(), all_but_one.begin() + 2);
  EXPECT_THAT(harness.cluster().submit(two),
              ::testing::ElementsAre(Timestamp{Client::waiting_limit + 1}, std::nullopt));
}

TEST(Runner, LeaderFailuresStrikeWhoeverLeadsUntilNobodyCan) {
  const Transcript run = Harness(3).run(
      parse(std::string("1,LF,") + all +
            "\n,(A,B,1),\n,LF,\n,(A,B,1),\n,LF,\n,(A,B,1),\n,LF,\n2,(C,D,1)," + all + "\n"));
  const auto failed = run.of("leader_failed");
  ASSERT_EQ(failed.size(), 4U);
  EXPECT_NE(failed[0]["node"], failed[1]["node"]);
  EXPECT_FALSE(failed[2]["node"].is_null());  // takes the quorum away
  EXPECT_TRUE(failed[3]["node"].is_null());   // nobody is left to fail
  EXPECT_EQ(run.of("set_end")[0]["live"].size(), 2U);
  EXPECT_EQ(run.summary.tally.success, 4U);
  EXPECT_TRUE(run.summary.ok);
}

TEST(Runner, ConcurrentRowsKeepEachClientsOrder) {
  std::string rows = std::string("1,(A,B,1),") + all + "\n";
  for (int i = 0; i < 20; ++i) rows += ",(A,B,1),\n,(C,D,1),\n,(E,F,1),\n";
  rows += ",LF,\n";
  for (int i = 0; i < 5; ++i) rows += ",(G,H,1),\n,(I,J,1),\n";
  const Transcript run = Harness(5, /*concurrent=*/true).run(parse(rows));
  EXPECT_TRUE(run.summary.ok);
  std::map<std::string, int> last_row;
  std::map<std::string, std::uint64_t> last_sequence;
  for (const Json& row : run.of("transaction")) {
    const std::string client = row["client"];
    EXPECT_GT(row["row"], last_row[client]);
    EXPECT_GT(row["sequence_number"], last_sequence[client]);
    last_row[client] = row["row"];
    last_sequence[client] = row["sequence_number"];
  }
  EXPECT_EQ(run.of("transaction").size(), 71U);
  EXPECT_EQ(run.summary.tally.failed, 11U + 10U + 10U);
}

TEST(Runner, ByHandItSendsFailsAndBringsBack) {
  Harness harness(7);
  Runner& runner = harness.runner();
  runner.open();
  const auto first = runner.leader();
  ASSERT_TRUE(first.has_value());
  runner.send({{"A"}, {"B"}, {3}});
  runner.fail_leader();
  const auto second = runner.leader();
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(first->node, second->node);
  runner.send({{"A"}, {"B"}, {3}});
  EXPECT_EQ(runner.balances({first->node})[0].accounts->at({"A"}), Amount{7});
  runner.reconnect({first->node});
  EXPECT_EQ(runner.balances({first->node})[0].accounts->at({"A"}), Amount{4});
  EXPECT_EQ(runner.leader()->node, second->node);  // nobody was deposed
  runner.disconnect({{1}, {2}, {3}});
  EXPECT_FALSE(runner.leader().has_value());
  ASSERT_EQ(runner.believers().size(), 1U);
  EXPECT_EQ(runner.believers().front().node, second->node);
  runner.send({{"C"}, {"D"}, {1}});
  runner.reconnect({{1}, {2}, {3}});
  EXPECT_EQ(runner.balances({{1}})[0].accounts->at({"C"}), Amount{9});
  EXPECT_TRUE(runner.summarize().ok);
}

TEST(Runner, ASetThatIsRunAgainIsCountedForItself) {
  Harness harness(7);
  const auto sets = parse(std::string("1,(A,B,1),") + all + "\n,(A,B,1),\n");
  harness.run(sets);
  const Transcript run = harness.run(sets);
  const auto ends = run.of("set_end");
  ASSERT_EQ(ends.size(), 2U);
  for (const Json& end : ends) EXPECT_EQ(end["success"], 2);
  EXPECT_EQ(run.summary.sets, 2U);
  EXPECT_EQ(run.summary.tally.success, 4U);
}

TEST(Runner, BalancesSayWhoIsBehindAndWhoIsCutOff) {
  Harness harness(7);
  Runner& runner = harness.runner();
  runner.open();
  runner.disconnect({{1}, {2}});
  runner.send({{"A"}, {"B"}, {3}});
  runner.disconnect({{3}, {4}});
  const Balances balances = runner.balances(runner.all_nodes());
  for (const NodeBalances& of : balances) {
    EXPECT_EQ(of.behind, of.node.value <= 2) << of.node.value;
    EXPECT_EQ(of.connected, of.node.value == 5) << of.node.value;
  }
  EXPECT_TRUE(runner.balances({{1}}).front().behind);  // also when it is the only one shown
}

TEST(LeaderOf, NeedsAQuorumThatFollowsAndTakesTheHighestBallot) {
  std::vector<NodeState> states(6);
  const Ballot low{1, {1}};
  const Ballot high{2, {2}};
  states[1].status.role = RoleName::leader;
  states[1].status.follows = low;
  for (std::size_t n = 2; n <= 5; ++n) states[n].status.follows = low;
  EXPECT_EQ(leader_of(states, 5)->node, NodeId{1});
  states[2].status.role = RoleName::leader;
  for (std::size_t n = 2; n <= 4; ++n) states[n].status.follows = high;
  EXPECT_EQ(leader_of(states, 5)->node, NodeId{2});
  states[4].status.connected = false;
  EXPECT_FALSE(leader_of(states, 5).has_value());
  states[2].alive = false;
  EXPECT_FALSE(leader_of(states, 5).has_value());
}

}  // namespace
}  // namespace paxbank::scenario
