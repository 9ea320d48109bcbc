#pragma once

#include "paxbank/sim/monitor.hpp"
#include "paxbank/sim/simulate.hpp"
#include "paxbank/sim/watchdog.hpp"
#include "paxbank/sim/world.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace paxbank::sim {

/// How a run ends at its first violation.
struct ViolationFound {
  Violation violation;
};

[[noreturn]] void throw_violation(Violation violation);

/// The cluster of one run and those who watch it: what the storm and the probes after it share.
class Run {
 public:
  Run(const SimulationConfig& config, const TraceSink& trace);
  Run(const Run&) = delete;  // the world's observer refers to it
  Run& operator=(const Run&) = delete;

  [[nodiscard]] const SimulationConfig& config() const { return config_; }
  [[nodiscard]] const WorldConfig& world_config() const { return world_config_; }
  [[nodiscard]] const ReplicaConfig& replica_config() const { return world_config_.replica; }
  Random& random() { return random_; }
  World& world() { return world_; }
  Monitor& monitor() { return monitor_; }

  // --- Time

  /// Lets happen whatever happens before a moment, and time move to it.
  void run_until(TimePoint at);
  void run_for(Duration time) { run_until(world_.now() + time); }
  /// Until every request is answered, all nodes are equal and follow one leader; that must come
  /// about in time (`calm_limit`).
  void settle();
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  // --- Requests

  void submit(const Transaction& transaction);
  /// A client of that number asks for something; the answer does not matter.
  void submit_any(std::size_t client = 0);
  [[nodiscard]] bool all_answered() const { return success_ + failed_ == submitted_; }
  /// Successful and failed ones.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> answered() const {
    return {success_, failed_};
  }
  [[nodiscard]] std::size_t clients() const { return config_.clients; }
  [[nodiscard]] Party client_party(std::size_t client) const {
    return config_.nodes + static_cast<Party>(client);
  }

  // --- Nodes

  [[nodiscard]] NodeId draw_node() {
    return {static_cast<std::uint32_t>(random_.between(1, config_.nodes))};
  }
  /// The node that leads as far as it knows, in the highest ballot of those that do; nullopt if
  /// none does.
  [[nodiscard]] std::optional<NodeId> leader() const;
  /// The ballot that every node which is up and connected follows and has promised, if its owner is
  /// one of them and leads in it.
  [[nodiscard]] std::optional<Ballot> undisputed() const;
  /// The same where there must be one.
  [[nodiscard]] Ballot led(std::string_view when) const;

  // --- Cuts

  /// Cuts the links between nodes for which `cut(from, to)` holds.
  template <class Which>
  Cut cut_where(Which which) {
    Cut cut;
    for (Party from = 0; from < config_.nodes; ++from) {
      for (Party to = 0; to < config_.nodes; ++to) {
        if (from != to && which(from, to)) cut.emplace_back(from, to);
      }
    }
    return cut_links(std::move(cut));
  }
  /// A client dies and is there anew.
  void restart_client(std::size_t client);
  /// Cuts these links, over and above what else cuts them.
  Cut cut_links(Cut cut);
  void heal(const Cut& cut) { world_.heal(cut); }

 private:
  WorldConfig draw_world();
  void step();
  [[nodiscard]] bool settled() const;
  [[nodiscard]] Violation unsettled(Duration time) const;
  [[nodiscard]] bool executed_everywhere() const;
  [[nodiscard]] std::optional<Violation> left_over() const;

  SimulationConfig config_;
  Watchdog watchdog_;
  Random random_;
  WorldConfig world_config_;
  Monitor monitor_;
  World world_;
  std::uint64_t steps_ = 0;
  std::uint64_t submitted_ = 0;
  std::uint64_t success_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace paxbank::sim
