#pragma once

#include "paxbank/core/ids.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace paxbank::cluster {

/// How the time goes that a process counts for the core: at the real moment `real` it was `core`,
/// and since then so many thousandths of real time have passed; 0: it stands still.
///
/// The system's steady clock is one for all processes of a machine, so that all that are given the
/// same pace count the same time.
struct Pace {
  static constexpr std::int64_t full = 1'000;

  TimePoint real;
  TimePoint core;
  std::int64_t per_mille = full;

  [[nodiscard]] bool stands() const { return per_mille == 0; }
  /// What the core's clock says at a real moment.
  [[nodiscard]] TimePoint core_at(TimePoint at) const {
    return core + (std::max(at, real) - real) * per_mille / full;
  }
  /// When it will say so; `never` if it stands before that.
  [[nodiscard]] TimePoint real_at(TimePoint at) const {
    if (at <= core) return real;
    if (at == never || stands()) return never;
    return real + ((at - core) * full + Duration(per_mille - 1)) / per_mille;
  }
};

/// The present, as the system's steady clock counts it.
[[nodiscard]] inline TimePoint real_now() {
  return TimePoint(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

/// This process's pace; real time, until another is set.
[[nodiscard]] const Pace& pace();
/// From now on; every WakeTimer goes by it at once.
void set_pace(const Pace& pace);

/// The present, as the process counts it for the core.
[[nodiscard]] inline TimePoint core_now() { return pace().core_at(real_now()); }

}  // namespace paxbank::cluster
