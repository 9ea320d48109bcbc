#include "paxbank/scenario/runner.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace paxbank::scenario {
namespace {

Outcome outcome_of(Result result) {
  constexpr Outcome outcomes[] = {Outcome::success, Outcome::failed, Outcome::dropped};
  return outcomes[static_cast<int>(result)];
}

}  // namespace

Runner::Runner(Cluster& cluster, Report& report, RunnerConfig config)
    : cluster_(cluster), report_(report), config_(std::move(config)), pauses_(config_.pauses) {
  for (const NodeId node : all_nodes()) connected_.insert(node);
}

std::vector<NodeId> Runner::all_nodes() const {
  std::vector<NodeId> all;
  for (std::uint32_t n = 1; n <= config_.nodes; ++n) all.push_back({n});
  return all;
}

std::vector<NodeId> Runner::live_nodes() const {
  std::vector<NodeId> live;
  for (const NodeId node : all_nodes()) {
    if (connected_.contains(node) && cluster_.states()[node.value].known()) live.push_back(node);
  }
  return live;
}

Live Runner::live() const { return {live_nodes().size(), config_.nodes}; }

bool Runner::quorum_live() const { return live().quorum(); }

// --- A set

void Runner::run_set(const TransactionSet& set) {
  set_ = set.number;
  last_row_ = 0;
  tallies_.emplace_back();
  connected_ = set.live;
  told_leader_.reset();
  apply_connected();
  std::vector<NodeId> wanted;
  for (const NodeId node : all_nodes()) {
    if (connected_.contains(node)) wanted.push_back(node);
  }
  const std::vector<NodeId> dead = dead_among(wanted);
  if (!dead.empty() && cluster_.why_no_restart().empty()) bring_back(dead);
  report_(SetBegins{set_, live_nodes(), quorum_live()});
  wake();
  busy_ = true;
  if (quorum_live()) {
    await_leader();
    await_leftovers();
  }
  run_rows(set.rows);
  settle();
  rest();
  report_(SetEnds{set_, live_nodes(), leader(), tallies_.back(), balances(all_nodes())});
}

void Runner::run_rows(const std::vector<Row>& rows) {
  std::vector<std::pair<std::size_t, Transaction>> together;
  for (const Row& row : rows) {
    if (!can_go_on_) return;
    ++last_row_;
    const auto* transaction = std::get_if<Transaction>(&row);
    if (transaction != nullptr) together.emplace_back(last_row_, *transaction);
    if (transaction != nullptr && config_.concurrent && &row != &rows.back()) continue;
    await(submit(together));
    together.clear();
    if (transaction != nullptr) continue;
    std::visit(
        [this]<class Given>(const Given& given) {
          if constexpr (!std::is_same_v<Given, Transaction>) fail(given);
        },
        row);
  }
}

std::vector<Runner::Key> Runner::submit(
    const std::vector<std::pair<std::size_t, Transaction>>& rows) {
  std::vector<Key> keys;
  if (rows.empty()) return keys;
  std::vector<Submission> submissions;
  submissions.reserve(rows.size());
  for (const auto& [row, transaction] : rows) {
    submissions.push_back({{transaction.from.value}, transaction});
  }
  const auto timestamps = cluster_.submit(submissions);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [row, transaction] = rows[i];
    const ClientId& client = submissions[i].client;
    if (i >= timestamps.size()) {
      drop(row, client, transaction,
           "the client manager does not say whether it takes it; it may have been sent");
    } else if (!timestamps[i]) {
      drop(row, client, transaction, "too many of its client's transactions wait");
    } else {
      keys.emplace_back(client, *timestamps[i]);
      outstanding_[keys.back()] = {set_, tallies_.size() - 1, row, transaction, false};
      ++tallies_.back().timeout;  // its word until it has an answer
    }
  }
  return keys;
}

/// A row that no client has taken.
void Runner::drop(std::size_t row, const ClientId& client, const Transaction& transaction,
                  const std::string& why) {
  well_ = false;
  ++tallies_.back().dropped;
  report_(RowDone{.set = set_,
                  .row = row,
                  .client = client,
                  .transaction = transaction,
                  .outcome = Outcome::dropped,
                  .why = why});
}

void Runner::await(const std::vector<Key>& keys) {
  if (keys.empty()) {
    take_in();
    return;
  }
  if (quorum_live() && !await_answers(keys)) {
    well_ = false;
    report_timeouts(keys, "though a quorum is live: this should not be");
  }
  if (!quorum_live()) {
    until(config_.client_timeout, [&] {
      return std::all_of(keys.begin(), keys.end(), [&](const Key& key) {
        return !outstanding_.contains(key) || held_up(key);
      });
    });
    if (can_go_on_ && !hurried_) report_timeouts(keys, "no quorum; its client keeps asking");
  }
  if (!can_go_on_) report_timeouts(keys, "the run ends before its answer");
  const auto leads = leader_of(cluster_.states(), config_.nodes);
  if (leads && leads->ballot != told_leader_) await_leader();
}

