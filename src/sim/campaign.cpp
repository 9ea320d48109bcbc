#include "paxbank/sim/campaign.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace paxbank::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds progress_interval{200};

void add(SimulationResult& total, const SimulationResult& run) {
  total.steps += run.steps;
  total.duration += run.duration;
  total.success += run.success;
  total.failed += run.failed;
  for (std::size_t i = 0; i < fault_count; ++i) total.happened[i] += run.happened[i];
  for (std::size_t i = 0; i < crash_point_count; ++i) total.crashes[i] += run.crashes[i];
  total.messages.sent += run.messages.sent;
  total.messages.lost += run.messages.lost;
  total.messages.duplicated += run.messages.duplicated;
  total.messages.delayed += run.messages.delayed;
  total.messages.reordered += run.messages.reordered;
  total.messages.blocked += run.messages.blocked;
  total.nodes.elections += run.nodes.elections;
  total.nodes.leaders += run.nodes.leaders;
  total.nodes.stepped_down += run.nodes.stepped_down;
  total.nodes.executed += run.nodes.executed;
  total.nodes.no_ops += run.nodes.no_ops;
  total.nodes.duplicates += run.nodes.duplicates;
  total.nodes.compacted += run.nodes.compacted;
  total.nodes.installed += run.nodes.installed;
}

class Workers {
 public:
  Workers(const Campaign& campaign, const OnProgress& progress, const std::atomic<bool>& stop)
      : campaign_(campaign), progress_(progress), stop_(stop), next_(campaign.first) {}

  CampaignResult run() {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1U, campaign_.jobs); ++i) {
      threads.emplace_back([this] { work(); });
    }
    for (std::thread& thread : threads) thread.join();
    result_.time = Clock::now() - start_;
    if (violated_ != none) result_.violated_seed = violated_;
    return result_;
  }

 private:
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  /// Seeds are taken in order, and all below the lowest that was found violated are finished: so
  /// the lowest is found whatever the threads' luck.
  void work() {
    SimulationConfig config = campaign_.run;
    while (!stop_) {
      config.seed = next_.fetch_add(1);
      if (config.seed > campaign_.last || config.seed > violated_) return;
      const SimulationResult run = simulate(config);
      const std::lock_guard lock(mutex_);
      add(result_.total, run);
      ++result_.runs;
      if (run.violation) violated_ = std::min<std::uint64_t>(violated_, config.seed);
      if (!progress_ || Clock::now() - told_ < progress_interval) continue;
      told_ = Clock::now();
      progress_(result_.runs, told_ - start_);
    }
  }

  const Campaign& campaign_;
  const OnProgress& progress_;
  const std::atomic<bool>& stop_;
  std::atomic<std::uint64_t> next_;
  std::atomic<std::uint64_t> violated_ = none;
  std::mutex mutex_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point told_ = start_;
  CampaignResult result_;
};

}  // namespace

CampaignResult run_campaign(const Campaign& campaign, const OnProgress& progress,
                            const std::atomic<bool>& stop) {
  return Workers(campaign, progress, stop).run();
}

}  // namespace paxbank::sim
