// What nodes keep over their deaths, on the real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "temporary_directory.hpp"
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

namespace paxbank::testing {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<Json> of(const std::vector<Json>& events, const std::string& kind) {
  std::vector<Json> found;
  std::copy_if(events.begin(), events.end(), std::back_inserter(found),
               [&](const Json& event) { return event["event"] == kind; });
  return found;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class DataTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string data() const { return (directory_.path() / "data").string(); }

  /// A run by hand that keeps everything there.
  Ended run_here(std::string_view input, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"--base-port", "0", "--data-dir", data()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, input);
  }
  std::vector<Json> events_here(std::string_view input) const {
    return json_lines(run_here(input, {"--format", "jsonl"}).output);
  }

  TemporaryDirectory directory_;
};

TEST(Storage, AKilledNodeComesBackWithWhatItHasKept) {
  for (const std::string storage : {"process", "disk"}) {
    SCOPED_TRACE(storage);
    const Ended ended = run({"--base-port", "0", "--storage", storage, "--format", "jsonl"},
                            "send A B 1\nkill all\nrestart all\nsend A B 1\nprintdb all\n");
    EXPECT_EQ(ended.status, 0) << ended.errors << ended.output;
    const std::vector<Json> balances = of(json_lines(ended.output), "printdb");
    ASSERT_EQ(balances.size(), 5U);
    for (const Json& node : balances) EXPECT_EQ(node["balances"]["B"], 12);
  }
}

TEST(Storage, ANodeKilledFromOutsideIsAFaultAndCanBeBroughtBack) {
  Program paxbank({"--base-port", "0"}, Program::Input::pipe);
  paxbank.type("send A B 1\n");
  paxbank.read_until("success");
  ::kill(paxbank.children()[1], SIGKILL);
  paxbank.type("status\n");
  paxbank.read_until("n2 died: killed by signal 9");
  paxbank.type("restart 2\nsend A B 1\nprintdb 2\n");
  paxbank.read_until("n2 is back; 5 of 5 are live");
  paxbank.read_until("B      12");
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 1);
}

TEST(Storage, TheClientsCanDieAndComeBack) {
  const Ended ended = run({"--base-port", "0", "--format", "jsonl"},
                          "send A B 1\nkill clients\nrestart clients\nsend A B 1\nprintdb 1\n");
  EXPECT_EQ(ended.status, 0) << ended.errors << ended.output;
  EXPECT_EQ(of(json_lines(ended.output), "printdb").at(0)["balances"]["B"], 12);
}

TEST(Storage, WithoutStorageNothingComesBackAndTheReasonIsTold) {
  const Ended typed = run({"--base-port", "0", "--storage", "memory"}, "kill 2\nrestart 2\n");
  EXPECT_THAT(typed.output, HasSubstr("has forgotten what it promised"));
  EXPECT_EQ(typed.status, 0);
  const Ended file =
      run({PAXBANK_DATA "/Kills.csv", "--batch", "--base-port", "0", "--storage", "memory"});
  EXPECT_EQ(file.status, 2);
  EXPECT_THAT(file.errors, HasSubstr("RESTART"));
  EXPECT_EQ(file.output, "");
}

TEST(Storage, ItsDirectoryGoesWithTheRun) {
  TemporaryDirectory place;
  const std::string before = [] {
    const char* set = std::getenv("TMPDIR");
    return std::string(set == nullptr ? "" : set);
  }();
  ::setenv("TMPDIR", place.path().c_str(), 1);
  run({"--base-port", "0"}, "send A B 1\n");
  EXPECT_TRUE(fs::is_empty(place.path()));
  {
    Program killed({"--base-port", "0"}, Program::Input::pipe);
    killed.type("send A B 1\n");
    killed.read_until("success");
    const auto children = killed.children();
    killed.signal(SIGKILL);
    killed.wait();
    await_end(children);
  }
  EXPECT_FALSE(fs::is_empty(place.path()));
  run({"--base-port", "0"}, "send A B 1\n");  // the next run cleans up
  EXPECT_TRUE(fs::is_empty(place.path()));
  before.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before.c_str(), 1);
}

TEST_F(DataTest, TheNextRunGoesOnWhereTheLastOneEnded) {
  EXPECT_EQ(run_here("send A B 1\nsend B C 2\n").status, 0);
  const Ended next = run_here("printdb all\nsend C D 3\nprintstatus 1 3\n");
  EXPECT_EQ(next.status, 0) << next.errors;
  EXPECT_THAT(next.output, HasSubstr("success  at 3"));
  EXPECT_THAT(next.output, HasSubstr("n1  3: E, executed"));
}

TEST_F(DataTest, ANewTransferIsNotTakenForOneThatWasAcceptedAndNeverExecuted) {
  // The leader has A's first transfer in its log and nobody else does; all ends.
  const Ended first = run_here("send J I 1\ndisconnect 1 2 3 4 5\nreconnect 1 2\nsend A B 1\n");
  EXPECT_EQ(first.status, 0) << first.output;
  std::vector<Json> events = events_here("send A B 2\nsend A B 2\nprintdb 1\n");
  const std::vector<Json> rows = of(events, "transaction");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["result"], "success");
  EXPECT_EQ(rows[1]["result"], "success");
  // Whether the one of the first run is done after all is open; the two of this one are done.
  const int balance = of(events, "printdb").at(0)["balances"]["B"];
  EXPECT_TRUE(balance == 14 || balance == 15) << balance;
}