/// The rows that have had no word yet: what is sent while time stands has none for a while.
std::vector<Runner::Key> Runner::unsaid() const {
  std::vector<Key> keys;
  for (const auto& [key, row] : outstanding_) {
    if (!row.reported) keys.push_back(key);
  }
  return keys;
}

/// Returns false if a quorum is live and yet nothing is answered any more.
bool Runner::await_answers(const std::vector<Key>& keys) {
  auto next = keys.begin();  // all before it are answered
  const auto over = [&] {
    while (next != keys.end() && !outstanding_.contains(*next)) ++next;
    return next == keys.end() || !quorum_live();
  };
  while (true) {
    const std::size_t before = outstanding_.size();
    if (until(patience, over)) return true;
    if (outstanding_.size() == before) return false;
  }
}

bool Runner::until(Duration limit, const std::function<bool()>& condition) {
  if (hurried_) {
    take_in();
    return true;
  }
  return cluster_.wait(limit, [&] {
    take_in();
    return !can_go_on_ || condition();
  });
}

/// Whether its client is still busy with an earlier row that has been told as a timeout.
bool Runner::held_up(const Key& key) const {
  const auto earlier = outstanding_.lower_bound({key.first, Timestamp{}});
  return earlier != outstanding_.end() && earlier->first < key && earlier->second.reported;
}

void Runner::report_timeouts(const std::vector<Key>& keys, const std::string& why) {
  for (const Key& key : keys) {
    const auto found = outstanding_.find(key);
    if (found == outstanding_.end() || found->second.reported) continue;
    Outstanding& row = found->second;
    row.reported = true;
    report_(RowDone{.set = row.set,
                    .row = row.row,
                    .client = key.first,
                    .transaction = row.transaction,
                    .outcome = Outcome::timeout,
                    .why = why});
  }
}

void Runner::take_in() {
  if (turn_) turn_();
  for (const ProcessNews& news : cluster_.take_news()) take_news(news);
  for (const Answer& answer : cluster_.take_answers()) take_answer(answer);
}

void Runner::take_news(const ProcessNews& news) {
  report_(ProcessTold{news});
  if (const auto* death = std::get_if<ProcessDeath>(&news)) {
    well_ = false;
    if (death->name == "client manager" || death->name == "switch") can_go_on_ = false;
  } else if (const auto* silent = std::get_if<ProcessSilent>(&news)) {
    silent_.insert(silent->name);
  } else if (const auto* answers = std::get_if<ProcessAnswers>(&news)) {
    silent_.erase(answers->name);
  } else {
    well_ = false;
  }
}

void Runner::take_answer(const Answer& answer) {
  const auto found = outstanding_.find({answer.request.client, answer.request.timestamp});
  if (found == outstanding_.end()) return;
  const Outstanding row = found->second;
  outstanding_.erase(found);
  highest_answered_ = std::max(highest_answered_, answer.sequence);
  RowDone done{.set = row.set,
               .row = row.row,
               .client = answer.request.client,
               .transaction = row.transaction,
               .outcome = outcome_of(answer.result),
               .sequence = answer.sequence,
               .latency = answer.latency};
  Tally& tally = tallies_[row.tally];
  --tally.timeout;
  ++tally.of(done.outcome);
  if (done.outcome == Outcome::dropped) {
    well_ = false;
    done.why = "somebody else sends in " + done.client.value.str() +
               "'s name, and is ahead of it; it may have been executed";
  }
  if (row.reported) {
    report_(Resolved{set_, row.set, done});
  } else {
    report_(done);
  }
}

// --- Failures and what follows them

void Runner::apply_connected() { cluster_.set_connected(connected_); }

void Runner::strike_leader() {
  std::optional<LeaderInfo> leads;
  if (quorum_live()) {
    await_leader();
    leads = leader();
  }
  if (!leads) {
    report_(LeaderFailed{set_, std::nullopt, live()});
    return;
  }
  connected_.erase(leads->node);
  apply_connected();
  report_(LeaderFailed{set_, leads->node, live()});
  if (quorum_live()) await_leader();
}

void Runner::fail(const LeaderFailure& /*row*/) { strike_leader(); }

void Runner::fail(const NodesDie& row) {
  Killed killed{.set = set_, .nodes = {}, .live = {}};
  NodeSet doomed;
  for (const NodeId node : row.nodes) {
    if (doomed.insert(node) && cluster_.states()[node.value].alive) killed.nodes.push_back(node);
  }
  cluster_.kill(doomed);
  killed.live = live();
  report_(killed);
  if (quorum_live()) await_leader();
}

