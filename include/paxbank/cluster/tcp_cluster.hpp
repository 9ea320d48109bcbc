#pragma once

#include "paxbank/cluster/launcher.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/scenario/cluster.hpp"

#include <memory>

namespace paxbank::cluster {

/// The cluster as real processes over TCP. Its destructor ends them all.
class TcpCluster : public Cluster {
 public:
  /// Starts the processes and waits until all are connected to each other. Throws StartError.
  explicit TcpCluster(const Settings& settings);
  ~TcpCluster() override;

  [[nodiscard]] const std::vector<NodeState>& states() const override;
  void refresh() override;
  void set_connected(NodeSet connected) override;
  void pause() override;
  void resume() override;
  std::vector<Timestamp> submit(const std::vector<Submission>& submissions) override;
  std::vector<Answer> take_answers() override;
  bool wait(Duration limit, const std::function<bool()>& condition) override;
  std::optional<std::map<AccountId, Amount>> balances(NodeId node) override;
  std::optional<Checkpoint> checkpoint(NodeId node) override;
  std::optional<std::vector<LogLine>> log(NodeId node, SequenceNumber from) override;
  std::optional<MessageHistory> messages(NodeId node) override;
  std::optional<std::vector<View>> views(NodeId node) override;
  std::vector<ProcessDeath> take_deaths() override;

 private:
  class Processes;
  std::unique_ptr<Processes> processes_;
};

}  // namespace paxbank::cluster
