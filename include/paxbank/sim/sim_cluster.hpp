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
  void kill(NodeSet nodes) override;
  std::map<NodeId, std::string> restart(NodeSet nodes) override;
  void kill_clients() override { clients_live_ = false; }
  std::string restart_clients() override;
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
  template <class Visit>
  void for_each_node(NodeSet nodes, Visit visit);

  World world_;
  std::vector<NodeState> states_;
  NodeSet connected_;  ///< as ordered last
  std::vector<ClientId> clients_;
  bool clients_live_ = true;
};

}  // namespace paxbank::sim