/// Kills everything in the midst of a load, and starts again there.
TEST_F(DataTest, NothingAnsweredIsLostWhenAllProcessesAreKilledUnderLoad) {
  std::string rows = "Set Number,Transactions,Live Nodes\n";
  for (int i = 0; i < 4'000; ++i) {
    const char from = static_cast<char>('A' + i % 10);
    const char to = static_cast<char>('A' + (i + 1) % 10);
    rows += (i == 0 ? "1" : "") + std::string(",\"(") + from + "," + to + ",1)\"," +
            (i == 0 ? "\"[n1,n2,n3,n4,n5]\"" : "") + "\n";
  }
  const TemporaryFile file(rows);
  std::map<std::uint64_t, Json> answered;
  {
    Program paxbank({file.name(), "--batch", "--concurrent", "--format", "jsonl", "--base-port",
                     "0", "--data-dir", data()},
                    Program::Input::none);
    paxbank.read_until("\"row\":200,");
    auto all = paxbank.children();
    for (const pid_t child : all) ::kill(child, SIGKILL);
    paxbank.signal(SIGKILL);
    paxbank.wait();
    await_end(all);
    std::istringstream lines(paxbank.output());
    for (std::string line; std::getline(lines, line);) {
      const Json event = Json::parse(line, nullptr, false);
      if (event.is_discarded() || event["event"] != "transaction") continue;
      if (event["sequence_number"].is_number()) answered[event["sequence_number"]] = event;
    }
  }
  EXPECT_GE(answered.size(), 100U);
  std::vector<Json> events = events_here("send A A 1\nprintlog 1\ncheck\n");
  EXPECT_EQ(of(events, "check").at(0)["ok"], true);
  std::map<std::uint64_t, Json> log;
  const Json shown = of(events, "printlog").at(0);
  for (const Json& line : shown["log"]) log[line["sequence_number"]] = line;
  for (const auto& [sequence, row] : answered) {
    EXPECT_EQ(log[sequence]["command"]["transaction"], row["transaction"]) << sequence;
  }
}

TEST_F(DataTest, OneDirectoryServesOneRunAtATime) {
  Program first({"--base-port", "0", "--data-dir", data()}, Program::Input::pipe);
  first.type("send A B 1\n");
  first.read_until("success");
  const Ended second = run_here("");
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.errors, HasSubstr(data() + ": another run of paxbank uses it"));
  // Looking is free.
  const Ended look = run({"data", "inspect", data()});
  EXPECT_EQ(look.status, 0) << look.errors;
  EXPECT_THAT(look.output, HasSubstr("A->B 1"));
  first.end_input();
  EXPECT_EQ(first.wait(), 0);
}

TEST_F(DataTest, AnotherClustersDirectoryIsRefused) {
  EXPECT_EQ(run_here("send A B 1\n").status, 0);
  const Ended other = run_here("", {"--nodes", "3"});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.errors, HasSubstr("holds a cluster of 5 nodes, not 3"));
  std::ofstream(fs::path(data()) / "cluster.json") << "{\"paxbank_data\":2}";
  EXPECT_THAT(run_here("").errors, HasSubstr("version 2"));
  std::ofstream(fs::path(data()) / "cluster.json") << "what";
  EXPECT_THAT(run_here("").errors, HasSubstr("is not what paxbank writes there"));
  EXPECT_EQ(run_here("").status, 2);
}

TEST_F(DataTest, ADirectoryWithOtherThingsInItIsLeftAlone) {
  fs::create_directory(data());
  std::ofstream(fs::path(data()) / "thesis.tex") << "all of it";
  const Ended ended = run_here("");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("thesis.tex"));
  EXPECT_EQ(read(fs::path(data()) / "thesis.tex"), "all of it");
}

TEST_F(DataTest, ANodeWhoseFolderIsMissingDoesNotComeBackEmptyAndTheOthersGoOn) {
  EXPECT_EQ(run_here("send A B 1\n").status, 0);
  fs::remove_all(fs::path(data()) / "n3");
  const Ended ended = run_here("send A B 1\nstatus\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("n3 died: stops: "));
  EXPECT_THAT(ended.output, HasSubstr("success  at 2"));
  EXPECT_FALSE(fs::exists(fs::path(data()) / "n3" / "CURRENT"));
}

TEST_F(DataTest, ANodeWhoseFilesAreDamagedSaysWhichAndTheOthersGoOn) {
  EXPECT_EQ(run_here("send A B 1\nsend A B 1\nsend A B 1\n").status, 0);
  for (const auto& file : fs::directory_iterator(fs::path(data()) / "n2")) {
    if (file.path().extension() != ".sst" && file.path().extension() != ".log") continue;
    std::string bytes = read(file.path());
    if (bytes.size() < 100) continue;
    for (std::size_t i = 0; i < 40; ++i) bytes[20 + i] = static_cast<char>(~bytes[20 + i]);
    std::ofstream(file.path(), std::ios::binary) << bytes;
  }
  const Ended ended = run_here("send A B 1\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("n2 died: stops: " + data() + "/n2"));
  EXPECT_THAT(ended.output, HasSubstr("success  at 4"));
  EXPECT_EQ(run({"data", "inspect", data()}).status, 1);
}

TEST_F(DataTest, ANodeThatCannotStoreAnyMoreStopsAndSaysWhy) {
  EXPECT_EQ(run_here("send A B 1\n").status, 0);
  const ShortFiles full(4'096);
  std::string input;
  for (int i = 0; i < 200; ++i) input += "send A A 1\n";
  const Ended ended = run_here(input);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("stops: " + data()));
  EXPECT_THAT(ended.output, HasSubstr("File too large"));
}

}  // namespace
}  // namespace paxbank::testing
