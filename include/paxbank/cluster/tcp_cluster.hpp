#pragma once

#include "paxbank/cluster/data_directory.hpp"
#include "paxbank/cluster/launcher.hpp"
#include "paxbank/cluster/load.hpp"
#include "paxbank/cluster/processes.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/port/cluster.hpp"

#include <asio/io_context.hpp>

#include <optional>

namespace paxbank::cluster {

/// The cluster as real processes over TCP, in the launcher's event loop. Its destructor ends them
/// all.
class TcpCluster : public Cluster {
 public:
  /// Starts the processes and waits until all are connected to each other. Throws StartError.
  TcpCluster(asio::io_context& io, const Settings& settings);

  [[nodiscard]] const std::vector<NodeState>& states() const override { return states_; }
  void refresh() override;
  void set_connected(NodeSet connected) override;
  void kill(NodeSet nodes) override;
  std::map<NodeId, std::string> restart(NodeSet nodes) override;
  [[nodiscard]] std::string why_no_restart() const override;
  std::optional<StoreState> store(NodeId node) override;
  void kill_clients() override;
  std::string restart_clients() override;
  void pause() override;
  void resume() override;
  std::vector<std::optional<Timestamp>> submit(const std::vector<Submission>& submissions) override;
  std::vector<Answer> take_answers() override;
  bool wait(Duration limit, const std::function<bool()>& condition) override;
  std::optional<Snapshot> snapshot(NodeId node) override;
  std::optional<Checkpoint> checkpoint(NodeId node) override;
  std::optional<std::vector<LogLine>> log(NodeId node, SequenceNumber from) override;
  std::optional<MessageHistory> messages(NodeId node) override;
  std::optional<std::vector<View>> views(NodeId node) override;
  std::vector<ProcessNews> take_news() override;
  std::vector<std::string> take_typed() override { return std::exchange(typed_, {}); }
  /// Where the live page is, or "".
  [[nodiscard]] const std::string& address() const { return address_; }
  /// Something that the run reported, for those who watch it on a page.
  void show(const std::string& text);
  [[nodiscard]] bool commands_time() const override { return switched_; }
  [[nodiscard]] bool time_stands() const override { return pace().stands(); }
  void set_slow(std::int64_t slow) override;
  void stop_time() override;
  void start_time() override;
  std::optional<std::string> step() override;
  bool lose(const std::string& send) override;

  /// Of the launcher and of every child that lives.
  [[nodiscard]] std::vector<ProcessUsage> usage() const { return processes_->usage(); }
  /// What the clients did; see LoadOrder. It is waited for as long as something is answered.
  LoadOutcome load(const LoadOrder& order);
  /// The same in two halves, with time for failures between them.
  void begin_load(const LoadOrder& order);
  LoadOutcome end_load();
  /// Sends no more, and waits for the answers to what is under way.
  LoadOutcome stop_load();
  /// Once its load is under way, lets the leader of `ballot` fail by `strike`, and waits for the
  /// first answer in a later ballot. Returns how long that took, or nullopt if it took longer than
  /// `limit`.
  std::optional<Duration> time_failover(Ballot ballot, Duration limit,
                                        const std::function<void()>& strike);
  /// Cuts one node off, and does not wait for anything.
  void cut_off(NodeId node) { processes_->ask(node.value - 1, SetConnected{false}); }

 private:
  [[nodiscard]] std::size_t client_manager() const { return nodes_; }
  [[nodiscard]] std::size_t exchange() const { return nodes_ + 1; }
  [[nodiscard]] std::size_t web() const { return nodes_ + 2; }
  void order_pace(std::int64_t slow, TimePoint not_before = {});
  void take(std::size_t child, const Report& report);
  std::vector<Child> start_all(const Settings& settings);
  void require_quorum();
  [[nodiscard]] std::vector<std::string> next_start_of_clients();
  [[nodiscard]] std::string bring_back(std::uint32_t node);
  void catch_up(std::size_t child);
  template <class OrderFor, class Answered>
  void order_each(std::size_t count, OrderFor order_for, Answered answered);
  template <class OrderFor>
  void order_nodes(OrderFor order_for);
  void set_paused(bool paused);
  void note_states();
  [[nodiscard]] std::string why_no_answers() const;
  [[nodiscard]] SequenceNumber committed() const;
  void watch(Ballot ballot);
  std::optional<TimePoint> await_later_ballot(Duration limit);

  std::optional<DataDirectory> data_;  ///< none: nothing outlives a process
  Program program_;
  std::vector<Listener>
      listeners_;  ///< by node number from 0; while it is dead only its port is held
  std::vector<std::uint64_t> lives_;  ///< how often each node has been started
  std::uint64_t starts_of_clients_ = 0;
  std::uint32_t nodes_;
  Duration epoch_;  ///< of the steady clock: the start of the run
  std::vector<NodeState> states_;
  NodeSet connected_;    ///< as ordered last
  bool paused_ = false;  ///< as ordered last
  bool switched_;
  Descriptor clock_;   ///< that all share, where time can be commanded
  std::int64_t slow_;  ///< how many times as long all takes, while time goes
  std::vector<Answer> answers_;
  std::vector<std::string> typed_;
  std::string address_;
  std::optional<LoadResult> load_result_;
  std::optional<TimePoint> later_ballot_;
  std::optional<Processes> processes_;
};

}  // namespace paxbank::cluster
