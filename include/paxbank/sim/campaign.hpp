#pragma once

#include "paxbank/sim/simulate.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace paxbank::sim {

/// Many runs, one for each seed from `first` to `last`.
struct Campaign {
  SimulationConfig run;  ///< but for its seed
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  unsigned jobs = 1;  ///< threads
};

struct CampaignResult {
  std::uint64_t runs = 0;
  SimulationResult total;  ///< its counts are sums, its violation is none
  /// Of all seeds with a violation the lowest, whatever the number of threads.
  std::optional<std::uint64_t> violated_seed;
  std::chrono::duration<double> time{};
};

/// Told now and then how many runs are done, from one thread at a time.
using OnProgress = std::function<void(std::uint64_t runs, std::chrono::duration<double> time)>;

/// Runs until the first violation, the last seed, or `stop`. Seeds are taken in order and each that
/// was taken is finished: without a violation the seeds that were run are the first `runs`.
[[nodiscard]] CampaignResult run_campaign(const Campaign& campaign, const OnProgress& progress,
                                          const std::atomic<bool>& stop);

}  // namespace paxbank::sim
