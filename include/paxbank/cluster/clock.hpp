#pragma once

#include "paxbank/core/ids.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace paxbank::cluster {

/// How the core's time goes: at the real moment `real` it was `core`, and since then everything
/// takes `slow` times as long; 0: it stands still.
struct Pace {
  TimePoint real;
  TimePoint core;
  std::int64_t slow = 1;

  [[nodiscard]] bool stands() const { return slow == 0; }
  /// What the core's clock says at a real moment.
  [[nodiscard]] TimePoint core_at(TimePoint at) const {
    return stands() ? core : core + (std::max(at, real) - real) / slow;
  }
  /// When it will say so; `never` if it stands before that.
  [[nodiscard]] TimePoint real_at(TimePoint at) const {
    if (at <= core) return real;
    if (at == never || stands()) return never;
    return real + (at - core) * slow;
  }
};

/// The present, as the system's steady clock counts it.
[[nodiscard]] inline TimePoint real_now() {
  return TimePoint(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

// The core's clock. A process has one, as the system's is one: real time, until it is set, or until
// the process goes by one that others share. A shared one is set for all at once, as it lies in
// memory of them all: also for a process that stands still, or is late to hear of it. It never goes
// back, and what is stamped before a message leaves is not later than what is stamped when it has
// arrived.

/// How it goes.
[[nodiscard]] Pace pace();
/// The present, as it says.
[[nodiscard]] TimePoint core_now();

/// From now on everything takes so many times as long, 0: it stands still; and it is no earlier
/// than `not_before`. Every WakeTimer of this process goes by it at once. Only one process sets a
/// clock that is shared.
void set_pace(std::int64_t slow, TimePoint not_before = {});
/// The pace has been set by somebody else: every WakeTimer of this process goes by it.
void follow_pace();

/// Makes this process's clock one that its children can share, and goes by it. Returns the
/// descriptor by which they have it, open to all of them; -1, and errno, if that fails.
[[nodiscard]] int share_clock();
/// Goes by the clock that the descriptor stands for. Returns false, and errno, if it cannot.
[[nodiscard]] bool take_clock(int descriptor);

}  // namespace paxbank::cluster
