#pragma once

#include "paxbank/sim/run.hpp"

#include <functional>
#include <map>
#include <set>
#include <vector>

namespace paxbank::sim {

/// The first part of a run: requests, and whatever can break around them, at moments that are all
/// drawn beforehand.
class Storm {
 public:
  explicit Storm(Run& run);

  void blow();
  /// No more faults, and all that they left behind is mended.
  void end();
  /// How often each fault happened; those of single messages and crashes the world counts itself.
  [[nodiscard]] const FaultCounts& happened() const { return happened_; }
  /// How long a message may be under way.
  [[nodiscard]] Duration delay_max() const { return faults_.delay_max; }

 private:
  /// Undoes what a fault did; empty if it passes by itself.
  using Undo = std::function<void()>;

  [[nodiscard]] bool wanted(Fault fault) const {
    return run_.config().faults.test(static_cast<std::size_t>(fault));
  }
  TimePoint draw_moment();
  NodeId draw_victim();
  std::size_t draw_client();
  void draw_message_faults();

  void plan(TimePoint at, std::function<void()> act) { plan_.emplace(at, std::move(act)); }
  void plan_transactions();
  void plan_fault(Fault fault, std::int64_t count_max, std::chrono::milliseconds longest,
                  const std::function<Undo(TimePoint)>& begin);
  void plan_cut(Fault fault, const std::function<Cut()>& cut);
  void plan_cuts();
  void plan_deaths(Fault fault, std::int64_t count_max, CrashPoint point);
  void plan_nodes_faults();
  void plan_clients_faults();
  void plan_successions();
  void strike_next(NodeId struck, std::int64_t left);

  Cut cut_in_two();
  Cut cut_one_way();
  Cut cut_to_chain();
  Cut cut_to_hub();
  Cut cut_clients();

  Run& run_;
  TimePoint end_;
  std::int64_t intensity_;  ///< some storms are worse than others
  MessageFaults faults_;
  MessageFaults calm_faults_;
  std::vector<TimePoint> rushes_;                         ///< many requests come then
  std::multimap<TimePoint, std::function<void()>> plan_;  ///< what is left of it
  FaultCounts happened_{};
  std::set<std::size_t> restarted_;  ///< clients
};

}  // namespace paxbank::sim
