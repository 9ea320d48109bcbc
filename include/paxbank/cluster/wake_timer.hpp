#pragma once

#include "paxbank/core/ids.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>

namespace paxbank::cluster {

/// The present, as the processes count it for the core.
[[nodiscard]] inline TimePoint core_now() {
  return TimePoint(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

/// Calls back no later than asked. A wake-up that has moved to later is left to go off in vain:
/// with thousands of steps a second, arming the system's timer anew at each would cost more than
/// that.
class WakeTimer {
 public:
  WakeTimer(asio::io_context& io, std::function<void()> wake)
      : timer_(io), wake_(std::move(wake)) {}

  void wake_at(TimePoint at) {
    if (at >= armed_for_) return;
    armed_for_ = at;
    timer_.expires_at(std::chrono::steady_clock::time_point(at.time_since_epoch()));
    timer_.async_wait([this](const asio::error_code& error) {
      if (error) return;
      armed_for_ = never;
      wake_();
    });
  }

 private:
  asio::steady_timer timer_;
  std::function<void()> wake_;
  TimePoint armed_for_ = never;
};

}  // namespace paxbank::cluster
