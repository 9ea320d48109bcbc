#include "paxbank/cluster/tcp_cluster.hpp"

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/assert.hpp"

#include <nlohmann/json.hpp>

namespace paxbank::cluster {
namespace {

using Json = nlohmann::json;

std::size_t index(NodeId node) { return node.value - 1; }

}  // namespace

TcpCluster::TcpCluster(const Settings& settings)
    : nodes_(settings.nodes), epoch_(settings.epoch_us), states_(nodes_ + 1) {
  const std::vector<Listener> listeners = bind_ports(settings);
  for (std::uint32_t n = 1; n <= nodes_; ++n) states_[n].port = listeners[n - 1].port;
  processes_.emplace(start_children(settings, listeners),
                     [this](std::size_t child, const Json& report) { take(child, report); });
}

void TcpCluster::take(std::size_t child, const Json& report) {
  const auto& what = report.at("push").get_ref<const std::string&>();
  if (what == "status") {
    states_[child + 1].status = status_from_control(report.at("status"));
  } else {
    PAXBANK_ASSERT(what == "answer", "children report nothing else");
    answers_.push_back(answer_from_control(report));
  }
}

/// Gives each node its order, then waits for all of them. A node reports how it is before it
/// answers.
void TcpCluster::order_nodes(const std::function<const char*(NodeId)>& what) {
  std::vector<std::uint64_t> ids;
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    ids.push_back(processes_->order(n - 1, {{"order", what({n})}}));
  }
  for (const std::uint64_t id : ids) processes_->collect(id);
  note_deaths();
}

/// A node whose process is gone is not alive; who died is told once, by take_deaths().
void TcpCluster::note_deaths() {
  for (ProcessDeath& death : processes_->take_deaths()) deaths_.push_back(std::move(death));
  for (std::uint32_t n = 1; n <= nodes_; ++n) states_[n].alive = processes_->alive(n - 1);
}

void TcpCluster::refresh() {
  order_nodes([](NodeId) { return "status"; });
}

void TcpCluster::set_connected(NodeSet connected) {
  order_nodes([&](NodeId node) { return connected.contains(node) ? "reconnect" : "disconnect"; });
}

void TcpCluster::pause() {
  order_nodes([](NodeId) { return "pause"; });
  processes_->ask(client_manager(), {{"order", "pause"}});
  // Nobody sends on his own any more. What is under way arrives, and then what it is answered with:
  // a node that has answered another order has taken what had reached it before.
  for (int hop = 0; hop < 2; ++hop) refresh();
}

void TcpCluster::resume() {
  order_nodes([](NodeId) { return "resume"; });
  processes_->ask(client_manager(), {{"order", "resume"}});
}

std::vector<Timestamp> TcpCluster::submit(const std::vector<Submission>& submissions) {
  Json list = Json::array();
  for (const Submission& submission : submissions) {
    list.push_back(
        Json::array({submission.client.value.str(), to_control(submission.transaction)}));
  }
  std::vector<Timestamp> timestamps;
  const auto answer =
      processes_->ask(client_manager(), {{"order", "submit"}, {"submissions", std::move(list)}});
  if (!answer) return timestamps;
  for (const Json& timestamp : answer->at("timestamps")) {
    timestamps.push_back({timestamp.get<std::int64_t>()});
  }
  return timestamps;
}

std::vector<Answer> TcpCluster::take_answers() { return std::exchange(answers_, {}); }

bool TcpCluster::wait(Duration limit, const std::function<bool()>& condition) {
  return processes_->run(limit, [&] {
    note_deaths();
    return condition();
  });
}

std::optional<std::map<AccountId, Amount>> TcpCluster::balances(NodeId node) {
  const auto answer = processes_->ask(index(node), {{"order", "balances"}});
  if (!answer) return std::nullopt;
  std::map<AccountId, Amount> balances;
  for (const auto& [account, balance] : answer->at("balances").items()) {
    balances[{account}] = {balance.get<std::int64_t>()};
  }
  return balances;
}

std::optional<Checkpoint> TcpCluster::checkpoint(NodeId node) {
  const auto answer = processes_->ask(index(node), {{"order", "checkpoint"}});
  if (!answer) return std::nullopt;
  return std::get<Checkpoint>(message_from_control(answer->at("checkpoint")));
}

std::optional<std::vector<LogLine>> TcpCluster::log(NodeId node, SequenceNumber from) {
  const auto answer = processes_->ask(index(node), {{"order", "log"}, {"from", from.value}});
  if (!answer) return std::nullopt;
  return log_from_control(answer->at("lines"));
}

std::optional<MessageHistory> TcpCluster::messages(NodeId node) {
  MessageHistory history;
  for (std::size_t from = 0; true;) {
    const auto page = processes_->ask(index(node), {{"order", "messages"}, {"from", from}});
    if (!page) return std::nullopt;
    for (const Json& entry : page->at("entries")) {
      history.entries.push_back(journal_entry_from_control(entry));
      history.entries.back().time -= epoch_;
    }
    history.heartbeats_left_out = page->at("heartbeats_left_out").get<std::uint64_t>();
    history.forgotten = page->at("forgotten").get<std::uint64_t>();
    if (page->at("end").get<bool>()) return history;
    from = page->at("next").get<std::size_t>();
  }
}

std::optional<std::vector<View>> TcpCluster::views(NodeId node) {
  std::vector<View> views;
  while (true) {
    View view;
    for (bool complete = false; !complete;) {
      const auto page = processes_->ask(
          index(node),
          {{"order", "views"}, {"view", views.size()}, {"entry", view.entries.size()}});
      if (!page) return std::nullopt;
      if (page->at("end").get<bool>()) return views;
      view.ballot = ballot_from_control(page->at("ballot"));
      for (const Json& entry : page->at("entries")) {
        view.entries.push_back(accepted_entry_from_control(entry));
      }
      complete = page->at("complete").get<bool>();
    }
    views.push_back(std::move(view));
  }
}

std::optional<LoadResult> TcpCluster::load(const LoadOrder& order) {
  begin_load(order);
  return end_load();
}

void TcpCluster::begin_load(const LoadOrder& order) {
  load_ = processes_->order(client_manager(), to_control(order));
}

std::optional<LoadResult> TcpCluster::end_load() {
  const auto answer = processes_->collect(load_);
  if (!answer) return std::nullopt;
  return load_result_from_control(answer->at("load"));
}

std::optional<LoadResult> TcpCluster::stop_load() {
  processes_->ask(client_manager(), {{"order", "stop"}});
  return end_load();
}

std::optional<Duration> TcpCluster::cut_off(NodeId leader, Ballot ballot, Duration limit) {
  const auto answer_after = [this](Ballot earlier) {
    return processes_->order(client_manager(),
                             {{"order", "watch"}, {"after", to_control(earlier)}});
  };
  if (!processes_->collect(answer_after({}))) return std::nullopt;
  const auto watch = answer_after(ballot);
  const TimePoint start = core_now();
  const auto cut = processes_->order(index(leader), {{"order", "disconnect"}});
  processes_->collect(cut);
  if (!processes_->await(watch, limit)) return std::nullopt;
  const auto answer = processes_->collect(watch);
  if (!answer) return std::nullopt;
  return TimePoint(Duration(answer->at("at_us").get<std::int64_t>())) - start;
}

std::vector<ProcessDeath> TcpCluster::take_deaths() {
  note_deaths();
  return std::exchange(deaths_, {});
}

}  // namespace paxbank::cluster
