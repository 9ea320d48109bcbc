#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace paxbank::sim {

/// Told the number of the step that does not end. It must end the program: the thread that takes
/// the step cannot be made to.
using OnStuck = std::function<void(std::uint64_t step)>;

/// Watches from a thread of its own that steps go on, in real time: one that never ends gives
/// nobody else an occasion to say so.
class Watchdog {
 public:
  /// Without `stuck` nothing is watched.
  Watchdog(std::chrono::milliseconds limit, OnStuck stuck);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  /// A step begins.
  void step() { step_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void watch();

  std::chrono::milliseconds limit_;
  OnStuck stuck_;
  std::atomic<std::uint64_t> step_ = 0;
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_ = false;
  std::thread thread_;  // the last: it uses all of the above
};

}  // namespace paxbank::sim
