#pragma once

#include "paxbank/cluster/settings.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace paxbank::bench {

/// Throughput and latency of one side of a comparison.
struct Figures {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double p999_us = 0;
};

struct WindowResult {
  std::uint32_t window = 0;
  bool measured = false;  ///< otherwise a finding says why not, and no further window is measured
  Figures paxbank;
  Figures floor;
  double ratio = 0;  ///< of throughputs
  /// CPU seconds for a million transfers, by process.
  std::vector<std::pair<std::string, double>> cpu_seconds;
  /// Why the floor, and with it the ratio, is not to be believed; empty if it is.
  std::string disturbed;
  /// What the cross-node checks found after it, and what was lost or done twice.
  std::vector<std::string> findings;
};

/// Whether something else had the machine while the floor had its turns: the cluster does all that
/// the floor does and more, and the floor does the same in each turn. Says what shows it, or "".
[[nodiscard]] std::string disturbance(double ratio, const std::vector<double>& floor_turns);

struct WindowsConfig {
  std::vector<std::uint32_t> windows{1, 10, 100, 1'000};
  std::chrono::milliseconds duration{3'000};  ///< for each side of each window
  std::size_t line_size = 200;                ///< of the floor's lines
};

struct GrowthResult {
  std::uint32_t window = 0;
  std::uint64_t transfers = 0;
  double per_second = 0;
  std::vector<double> tenths;  ///< transfers a second in each tenth
  double last_to_first = 0;    ///< throughput of the last tenth to that of the first
  double memory_mib = 0;       ///< of the process that took most
  std::vector<std::string> findings;
};

struct FailoverResult {
  std::uint32_t tries = 0;
  /// From the cut to the first answer of the new leader, sorted; of the tries in which one came.
  std::vector<double> times_ms;
  double p50_ms = 0;
  double max_ms = 0;
  std::uint64_t lost = 0;  ///< answered transfers that a node does not know of, or did twice
  std::vector<std::string> findings;
};

struct KillsResult {
  std::uint32_t kills = 0;
  /// From a leader's death to the first answer of the next, sorted; half of the kills.
  std::vector<double> answer_ms;
  /// From a node's start to when it has executed all that was committed then, sorted.
  std::vector<double> back_ms;
  std::uint64_t lost = 0;  ///< answered transfers that a node does not know of, or did twice
  std::vector<std::string> findings;
};

/// Each window in turn, the floor and the cluster alternating within it; `done` is told of each.
/// Throws cluster::StartError.
void run_windows(cluster::Settings settings, const WindowsConfig& config,
                 const std::function<void(const WindowResult&)>& done);

/// So many transfers with one window: does the last tenth cost what the first did? Throws
/// StartError.
[[nodiscard]] GrowthResult run_growth(cluster::Settings settings, std::uint32_t window,
                                      std::uint64_t transfers);

/// Cuts the leader off under load, so many times. Throws StartError.
[[nodiscard]] FailoverResult run_failover(cluster::Settings settings, std::uint32_t window,
                                          std::uint32_t tries);

/// Kills a node's process under load and brings it back, so many times; every other time the
/// leader's. Throws StartError.
[[nodiscard]] KillsResult run_kills(cluster::Settings settings, std::uint32_t window,
                                    std::uint32_t kills);

}  // namespace paxbank::bench
