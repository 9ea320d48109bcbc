#include "paxbank/sim/watchdog.hpp"

#include <gtest/gtest.h>

#include <future>

namespace paxbank::sim {
namespace {

using std::chrono::milliseconds;

TEST(Watchdog, TellsWhichStepDoesNotEnd) {
  std::promise<std::uint64_t> stuck;
  Watchdog watchdog(milliseconds(50), [&](std::uint64_t step) { stuck.set_value(step); });
  watchdog.step();
  watchdog.step();
  EXPECT_EQ(stuck.get_future().get(), 2U);
}

/// A long time in all, and no step of it is long.
TEST(Watchdog, LetsAMultitudeOfStepsBe) {
  std::atomic<bool> stuck = false;
  Watchdog watchdog(std::chrono::hours(1), [&](std::uint64_t) { stuck = true; });
  for (int i = 0; i < 1'000'000; ++i) watchdog.step();
  EXPECT_FALSE(stuck);
}

}  // namespace
}  // namespace paxbank::sim
