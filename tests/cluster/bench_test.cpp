// `paxbank bench` and `paxbank sim` as commands. No figure is tested here, only that they are
// honest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include <csignal>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace paxbank::testing {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

TEST(Bench, RunsEachWindowBesideItsFloorAndChecksWhatCameOfIt) {
  const Ended ended = run({"bench", "--windows", "1,20", "--duration", "0.2", "--format", "jsonl"});
  const auto lines = json_lines(ended.output);
  ASSERT_EQ(lines.size(), 2U);
  // What else runs here may disturb the floor: then that is told, and nothing else is wrong.
  const bool disturbed = lines[0]["disturbed"] == true || lines[1]["disturbed"] == true;
  EXPECT_EQ(ended.status, disturbed ? 1 : 0) << ended.errors;
  EXPECT_EQ(lines[1]["event"], "bench");
  EXPECT_EQ(lines[1]["window"], 20);
  for (const char* key : {"tps", "p50_us", "p99_us", "p999_us", "floor_tps", "floor_p50_us"}) {
    EXPECT_GT(lines[1][key], 0) << key;
  }
  EXPECT_EQ(lines[1]["cpu_seconds_per_million"].size(), 7U);
  for (const Json& line : lines) {
    EXPECT_TRUE(line["findings"].empty());
    EXPECT_EQ(line["ok"], line["disturbed"] == false);
  }
}

TEST(Bench, CountsTransfersByTenths) {
  const Ended ended = run(
      {"bench", "--windows", "50", "--transfers", "40000", "--format", "jsonl", "--nodes", "3"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  const auto lines = json_lines(ended.output);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["event"], "growth");
  EXPECT_EQ(lines[0]["tenths_tps"].size(), 10U);
  EXPECT_EQ(lines[0]["ok"], true);
}

TEST(Bench, CutsLeadersOffAndLosesNothing) {
  const Ended ended =
      run({"bench", "--failover", "3", "--heartbeat-ms", "10", "--leader-timeout-ms", "100:200",
           "--client-timeout-ms", "50", "--format", "jsonl"});
  EXPECT_EQ(ended.status, 0) << ended.errors << ended.output;
  const auto lines = json_lines(ended.output);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["event"], "failover");
  EXPECT_EQ(lines[0]["times_ms"].size(), 3U);
  EXPECT_EQ(lines[0]["lost"], 0);
}

/// Waits until the load is under way: by then there are more entries than anybody else makes.
void await_load(const Program& bench) {
  std::string ports;
  while (ports.empty()) {
    const auto children = bench.children();
    if (children.size() == 6) ports = argument_of(children.front(), "--ports");
  }
  Intruder witness(static_cast<std::uint16_t>(std::stoul(ports)));
  for (int timestamp = 1; true; ++timestamp) {
    witness.send("{\"type\":\"REQUEST\",\"client_id\":\"me\",\"timestamp\":" +
                 std::to_string(timestamp) + ",\"transaction\":[\"me\",\"me\",1]}\n");
    const std::string reply = witness.read_line();
    ASSERT_NE(reply, "");
    if (Json::parse(reply)["sequence_number"] > 2 * timestamp + 100) return;
  }
}

TEST(Bench, EndsWithTheReasonWhenAQuorumIsGone) {
  Program bench({"bench", "--windows", "10", "--transfers", "1000000000", "--format", "jsonl"});
  await_load(bench);
  // Named at once: whoever is dead and buried by then is no child any more.
  const std::vector<pid_t> children = bench.children();
  for (std::size_t n = 0; n < 3; ++n) ::kill(children.at(n), SIGKILL);
  EXPECT_EQ(bench.wait(), 1);
  EXPECT_THAT(bench.output(), HasSubstr("no quorum is left: n1 n2 n3 are gone"));
}

