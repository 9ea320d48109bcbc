#pragma once

#include "paxbank/core/trace.hpp"
#include "paxbank/sim/faults.hpp"
#include "paxbank/sim/monitor.hpp"
#include "paxbank/sim/world.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace paxbank::sim {

/// What one run is. All else (rates, moments, victims, limits) follows from the seed.
struct SimulationConfig {
  std::uint64_t seed = 1;
  std::uint32_t nodes = 5;
  std::uint32_t clients = 10;
  std::uint32_t transactions = 300;
  FaultSet faults = FaultSet().set();
  /// Called, from another thread, with the seed and the number of a step that takes longer than
  /// `step_limit` of real time: it never ends, and the program must. Empty: nobody watches.
  std::function<void(std::uint64_t seed, std::uint64_t step)> stuck = {};
  std::chrono::milliseconds step_limit = std::chrono::seconds(10);
};

/// At most so many: each has an account of its own.
inline constexpr std::uint32_t clients_limit = 1'000;

struct SimulationResult {
  std::optional<Violation> violation;
  std::uint64_t steps = 0;  ///< events that happened; with a violation, up to and with it
  Duration duration{};      ///< in virtual time
  std::uint64_t success = 0;
  std::uint64_t failed = 0;
  FaultCounts happened{};  ///< how often each fault did
  NetworkCounts messages;
  NodeCounts nodes;
  CrashCounts crashes{};
};

/// Once the faults stop, everything must be answered, and all nodes equal, within this virtual
/// time: a client that waits longest (8 s), an election or two, and the catching up; or within so
/// long for each request that is left, if that is more: the smallest limits that are drawn let
/// through one slot each time that something is sent again (`ReplicaConfig::resend_min`).
inline constexpr Duration calm_limit = std::chrono::seconds(20);
inline constexpr Duration calm_limit_per_request = std::chrono::milliseconds(100);

/// What a trace of the run begins with.
[[nodiscard]] TraceHead trace_head(const SimulationConfig& config);

/// One run, from its seed: the same seed gives the same run, event for event. It ends with the
/// first violation. An assertion of the core that fails is one too, and so is anything thrown.
[[nodiscard]] SimulationResult simulate(const SimulationConfig& config,
                                        const TraceSink& trace = {});

}  // namespace paxbank::sim
