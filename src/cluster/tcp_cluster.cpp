#include "paxbank/cluster/tcp_cluster.hpp"

#include "paxbank/cluster/log.hpp"
#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace paxbank::cluster {
namespace {

/// Transactions in one order: far less than a line may hold.
constexpr std::size_t submissions_page = 5'000;
/// How long a load may go without an answer.
constexpr std::chrono::seconds load_patience{30};

std::size_t index(NodeId node) { return node.value - 1; }

Descriptor shared_clock() {
  Descriptor clock(share_clock());
  if (clock.number() < 0) throw StartError("cannot share a clock: " + reason_of(errno));
  return clock;
}

}  // namespace

TcpCluster::TcpCluster(asio::io_context& io, const Settings& settings)
    : lives_(settings.nodes),
      nodes_(settings.nodes),
      epoch_(settings.epoch_us),
      states_(nodes_ + 1),
      switched_(settings.slow > 0),
      slow_(settings.slow) {
  for (std::uint32_t n = 1; n <= nodes_; ++n) connected_.insert({n});
  listeners_ = bind_ports(settings);
  for (std::uint32_t n = 1; n <= nodes_; ++n) states_[n].port = listeners_[n - 1].port;
  Settings kept = settings;
  if (settings.storage != Storage::memory) {
    data_.emplace(settings);
    kept.data_dir = data_->path();
    kept.cluster = data_->cluster();
  }
  if (switched_) {
    clock_ = shared_clock();
    kept.clock_fd = clock_.number();
    set_pace(slow_);
  }
  Processes::Handler handler;
  handler.on_report = [this](std::size_t child, const Report& report) { take(child, report); };
  handler.on_return = [this](std::size_t child) { catch_up(child); };
  processes_.emplace(io, start_all(kept), std::move(handler));
  require_quorum();
}

std::vector<Child> TcpCluster::start_all(const Settings& settings) {
  const std::vector<Listener> in_their_place = bind_switch_ports(settings);
  program_ = cluster_program(settings);
  program_.ports = ports_of(switched_ ? in_their_place : listeners_);
  std::vector<Child> children;
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    children.push_back(start_node(program_, n, listeners_[n - 1]));
  }
  children.push_back(start_client(program_, next_start_of_clients()));
  if (switched_) children.push_back(start_switch(program_, listeners_, in_their_place));
  for (Listener& listener : listeners_) listener.socket = Descriptor();  // the nodes have them
  if (settings.web_port) children.push_back(start_web(settings));
  return children;
}

/// With fewer nodes nothing can be done: told before anything is begun.
void TcpCluster::require_quorum() {
  note_states();
  std::uint32_t alive = 0;
  std::string faults;
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    if (states_[n].alive) {
      ++alive;
    } else {
      faults += "\n  " + describe(NodeId{n}) + ": " + processes_->failure(n - 1);
    }
  }
  if (alive < quorum_of(nodes_)) {
    throw StartError("only " + std::to_string(alive) + " of " + std::to_string(nodes_) +
                     " nodes can start, which is no quorum:" + faults);
  }
}

/// No two clients of one name may use the same timestamp, whatever became of the first one's
/// requests: each start of the clients has timestamps of its own.
std::vector<std::string> TcpCluster::next_start_of_clients() {
  const std::uint64_t start = data_ ? data_->next_start() : starts_of_clients_++;
  return {"--life", std::to_string(start)};
}

void TcpCluster::take(std::size_t child, const Report& report) {
  if (const auto* status = std::get_if<ReplicaStatus>(&report)) {
    states_[child + 1].status = *status;
  } else if (const auto* answer = std::get_if<Answer>(&report)) {
    answers_.push_back(*answer);
  } else if (const auto* load = std::get_if<LoadResult>(&report)) {
    load_result_ = *load;
  } else if (const auto* typed = std::get_if<Typed>(&report)) {
    typed_.push_back(typed->line);
  } else if (const auto* serves = std::get_if<Serves>(&report)) {
    address_ = "http://127.0.0.1:" + std::to_string(serves->port) + "/" + serves->token + "/";
  } else {
    PAXBANK_ASSERT(std::holds_alternative<LaterBallot>(report), "children report nothing else");
    later_ballot_ = std::get<LaterBallot>(report).at;
  }
}

/// A child that was silent has missed what was ordered meanwhile.
void TcpCluster::catch_up(std::size_t child) {
  if (switched_) processes_->tell(child, FollowPace{});
  if (child < nodes_) {
    const NodeId node{static_cast<std::uint32_t>(child + 1)};
    processes_->tell(child, SetConnected{connected_.contains(node)});
  }
  if (child <= client_manager()) processes_->tell(child, SetPaused{paused_});
}

/// Gives each of the first `count` children its order, then waits for all of them. Calls
/// `answered` with the responses of those that answer.
template <class OrderFor, class Answered>
void TcpCluster::order_each(std::size_t count, OrderFor order_for, Answered answered) {
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(processes_->order(i, order_for(i)));
  using Given = decltype(order_for(count));
  for (const std::uint64_t id : ids) {
    if (auto response = processes_->collect<Given>(id)) answered(std::move(*response));
  }
}

