#pragma once

#include "paxbank/cluster/clock.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>

namespace paxbank::cluster {

/// Calls back no later than asked, in the core's time, however that goes. A wake-up that has moved
/// to later is left to go off in vain: with thousands of steps a second, arming the system's timer
/// anew at each would cost more than that.
class WakeTimer {
 public:
  WakeTimer(asio::io_context& io, std::function<void()> wake);
  WakeTimer(const WakeTimer&) = delete;
  WakeTimer& operator=(const WakeTimer&) = delete;
  ~WakeTimer();

  void wake_at(TimePoint at) {
    if (at >= armed_for_) return;
    armed_for_ = at;
    arm();
  }

  /// The process's pace has changed.
  void arm();

 private:
  asio::steady_timer timer_;
  std::function<void()> wake_;
  TimePoint armed_for_ = never;
};

}  // namespace paxbank::cluster
