#pragma once

#include "paxbank/port/cluster.hpp"
#include "paxbank/scenario/csv.hpp"
#include "paxbank/scenario/report.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace paxbank::scenario {

struct RunnerConfig {
  std::uint32_t nodes = 5;
  Duration client_timeout = std::chrono::milliseconds(400);
  bool concurrent = false;  ///< rows between two LF are sent by their clients at the same time
  BankConfig bank = default_bank();
  bool pauses = true;  ///< between two commands the cluster stands still
};

/// Drives a cluster through sets, and through what is typed: it sends, fails, waits for the event
/// that each of these must have, and says what came of it. Between two calls the cluster is paused,
/// unless it is to run on.
class Runner {
 public:
  /// How long anything is waited for that must happen while a quorum is live.
  static constexpr Duration patience = std::chrono::seconds(30);

  Runner(Cluster& cluster, Report& report, RunnerConfig config);

  /// Runs a set from the reconnecting of its live nodes to its report.
  void run_set(const TransactionSet& set);

  /// For manual mode: all nodes live; waits for the first leader.
  void open();

  // By hand; each wakes the cluster, acts, waits for what must follow, and pauses it again.
  void send(const Transaction& transaction);
  void fail_leader();
  void disconnect(const std::vector<NodeId>& nodes);
  void reconnect(const std::vector<NodeId>& nodes);
  void kill(const std::vector<NodeId>& nodes);
  void restart(const std::vector<NodeId>& nodes);
  void kill_clients();
  void restart_clients();

  // Time. Whether it can be had is the cluster's to say; they tell what comes of it.
  void pause();
  void resume();
  void slow(std::int64_t times);
  void step(std::uint64_t count);
  void lose(const std::string& send);

  /// Time goes on, and what was begun while it stood still is waited for.
  void go_on();

  /// Called whenever something may have come in, also in the middle of a command.
  void on_turn(std::function<void()> turn) { turn_ = std::move(turn); }

  /// The cross-node checks over all logs and balances as they are now.
  [[nodiscard]] AuditReport audit();

  /// Says how everything went. `ok` is false if a check failed, a process died unasked, or
  /// something did not happen that had to.
  Summary summarize();

  /// Takes in and tells what has come: news of processes, answers.
  void take_in();

  /// Lets the cluster run, telling what comes, until the condition holds (true) or the time is up
  /// (false). If the run must end, it ends at once (true).
  bool until(Duration limit, const std::function<bool()>& condition);

  /// Ends the run: nothing is sent or waited for any more.
  void stop() { can_go_on_ = false; }

  [[nodiscard]] std::optional<LeaderInfo> leader();
  /// Who believes that it leads, without a quorum.
  [[nodiscard]] std::vector<LeaderInfo> believers();
  [[nodiscard]] Balances balances(const std::vector<NodeId>& nodes);
  [[nodiscard]] std::vector<NodeId> all_nodes() const;
  [[nodiscard]] std::uint32_t nodes() const { return config_.nodes; }
  [[nodiscard]] const BankConfig& bank() const { return config_.bank; }

  /// False once the run must end: it was stopped, or the client manager is gone.
  [[nodiscard]] bool can_go_on() const { return can_go_on_; }

 private:
  /// A request is known by its client and timestamp.
  using Key = std::pair<ClientId, Timestamp>;
  struct Outstanding {
    std::int64_t set = 0;
    std::size_t tally = 0;  ///< where it is counted
    std::size_t row = 0;
    Transaction transaction;
    bool reported = false;  ///< as a timeout
  };

  void run_rows(const std::vector<Row>& rows);
  std::vector<Key> submit(const std::vector<std::pair<std::size_t, Transaction>>& rows);
  void await(const std::vector<Key>& keys);
  void drop(std::size_t row, const ClientId& client, const Transaction& transaction,
            const std::string& why);
  void report_timeouts(const std::vector<Key>& keys, const std::string& why);
  bool await_answers(const std::vector<Key>& keys);
  void take_news(const ProcessNews& news);
  void take_answer(const Answer& answer);
  [[nodiscard]] bool held_up(const Key& key) const;
  [[nodiscard]] std::vector<Key> unsaid() const;
  void strike_leader();
  void fail(const LeaderFailure& row);
  void fail(const NodesDie& row);
  void fail(const NodesComeBack& row);
  void bring_back(const std::vector<NodeId>& nodes);
  [[nodiscard]] std::vector<NodeId> dead_among(const std::vector<NodeId>& nodes) const;
  void await_leader();
  void await_leftovers();
  void settle();
  [[nodiscard]] bool executed_until(SequenceNumber sequence) const;
  void apply_connected();
  void change_connected(const std::vector<NodeId>& nodes, bool connected);
  [[nodiscard]] Live live() const;
  [[nodiscard]] bool quorum_live() const;
  [[nodiscard]] std::vector<NodeId> live_nodes() const;
  template <class Act>
  void by_hand(Act act);
  void wake();
  void rest();
  bool commands_time();

  Cluster& cluster_;
  Report& report_;
  RunnerConfig config_;
  NodeSet connected_;
  std::int64_t set_ = 0;
  std::size_t last_row_ = 0;
  std::map<Key, Outstanding> outstanding_;
  SequenceNumber highest_answered_;
  /// Of what was typed before any set, then of each set as it was run (one that is run again counts
  /// anew); each row by its last word so far.
  std::vector<Tally> tallies_{1};
  std::optional<Ballot> told_leader_;
  std::set<std::string> silent_;  ///< processes that do not answer
  bool pauses_;                   ///< whether the cluster is to stand still between two commands
  bool still_ = false;            ///< it does, by order
  bool busy_ = false;             ///< a command, or a set, is being carried out
  bool hurried_ = false;          ///< time stands: there is nothing to wait for
  bool well_ = true;
  bool can_go_on_ = true;
  std::function<void()> turn_;
};

}  // namespace paxbank::scenario
