#include "paxbank/sim/simulate.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/sim/campaign.hpp"
#include "paxbank/wire/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <random>
#include <stdexcept>

namespace paxbank::sim {
namespace {

std::string trace_of(const SimulationConfig& config) {
  std::string trace;
  (void)simulate(config, [&](const TraceEvent& event) { trace += wire::encode(event); });
  return trace;
}

CampaignResult campaign(std::uint64_t first, std::uint64_t count, SimulationConfig run = {}) {
  return run_campaign({run, first, first + count - 1, 2}, {}, false);
}

void expect_clean(const CampaignResult& result, std::uint64_t count) {
  EXPECT_FALSE(result.violated_seed.has_value())
      << "paxbank sim --seed " << result.violated_seed.value_or(0);
  EXPECT_EQ(result.runs, count);
}

TEST(Simulate, TheSameSeedGivesTheSameRunByteForByte) {
  SimulationConfig config;
  config.seed = 42;
  const std::string first = trace_of(config);
  EXPECT_GT(first.size(), 100'000U);
  EXPECT_EQ(first, trace_of(config));
  config.seed = 43;
  EXPECT_NE(first, trace_of(config));
}

TEST(Simulate, ATraceChangesNothing) {
  SimulationConfig config;
  config.seed = 44;
  const SimulationResult untraced = simulate(config);
  std::uint64_t events = 0;
  const SimulationResult traced = simulate(config, [&](const TraceEvent&) { ++events; });
  EXPECT_EQ(untraced.steps, traced.steps);
  EXPECT_EQ(untraced.duration, traced.duration);
  EXPECT_GT(events, traced.steps / 2);
}

// docs/simulator.md, "What it found".
TEST(Simulate, ASeedThatFoundSomethingStaysClean) {
  SimulationConfig config;
  config.seed = 725'951;
  EXPECT_FALSE(simulate(config).violation.has_value());
}

TEST(Simulate, WhateverIsThrownInARunIsAViolation) {
  std::uint64_t events = 0;
  const SimulationResult result = simulate({}, [&](const TraceEvent&) {
    if (++events == 1'000) throw std::out_of_range("nothing there");
  });
  ASSERT_TRUE(result.violation.has_value());
  EXPECT_EQ(result.violation->rule, "exception");
  EXPECT_EQ(result.violation->what, "nothing there");
  EXPECT_GT(result.steps, 0U);
}

TEST(Simulate, AStepThatDoesNotEndIsToldWithItsSeed) {
  std::promise<std::uint64_t> told;
  std::shared_future<std::uint64_t> stuck(told.get_future());
  SimulationConfig config;
  config.seed = 7;
  config.step_limit = std::chrono::milliseconds(50);
  config.stuck = [&](std::uint64_t seed, std::uint64_t) { told.set_value(seed); };
  (void)simulate(config, [&](const TraceEvent&) { stuck.wait(); });
  EXPECT_EQ(stuck.get(), 7U);
}

TEST(Simulate, AFixedSetOfSeedsViolatesNothingAndEveryFaultHappens) {
  const CampaignResult result = campaign(1, 500);
  expect_clean(result, 500);
  for (std::size_t i = 0; i < fault_count; ++i) {
    EXPECT_GT(result.total.happened[i], 0U) << to_string(static_cast<Fault>(i));
  }
  EXPECT_GT(result.total.nodes.no_ops, 0U);
  EXPECT_GT(result.total.nodes.duplicates, 0U);
  EXPECT_GT(result.total.nodes.compacted, 0U);
  EXPECT_GT(result.total.nodes.installed, 0U);
}

TEST(Simulate, ARandomSetOfSeedsViolatesNothing) {
  const std::uint64_t first = std::random_device{}();
  std::printf("seeds %llu..%llu\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + 499));
  expect_clean(campaign(first, 500), 500);
}

TEST(Simulate, OtherNumbersOfNodesAndClientsDoAsWell) {
  for (const auto& [nodes, clients] : {std::pair(3U, 1U), std::pair(7U, 30U), std::pair(9U, 10U)}) {
    SimulationConfig run;
    run.nodes = nodes;
    run.clients = clients;
    run.transactions = 100;
    expect_clean(campaign(1, 40, run), 40);
  }
}

/// Seeds that have so much left when the storm ends, and limits so small, that they need longer
/// than `calm_limit` for it, and are none the worse.
TEST(Simulate, MuchThatIsLeftMayTakeItsTime) {
  SimulationConfig run;
  run.clients = 40;
  run.transactions = 5'000;
  for (const std::uint64_t seed : {31U, 314U}) {
    run.seed = seed;
    const SimulationResult result = simulate(run);
    EXPECT_FALSE(result.violation.has_value()) << result.violation->what;
  }
}

TEST(Simulate, WithoutFaultsNothingIsLostAndALeaderStays) {
  SimulationConfig run;
  run.faults = {};
  for (run.seed = 1; run.seed <= 20; ++run.seed) {
    const SimulationResult result = simulate(run);
    EXPECT_FALSE(result.violation.has_value());
    EXPECT_EQ(result.messages.lost + result.messages.duplicated, 0U);
    EXPECT_LE(result.nodes.stepped_down, 1U);  // the last probe may cut the leader off
  }
}

TEST(Simulate, EachFaultHappensAlone) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    SimulationConfig run;
    run.faults.reset();
    run.faults.set(i);
    const CampaignResult result = campaign(1, 10, run);
    expect_clean(result, 10);
    for (std::size_t j = 0; j < fault_count; ++j) {
      EXPECT_EQ(result.total.happened[j] > 0, i == j)
          << to_string(static_cast<Fault>(i)) << ", " << to_string(static_cast<Fault>(j));
    }
  }
}

TEST(Faults, HaveNames) {
  std::string wrong;
  EXPECT_EQ(read_faults("all", wrong)->count(), fault_count);
  EXPECT_EQ(read_faults("none", wrong)->count(), 0U);
  EXPECT_EQ(read_faults("loss,crash", wrong)->count(), 2U);
  EXPECT_EQ(read_faults(fault_names(), wrong)->count(), fault_count);
  EXPECT_FALSE(read_faults("loss,crush", wrong).has_value());
  EXPECT_EQ(wrong, "crush");
  EXPECT_FALSE(read_faults("", wrong).has_value());
}

TEST(Assertions, AreHandedToTheGuardOfTheThread) {
  const AssertionGuard guard([](const std::string& what) { throw std::runtime_error(what); });
  EXPECT_THROW(PAXBANK_ASSERT(1 > 2, "one is not more"), std::runtime_error);
}

}  // namespace
}  // namespace paxbank::sim
