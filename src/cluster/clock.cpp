#include "paxbank/cluster/clock.hpp"

#include "paxbank/cluster/wake_timer.hpp"

#include <algorithm>
#include <atomic>
#include <new>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace paxbank::cluster {
namespace {

/// What all look at who share a clock.
struct Face {
  std::atomic<std::uint64_t> changes;  ///< odd: it is being set
  std::atomic<Duration::rep> real;
  std::atomic<Duration::rep> core;
  std::atomic<std::int64_t> slow;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share no locks");

Face*& face() {
  static Face own{0, 0, 0, 1};
  static Face* looked_at = &own;
  return looked_at;
}

std::vector<WakeTimer*>& timers() {
  static std::vector<WakeTimer*> timers;
  return timers;
}

/// The pace, and a moment at which it was so. Who looks while it is set looks again: a moment that
/// is counted by one pace lies on its side of the change, for all processes.
struct Look {
  Pace pace;
  TimePoint real;
};

Look look() {
  const Face& clock = *face();
  while (true) {
    const std::uint64_t before = clock.changes.load(std::memory_order_acquire);
    const Pace pace{TimePoint(Duration(clock.real.load(std::memory_order_relaxed))),
                    TimePoint(Duration(clock.core.load(std::memory_order_relaxed))),
                    clock.slow.load(std::memory_order_relaxed)};
    const TimePoint now = real_now();
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 == 0 && clock.changes.load(std::memory_order_relaxed) == before) {
      return {pace, now};
    }
    std::this_thread::yield();
  }
}

Face* mapped(int descriptor, int rights) {
  void* const memory = ::mmap(nullptr, sizeof(Face), rights, MAP_SHARED, descriptor, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Face*>(memory);
}

}  // namespace

Pace pace() { return look().pace; }

TimePoint core_now() {
  const Look seen = look();
  return seen.pace.core_at(seen.real);
}

void set_pace(std::int64_t slow, TimePoint not_before) {
  const Pace before = pace();
  Face& clock = *face();
  clock.changes.fetch_add(1);
  const TimePoint now = real_now();
  const TimePoint core = std::max(before.core_at(now), not_before);
  clock.real.store(now.time_since_epoch().count());
  clock.core.store(core.time_since_epoch().count());
  clock.slow.store(slow);
  clock.changes.fetch_add(1);
  follow_pace();
}

void follow_pace() {
  for (WakeTimer* timer : timers()) timer->arm();
}

int share_clock() {
  // Children keep it across exec.
  const int descriptor = ::memfd_create("paxbank-clock", 0);
  if (descriptor < 0 || ::ftruncate(descriptor, sizeof(Face)) != 0) return -1;
  Face* const shared = mapped(descriptor, PROT_READ | PROT_WRITE);
  if (shared == nullptr) return -1;
  const Pace now = pace();
  face() = new (shared)
      Face{0, now.real.time_since_epoch().count(), now.core.time_since_epoch().count(), now.slow};
  return descriptor;
}

bool take_clock(int descriptor) {
  Face* const shared = mapped(descriptor, PROT_READ);
  if (shared != nullptr) face() = shared;
  return shared != nullptr;
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
    // A slower pace may have been set, of which this process has yet to hear.
    if (core_now() < armed_for_) {
      arm();
      return;
    }
    armed_for_ = never;
    wake_();
  });
}

}  // namespace paxbank::cluster