/// A node reports how it is before it answers.
template <class OrderFor>
void TcpCluster::order_nodes(OrderFor order_for) {
  order_each(
      nodes_, [&](std::size_t i) { return order_for(NodeId{static_cast<std::uint32_t>(i + 1)}); },
      [](Done) {});
  note_states();
}

void TcpCluster::note_states() {
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    states_[n].alive = processes_->alive(n - 1);
    states_[n].pid = processes_->pid(n - 1);
    states_[n].answers = processes_->answers(n - 1);
  }
}

void TcpCluster::refresh() {
  order_nodes([](NodeId) { return ShowStatus{}; });
}

void TcpCluster::set_connected(NodeSet connected) {
  connected_ = connected;
  order_nodes([&](NodeId node) { return SetConnected{connected.contains(node)}; });
}

void TcpCluster::set_paused(bool paused) {
  paused_ = paused;
  order_nodes([&](NodeId) { return SetPaused{paused}; });
  processes_->ask(client_manager(), SetPaused{paused});
}

void TcpCluster::kill(NodeSet nodes) {
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    if (nodes.contains({n})) processes_->kill(n - 1);
  }
  note_states();
}

std::map<NodeId, std::string> TcpCluster::restart(NodeSet nodes) {
  std::map<NodeId, std::string> failed;
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    if (!nodes.contains({n}) || processes_->alive(n - 1)) continue;
    const std::string why = bring_back(n);
    if (!why.empty()) failed[{n}] = why;
  }
  refresh();
  return failed;
}

/// Returns why a node does not come back, or "".
std::string TcpCluster::bring_back(std::uint32_t node) {
  Listener& listener = listeners_[node - 1];
  try {
    listen_again(listener);
    Child child = start_node(program_, node, listener, ++lives_[node - 1]);
    listener.socket = Descriptor();  // the node has it
    std::string why = processes_->replace(node - 1, std::move(child));
    if (why.empty()) catch_up(node - 1);
    return why;
  } catch (const StartError& error) {
    listener.socket = Descriptor();
    return error.what();
  }
}

void TcpCluster::kill_clients() { processes_->kill(client_manager()); }

std::string TcpCluster::restart_clients() {
  if (processes_->alive(client_manager())) return "";
  try {
    std::string why =
        processes_->replace(client_manager(), start_client(program_, next_start_of_clients()));
    if (why.empty()) catch_up(client_manager());
    return why;
  } catch (const StartError& error) {
    return error.what();
  }
}

void TcpCluster::pause() {
  set_paused(true);
  // Nobody sends on his own any more. What is under way arrives, and then what it is answered with:
  // a node that has answered another order has taken what had reached it before.
  for (int hop = 0; hop < 2; ++hop) refresh();
}

void TcpCluster::resume() { set_paused(false); }

std::vector<std::optional<Timestamp>> TcpCluster::submit(
    const std::vector<Submission>& submissions) {
  std::vector<std::optional<Timestamp>> timestamps;
  for (auto from = submissions.begin(); from != submissions.end();) {
    const auto left = static_cast<std::size_t>(submissions.end() - from);
    const auto until = from + static_cast<std::ptrdiff_t>(std::min(left, submissions_page));
    const auto page = processes_->ask(client_manager(), Submit{{from, until}});
    if (!page) break;
    timestamps.insert(timestamps.end(), page->timestamps.begin(), page->timestamps.end());
    from = until;
  }
  return timestamps;
}

std::vector<Answer> TcpCluster::take_answers() { return std::exchange(answers_, {}); }

bool TcpCluster::wait(Duration limit, const std::function<bool()>& condition) {
  const auto holds = [&] {
    note_states();
    return condition();
  };
  if (!switched_ || limit == Duration::max()) return processes_->run(limit, holds);
  // The limit is one of the core's time. The launcher's loop turns often enough by itself.
  const TimePoint end = core_now() + limit;
  bool held = false;
  processes_->run(Duration::max(), [&] { return (held = holds()) || core_now() >= end; });
  return held;
}

std::optional<Snapshot> TcpCluster::snapshot(NodeId node) {
  return processes_->ask(index(node), TakeSnapshot{});
}

std::optional<StoreState> TcpCluster::store(NodeId node) {
  return processes_->ask(index(node), AskStore{});
}

std::string TcpCluster::why_no_restart() const {
  if (data_) return "";
  return "with --storage memory a node that died has forgotten what it promised, and may not vote "
         "again: it cannot be brought back";
}

std::optional<Checkpoint> TcpCluster::checkpoint(NodeId node) {
  return processes_->ask(index(node), ReadCheckpoint{});
}

std::optional<std::vector<LogLine>> TcpCluster::log(NodeId node, SequenceNumber from) {
  auto page = processes_->ask(index(node), ReadLog{from});
  if (!page) return std::nullopt;
  return std::move(page->lines);
}

