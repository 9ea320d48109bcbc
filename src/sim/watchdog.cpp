#include "paxbank/sim/watchdog.hpp"

#include <utility>

namespace paxbank::sim {
namespace {

/// A limit is so many looks at the step, and not a time on the clock: a program that was stopped
/// (Ctrl-Z) for longer than that has missed looks as well as steps.
constexpr int looks = 10;

}  // namespace

Watchdog::Watchdog(std::chrono::milliseconds limit, OnStuck stuck)
    : limit_(limit), stuck_(std::move(stuck)) {
  if (stuck_) thread_ = std::thread([this] { watch(); });
}

Watchdog::~Watchdog() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  over_.notify_one();
  thread_.join();
}

void Watchdog::watch() {
  std::uint64_t seen = step_;
  int same = 0;
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, limit_ / looks, [this] { return done_; })) {
    const std::uint64_t step = step_;
    same = step == seen ? same + 1 : 0;
    seen = step;
    if (same < looks) continue;
    stuck_(step);
    return;
  }
}

}  // namespace paxbank::sim
