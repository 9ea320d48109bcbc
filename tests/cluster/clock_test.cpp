// The clock that a run's processes share.
#include "paxbank/cluster/clock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace paxbank::cluster {
namespace {

using namespace std::chrono_literals;

TEST(Pace, IsExactHoweverSlow) {
  const TimePoint start(10s);
  for (std::int64_t slow = 1; slow <= 100; ++slow) {
    const Pace pace{.real = start, .core = TimePoint(1s), .slow = slow};
    EXPECT_EQ(pace.core_at(start + 1s * slow), TimePoint(2s)) << slow;
    EXPECT_EQ(pace.real_at(TimePoint(2s)), start + 1s * slow) << slow;
  }
}

TEST(Pace, WhereTimeStandsNothingComesOfWaiting) {
  const Pace pace{.real = TimePoint(10s), .core = TimePoint(1s), .slow = 0};
  EXPECT_EQ(pace.core_at(TimePoint(20s)), TimePoint(1s));
  EXPECT_EQ(pace.real_at(TimePoint(2s)), never);
  EXPECT_EQ(pace.real_at(TimePoint(1s)), TimePoint(10s));
}

TEST(Clock, GoesBackForNobodyWhateverPaceIsSet) {
  std::atomic<bool> over = false;
  std::atomic<TimePoint> seen = TimePoint{};
  const auto look = [&] {
    TimePoint last;
    while (!over) {
      // What another has seen before is not later than what is seen now.
      const TimePoint before = std::max(last, seen.load());
      last = core_now();
      EXPECT_GE(last, before);
      seen = last;
    }
  };
  std::thread one(look);
  std::thread other(look);
  for (int i = 0; i < 20'000; ++i) {
    const TimePoint before = std::max(core_now(), seen.load());
    set_pace(i % 4);
    EXPECT_GE(core_now(), before);
  }
  over = true;
  one.join();
  other.join();
  const TimePoint later = core_now() + 1h;
  set_pace(0, later);
  EXPECT_EQ(core_now(), later);
  set_pace(1);
}

TEST(Clock, IsSetForAllAtOnceAlsoForOneThatStoodStill) {
  const int clock = share_clock();
  ASSERT_GE(clock, 0);
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool taken = take_clock(clock);
    ::raise(SIGSTOP);
    const TimePoint now = taken ? core_now() : TimePoint{};
    ::_exit(::write(channel[1], &now, sizeof now) == sizeof now ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, WUNTRACED);
  set_pace(0);
  const TimePoint stands = core_now();
  ::kill(child, SIGCONT);
  TimePoint told;
  EXPECT_EQ(::read(channel[0], &told, sizeof told), static_cast<ssize_t>(sizeof told));
  EXPECT_EQ(told, stands);
  ::waitpid(child, &status, 0);
  for (const int end : channel) ::close(end);
  ::close(clock);
  set_pace(1);
}

}  // namespace
}  // namespace paxbank::cluster