std::optional<MessageHistory> TcpCluster::messages(NodeId node) {
  MessageHistory history;
  for (std::uint64_t from = 0; true;) {
    const auto page = processes_->ask(index(node), ReadMessages{from});
    if (!page) return std::nullopt;
    for (const JournalEntry& entry : page->entries) {
      history.entries.push_back(entry);
      history.entries.back().time -= epoch_;
    }
    history.heartbeats_left_out = page->heartbeats_left_out;
    history.forgotten = page->forgotten;
    if (page->end) return history;
    from = page->next;
  }
}

std::optional<std::vector<View>> TcpCluster::views(NodeId node) {
  std::vector<View> views;
  while (true) {
    View view;
    for (bool complete = false; !complete;) {
      const auto page = processes_->ask(index(node), ReadViews{views.size(), view.entries.size()});
      if (!page) return std::nullopt;
      if (page->end) return views;
      const View& part = page->part;
      view.ballot = part.ballot;
      view.entries.insert(view.entries.end(), part.entries.begin(), part.entries.end());
      complete = page->complete;
    }
    views.push_back(std::move(view));
  }
}

LoadOutcome TcpCluster::load(const LoadOrder& order) {
  begin_load(order);
  return end_load();
}

void TcpCluster::begin_load(const LoadOrder& order) {
  load_result_.reset();
  processes_->ask(client_manager(), BeginLoad{order});
}

LoadOutcome TcpCluster::end_load() {
  std::string why;
  const auto over = [&] {
    why = why_no_answers();
    return load_result_.has_value() || !why.empty();
  };
  SequenceNumber before = committed();
  while (!wait(load_patience, over)) {
    if (std::exchange(before, committed()) == committed()) {
      why = "nothing has been answered for " + std::to_string(load_patience.count()) + " s";
      break;
    }
  }
  if (!load_result_) return why;
  return *std::exchange(load_result_, std::nullopt);
}

/// Why no request can be answered any more, or "".
std::string TcpCluster::why_no_answers() const {
  if (!processes_->answers(client_manager())) {
    return "the client manager is gone or does not answer";
  }
  std::string gone;
  std::uint32_t alive = 0;
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    if (states_[n].alive) {
      ++alive;
    } else {
      gone += describe(NodeId{n}) + " ";
    }
  }
  return alive >= quorum_of(nodes_) ? "" : "no quorum is left: " + gone + "are gone";
}

SequenceNumber TcpCluster::committed() const {
  SequenceNumber furthest;
  for (const NodeState& state : states_) furthest = std::max(furthest, state.status.committed);
  return furthest;
}

LoadOutcome TcpCluster::stop_load() {
  processes_->ask(client_manager(), StopLoad{});
  return end_load();
}

/// From now on, notes the first answer in a later ballot.
void TcpCluster::watch(Ballot ballot) {
  later_ballot_.reset();
  processes_->ask(client_manager(), WatchBallot{ballot});
}

std::optional<TimePoint> TcpCluster::await_later_ballot(Duration limit) {
  wait(limit, [&] { return later_ballot_.has_value() || !processes_->answers(client_manager()); });
  return later_ballot_;
}

std::optional<Duration> TcpCluster::time_failover(Ballot ballot, Duration limit,
                                                  const std::function<void()>& strike) {
  watch({});
  if (!await_later_ballot(limit)) return std::nullopt;
  watch(ballot);
  const TimePoint start = core_now();
  strike();
  const auto answered = await_later_ballot(limit);
  if (!answered) return std::nullopt;
  return *answered - start;
}

void TcpCluster::show(const std::string& text) {
  if (!address_.empty()) processes_->tell(web(), Show{text});
}

// --- Time

/// From now on time goes so, for all at once; then each is told to wake when it is time.
void TcpCluster::order_pace(std::int64_t slow, TimePoint not_before) {
  set_pace(slow, not_before);
  order_each(
      processes_->size(), [](std::size_t) { return FollowPace{}; }, [](Done) {});
}

void TcpCluster::set_slow(std::int64_t slow) {
  slow_ = slow;
  if (!time_stands()) order_pace(slow_);
}

void TcpCluster::stop_time() {
  if (!time_stands()) order_pace(0);
}

void TcpCluster::start_time() {
  if (time_stands()) order_pace(slow_);
}

std::optional<std::string> TcpCluster::step() {
  PAXBANK_ASSERT(time_stands(), "time is stepped through while it stands");
  Due next;
  order_each(
      processes_->size(), [](std::size_t) { return AskDue{}; },
      [&](Due due) {
        if (due.at < next.at) next = std::move(due);
      });
  if (next.at == never) return std::nullopt;
  order_pace(0, next.at);
  // What comes of it reaches the switch before this returns: who has answered another order has
  // done what it had to do before.
  for (int hop = 0; hop < 2; ++hop) {
    refresh();
    processes_->ask(client_manager(), ShowStatus{});
    processes_->ask(exchange(), ShowStatus{});
  }
  return next.what;
}

bool TcpCluster::lose(const std::string& send) {
  const auto answer = processes_->ask(exchange(), Lose{send});
  return answer && answer->found;
}

std::vector<ProcessNews> TcpCluster::take_news() {
  note_states();
  return processes_->take_news();
}

}  // namespace paxbank::cluster
