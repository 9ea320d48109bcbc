#include "paxbank/cli/sim_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace paxbank::cli {
namespace {

using ::testing::HasSubstr;

TEST(SimCommand, ReadsSeeds) {
  EXPECT_EQ(read_seeds("1..9"), std::pair(std::uint64_t{1}, std::uint64_t{9}));
  EXPECT_EQ(read_seeds("7"), std::pair(std::uint64_t{7}, std::uint64_t{7}));
  for (const char* wrong : {"", "..", "1..", "..9", "9..1", "1-9", "1..x", "-1..2", "1...2"}) {
    EXPECT_FALSE(read_seeds(wrong).has_value()) << wrong;
  }
}

SimCommand command(const std::string& faults, std::uint32_t transactions) {
  SimCommand command;
  std::string wrong;
  command.faults = faults;
  command.campaign.run.faults = *sim::read_faults(faults, wrong);
  command.campaign.run.transactions = transactions;
  command.campaign.last = 5;
  command.format = scenario::Format::jsonl;
  return command;
}

TEST(SimCommand, SumsUpWhatHappened) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_sim(command("loss,crash", 100), out, err), 0);
  const auto summary = nlohmann::json::parse(out.str());
  EXPECT_EQ(summary["event"], "sim");
  EXPECT_EQ(summary["runs"], 5);
  EXPECT_GT(summary["faults"]["crash"], 0);
  EXPECT_EQ(summary["faults"]["partition"], 0);
  EXPECT_TRUE(summary["never_happened"].empty());
  EXPECT_EQ(summary["ok"], true);
}

TEST(SimCommand, RunsAsManyTransactionsAsItIsAskedFor) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_sim(command("none", 20), out, err), 0);
  const auto summary = nlohmann::json::parse(out.str());
  EXPECT_EQ(summary["success"].get<int>() + summary["failed"].get<int>(), 5 * 20);
}

TEST(SimCommand, ItsTextFitsTheWidth) {
  SimCommand narrow = command("all", 100);
  narrow.format = scenario::Format::text;
  for (const std::size_t width : {80U, 50U}) {
    narrow.style.width = width;
    std::ostringstream out;
    std::ostringstream err;
    run_sim(narrow, out, err);
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), width) << line;
    EXPECT_THAT(out.str(), HasSubstr("\nfaults      loss "));
  }
}

TEST(SimCommand, AFaultThatNeverHappensIsNotWell) {
  SimCommand lucky = command("delay", 1);
  lucky.campaign.run.clients = 1;
  std::ostringstream out;
  std::ostringstream err;
  // Messages are few: some seed has none that is delayed.
  bool seen = false;
  for (std::uint64_t seed = 1; seed <= 200 && !seen; ++seed) {
    lucky.campaign.first = lucky.campaign.last = seed;
    out.str("");
    seen = run_sim(lucky, out, err) == 1;
  }
  EXPECT_TRUE(seen);
  EXPECT_THAT(out.str(), HasSubstr("\"never_happened\":[\"delay\"]"));
}

/// Presses Ctrl-C when the first character is shown.
class InterruptingBuffer : public std::stringbuf {
 protected:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    if (str().empty()) std::raise(SIGINT);
    return std::stringbuf::xsputn(text, size);
  }
};

TEST(SimCommand, CtrlCEndsWithWhatCameOfTheSeedsSoFar) {
  SimCommand endless = command("all", 1);
  endless.campaign.last = std::uint64_t{1} << 62U;
  endless.progress = true;
  std::ostringstream out;
  InterruptingBuffer buffer;
  std::ostream err(&buffer);
  EXPECT_EQ(run_sim(endless, out, err), 130);
  const auto summary = nlohmann::json::parse(out.str());
  EXPECT_GT(summary["runs"], 0);
  EXPECT_EQ(summary["interrupted"], true);
  EXPECT_EQ(summary["ok"], false);

  endless.format = scenario::Format::text;
  buffer.str("");
  out.str("");
  EXPECT_EQ(run_sim(endless, out, err), 130);
  EXPECT_THAT(out.str(), HasSubstr("..4611686018427387904 --transactions 1\n"));
}

/// A run that breaks a rule at once: no cluster has four nodes.
SimCommand broken() {
  SimCommand command = paxbank::cli::command("none", 1);
  command.campaign.run.nodes = 4;
  command.campaign.last = 1;
  return command;
}

/// The first line that the command writes.
nlohmann::json violation_of(const SimCommand& command, std::ostream& err) {
  std::stringstream out;
  EXPECT_EQ(run_sim(command, out, err), 1);
  std::string line;
  std::getline(out, line);
  return nlohmann::json::parse(line);
}

TEST(SimCommand, AViolationMakesItsPictureWhereTheCommandRuns) {
  std::string folder = (std::filesystem::temp_directory_path() / "paxbank-sim-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  std::ostringstream err;
  EXPECT_EQ(violation_of(broken(), err)["view"], "violation-seed-1.html");
  EXPECT_TRUE(std::filesystem::is_regular_file("violation-seed-1.html"));
  EXPECT_EQ(err.str(), "");
  SimCommand named = broken();
  named.view = "named.html";
  EXPECT_EQ(violation_of(named, err)["view"], "named.html");
  EXPECT_TRUE(std::filesystem::is_regular_file("named.html"));
  std::filesystem::current_path(before);
  std::filesystem::remove_all(folder);
}

TEST(SimCommand, AViolationWithoutRoomForItsPictureIsToldAllTheSame) {
  SimCommand command = broken();
  command.view = "/nonexistent/picture.html";
  std::ostringstream err;
  const auto violation = violation_of(command, err);
  EXPECT_EQ(violation["rule"], "assertion");
  EXPECT_TRUE(violation["view"].is_null());
  EXPECT_THAT(err.str(), HasSubstr("no picture of the violation: /nonexistent/picture.html"));
}

TEST(SimCommand, ATraceThatCannotBeWrittenIsNamed) {
  SimCommand traced = command("none", 1);
  traced.trace = "/nonexistent/trace";
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_sim(traced, out, err), 2);
  EXPECT_THAT(err.str(), HasSubstr("/nonexistent/trace cannot be written"));
}

}  // namespace
}  // namespace paxbank::cli
