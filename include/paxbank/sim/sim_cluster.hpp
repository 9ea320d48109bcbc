#pragma once

#include "paxbank/port/cluster.hpp"
#include "paxbank/sim/world.hpp"

namespace paxbank::sim {

/// The port over a simulated world: a CSV file runs in virtual time, in milliseconds and the same
/// each time.
class SimCluster : public Cluster {
 public:
  explicit SimCluster(const WorldConfig& config);

  [[nodiscard]] const std::vector<NodeState>& states() const override { return states_; }
  void refresh() override;
  void set_connected(NodeSet connected) override;
  void pause() override;
  void resume() override;
  std::vector<std::optional<Timestamp>> submit(const std::vector<Submission>& submissions) override;
  std::vector<Answer> take_answers() override { return world_.take_answers(); }
  bool wait(Duration limit, const std::function<bool()>& condition) override;
  std::optional<Snapshot> snapshot(NodeId node) override;
  std::optional<Checkpoint> checkpoint(NodeId node) override;
  std::optional<std::vector<LogLine>> log(NodeId node, SequenceNumber from) override;
  std::optional<MessageHistory> messages(NodeId node) override;
  std::optional<std::vector<View>> views(NodeId node) override;
  std::vector<ProcessNews> take_news() override { return {}; }

 private:
  World world_;
  std::vector<NodeState> states_;
};

}  // namespace paxbank::sim