TEST(Bench, MistakesAreToldBeforeAnythingStarts) {
  const std::pair<std::vector<std::string>, std::string> mistakes[] = {
      {{"--format", "xml"}, "paxbank: --format: found \"xml\", expected text or jsonl\n"},
      {{"--log-level", "loud"}, "--log-level: found \"loud\", expected error, warn, info or debug"},
      {{"--base-port"}, "--base-port: found no value, expected P\n"},
      {{"--base-port", "x"}, "--base-port: found \"x\", expected a whole number from 0 to 65535"},
      {{"--nodes", "4"}, "--nodes: found \"4\", expected 3, 5, 7 or 9"},
      {{"--seed", "-1"}, "--seed: found \"-1\""},
      {{"--seed", "1", "--seed", "2"}, "--seed: found twice, expected once"},
      {{"x.csv", "--batch", "--batch"}, "--batch: found twice"},
      {{"--batch=x"}, "--batch: found a value, expected none"},
      {{"--bse-port", "3"}, "--bse-port is no option of paxbank; the nearest is: --base-port"},
      {{"sim", "--sed", "3"}, "--sed is no option of paxbank sim; the nearest is: --seed"},
      {{"sim", "--xyz"}, "--xyz is no option of paxbank sim; paxbank sim --help lists them all"},
      {{"a.csv", "b.csv"}, "found \"b.csv\", expected nothing more"},
      {{"simm", "--seeds", "1..2"},
       "\"simm\" is no file and no command; the nearest is: paxbank sim"},
      {{"benhc"}, "benhc: cannot be read"},
      {{"bech"}, "the nearest is: paxbank bench"},
      {{"bench", "--duration", "0"}, "--duration: found \"0\", expected a number from 0.1 to 3600"},
      {{"bench", "--windows", "0"}, "--windows: found \"0\""},
      {{"bench", "--windows", "1,,2"}, "--windows"},
      {{"bench", "--windows", "70000"}, "--windows"},
      {{"bench", "--duration", "0"}, "--duration"},
      {{"bench", "--failover", "1", "--transfers", "10"}, "excludes"},
      {{"sim", "--seeds", "9..1"}, "--seeds: found \"9..1\""},
      {{"sim", "--seed", "1", "--seeds", "1..2"}, "excludes"},
      {{"sim", "--faults", "loss,crush"}, "--faults: found \"crush\""},
      {{"sim", "--nodes", "4"}, "--nodes"},
      {{"sim", "--seeds", "1..2", "--trace", "x"}, "--trace writes one run"},
      {{"sim", "--trace", "/nonexistent/x"}, "cannot be written"},
  };
  for (const auto& [arguments, told] : mistakes) {
    const Ended ended = run(arguments);
    EXPECT_EQ(ended.status, 2) << told;
    EXPECT_THAT(ended.errors, HasSubstr(told));
  }
}

TEST(Options, TheVersionSaysWithWhatItWasBuilt) {
  const Ended ended = run({"--version"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.output,
              ::testing::MatchesRegex(
                  "paxbank [0-9.]+\nbuilt with .+ [0-9.]+, .+\nlibraries: nlohmann/json [0-9.]+, "
                  "simdjson [0-9.]+, Asio [0-9.]+, CLI11 [0-9.]+,[ \n]cpp-httplib [0-9.]+\n"));
}

TEST(Options, HelpFitsTheWidth) {
  const std::vector<std::vector<std::string>> commands{
      {"--help"}, {"sim", "--help"}, {"bench", "--help"}, {"--version"}};
  for (const auto& command : commands) {
    std::istringstream lines(run(command).output);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Options, MistakesAreToldToScriptsToo) {
  const Ended ended = run({"sim", "--sed", "3", "--format", "jsonl"});
  EXPECT_EQ(ended.status, 2);
  const auto lines = json_lines(ended.output);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["event"], "error");
  EXPECT_THAT(ended.errors, ::testing::StartsWith("paxbank: --sed is no option"));
}

TEST(Sim, TheSameSeedWritesTheSameTrace) {
  const auto trace = [] {
    const TemporaryFile file;
    EXPECT_EQ(run({"sim", "--seed", "1", "--transactions", "100", "--trace", file.name()}).status,
              0);
    return file.text();
  };
  const std::string first = trace();
  EXPECT_GT(first.size(), 10'000U);
  EXPECT_EQ(first, trace());
  std::vector<Json> lines = json_lines(first);
  EXPECT_EQ(lines.front().at("paxbank_trace"), 2);
  lines.erase(lines.begin());
  for (const Json& event : lines) {
    EXPECT_TRUE(event.contains("time_us") && event.contains("node") && event.contains("kind"));
  }
}

}  // namespace
}  // namespace paxbank::testing
