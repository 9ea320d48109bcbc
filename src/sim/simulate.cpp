#include "paxbank/sim/simulate.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/sim/probes.hpp"
#include "paxbank/sim/storm.hpp"

#include <exception>
#include <tuple>

namespace paxbank::sim {
namespace {

[[noreturn]] void throw_assertion(const std::string& what) {
  throw_violation({"assertion", what, {}});
}

void check_all_equal(Run& run) {
  const World& world = run.world();
  for (std::uint32_t n = 2; n <= world.nodes(); ++n) {
    if (world.replica({n}).bank().balances() == world.replica({1}).bank().balances()) continue;
    throw_violation({"exactly once",
                     "at the end " + describe(NodeId{n}) + " and n1 differ",
                     {NodeId{1}, NodeId{n}}});
  }
}

/// What happened in a run so far; the requests and faults of its probe are not counted.
void count(Run& run, const Storm& storm, SimulationResult& result) {
  std::tie(result.success, result.failed) = run.answered();
  result.messages = run.world().network().counts();
  result.crashes = run.world().crashes();
  result.happened = storm.happened();
  const auto happened = [&](Fault fault) -> std::uint64_t& {
    return result.happened[static_cast<std::size_t>(fault)];
  };
  constexpr Fault deaths[] = {Fault::crash, Fault::torn_batch, Fault::full_disk,
                              Fault::sync_failure, Fault::unsent};
  for (std::size_t i = 0; i < crash_point_count; ++i) happened(deaths[i]) = result.crashes[i];
  happened(Fault::loss) = result.messages.lost;
  happened(Fault::duplication) = result.messages.duplicated;
  happened(Fault::delay) = result.messages.delayed;
  happened(Fault::reordering) = result.messages.reordered;
}

void weather(Run& run, Storm& storm) {
  storm.blow();
  storm.end();
  run.settle();
}

void interrogate(Run& run, Duration delay_max) {
  run.run_for(delay_max);  // until nothing from the storm is under way any more
  run.settle();
  probe(run);
  run.settle();
  run.monitor().finish();
  check_all_equal(run);
}

/// The violation that some part of a run ends with, if it does. Whatever is thrown is one: the seed
/// must be told.
template <class Part>
std::optional<Violation> violation_of(Part part) {
  try {
    part();
  } catch (const ViolationFound& found) {
    return found.violation;
  } catch (const std::exception& thrown) {
    return Violation{"exception", thrown.what(), {}};
  }
  return std::nullopt;
}

/// Ends a trace: what the last step changed, and what is wrong with it.
void tell(const Violation& violation, World& world, const TraceSink& trace) {
  world.trace_unfinished();
  trace({.time = world.now(), .node = "run", .kind = "violation", .detail = &violation});
}

}  // namespace

TraceHead trace_head(const SimulationConfig& config) {
  return {.by = "simulator",
          .run = std::to_string(config.seed),
          .seed = config.seed,
          .nodes = config.nodes,
          .bank = bank_of(config.clients)};
}

SimulationResult simulate(const SimulationConfig& config, const TraceSink& trace) {
  PAXBANK_ASSERT(config.clients >= 1 && config.clients <= clients_limit,
                 "clients within the limit");
  const AssertionGuard guard(throw_assertion);
  SimulationResult result;
  std::optional<Run> run;
  std::optional<Storm> storm;
  result.violation = violation_of([&] {
    run.emplace(config, trace);
    storm.emplace(*run);
    weather(*run, *storm);
  });
  if (!storm) return result;
  count(*run, *storm, result);
  if (!result.violation) {
    result.violation = violation_of([&] { interrogate(*run, storm->delay_max()); });
  }
  if (trace && result.violation) tell(*result.violation, run->world(), trace);
  result.steps = run->steps();
  result.duration = run->world().now() - TimePoint();
  result.nodes = run->monitor().counts();
  return result;
}

}  // namespace paxbank::sim
