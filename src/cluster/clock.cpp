#include "paxbank/cluster/clock.hpp"

#include "paxbank/cluster/wake_timer.hpp"

#include <algorithm>
#include <vector>

namespace paxbank::cluster {
namespace {

// A process has one clock, as the system's is one.
Pace& current() {
  static Pace pace;
  return pace;
}

std::vector<WakeTimer*>& timers() {
  static std::vector<WakeTimer*> timers;
  return timers;
}

}  // namespace

const Pace& pace() { return current(); }

void set_pace(const Pace& pace) {
  current() = pace;
  for (WakeTimer* timer : timers()) timer->arm();
}

WakeTimer::WakeTimer(asio::io_context& io, std::function<void()> wake)
    : timer_(io), wake_(std::move(wake)) {
  timers().push_back(this);
}

WakeTimer::~WakeTimer() { std::erase(timers(), this); }

void WakeTimer::arm() {
  const TimePoint at = pace().real_at(armed_for_);
  if (at == never) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(std::chrono::steady_clock::time_point(at.time_since_epoch()));
  timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    armed_for_ = never;
    wake_();
  });
}

}  // namespace paxbank::cluster