void Runner::fail(const NodesComeBack& row) {
  bring_back(row.nodes);
  if (!quorum_live()) return;
  await_leader();
  await_leftovers();
}

std::vector<NodeId> Runner::dead_among(const std::vector<NodeId>& nodes) const {
  std::vector<NodeId> dead;
  for (const NodeId node : nodes) {
    if (!cluster_.states()[node.value].alive) dead.push_back(node);
  }
  return dead;
}

void Runner::bring_back(const std::vector<NodeId>& nodes) {
  if (const std::string why = cluster_.why_no_restart(); !why.empty()) {
    report_(Notice{why});
    return;
  }
  Restarted restarted{.set = set_, .nodes = {}, .failed = {}, .clients_failed = {}, .live = {}};
  NodeSet wanted;
  for (const NodeId node : nodes) wanted.insert(node);
  const std::vector<NodeId> dead = dead_among(nodes);
  restarted.failed = cluster_.restart(wanted);
  for (const NodeId node : dead) {
    if (!restarted.failed.contains(node)) restarted.nodes.push_back(node);
  }
  well_ = well_ && restarted.failed.empty();
  restarted.live = live();
  report_(restarted);
}

/// Waits until somebody leads, and says who, if that has not been said.
void Runner::await_leader() {
  std::optional<LeaderInfo> leads;
  const bool known = until(patience, [&] {
    leads = leader_of(cluster_.states(), config_.nodes);
    return leads.has_value() || !quorum_live();
  });
  if (leads && leads->ballot != told_leader_) {
    told_leader_ = leads->ballot;
    report_(LeaderKnown{set_, *leads});
  }
  if (!known) {
    well_ = false;
    report_(Notice{"no leader was elected within 30 s though a quorum is live"});
  }
}

/// Rows of earlier sets whose clients are still asking.
void Runner::await_leftovers() {
  if (until(patience, [&] { return outstanding_.empty() || !quorum_live(); })) return;
  well_ = false;
  for (const auto& [key, row] : outstanding_) {
    const std::string set = row.set > 0 ? "set " + std::to_string(row.set) + " " : "";
    report_(Notice{set + "row " + std::to_string(row.row) + " (" + describe(row.transaction) +
                   ") is not answered though a quorum is live"});
  }
}

/// Until every live node has executed what the leader's log holds now. It may grow meanwhile:
/// others send as well.
void Runner::settle() {
  cluster_.refresh();
  std::optional<LeaderInfo> led;
  SequenceNumber goal;
  const bool settled = until(patience, [&] {
    if (!quorum_live()) return true;
    const auto leads = leader_of(cluster_.states(), config_.nodes);
    if (!leads) return false;
    if (!led || led->ballot != leads->ballot) {
      led = leads;
      goal = std::max(cluster_.states()[leads->node.value].status.last, highest_answered_);
    }
    return executed_until(goal);
  });
  if (settled) return;
  well_ = false;
  report_(Notice{"the live nodes have not all executed what was committed 30 s ago"});
}

bool Runner::executed_until(SequenceNumber sequence) const {
  const std::vector<NodeId> live = live_nodes();
  return std::all_of(live.begin(), live.end(), [&](NodeId node) {
    return cluster_.states()[node.value].status.executed >= sequence;
  });
}

// --- Looking

std::optional<LeaderInfo> Runner::leader() {
  cluster_.refresh();
  return leader_of(cluster_.states(), config_.nodes);
}

Balances Runner::balances(const std::vector<NodeId>& nodes) {
  cluster_.refresh();
  SequenceNumber furthest;
  for (const NodeId node : all_nodes()) {
    furthest = std::max(furthest, cluster_.states()[node.value].status.executed);
  }
  Balances balances;
  for (const NodeId node : nodes) {
    auto snapshot = cluster_.snapshot(node);
    const NodeState& state = cluster_.states()[node.value];
    balances.push_back({.node = node,
                        .accounts = std::nullopt,
                        .answers = state.answers || !state.alive,
                        .connected = state.status.connected,
                        .behind = state.status.executed < furthest});
    if (snapshot) balances.back().accounts = std::move(snapshot->balances);
  }
  return balances;
}

std::vector<LeaderInfo> Runner::believers() {
  cluster_.refresh();
  return believers_of(cluster_.states(), config_.nodes);
}

AuditReport Runner::audit() { return scenario::audit(cluster_, config_.nodes, config_.bank); }

Summary Runner::summarize() {
  take_in();
  report_timeouts(unsaid(), "the run ends before its answer");
  Summary summary;
  summary.sets = tallies_.size() - 1;
  for (const Tally& tally : tallies_) summary.tally += tally;
  summary.audit = audit();
  take_in();
  summary.ok = well_ && silent_.empty() && summary.audit.ok();
  return summary;
}

}  // namespace paxbank::scenario
