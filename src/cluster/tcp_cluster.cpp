#include "paxbank/cluster/tcp_cluster.hpp"

#include "paxbank/cluster/control.hpp"
#include "paxbank/core/assert.hpp"
#include "paxbank/net/connection.hpp"

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <sys/wait.h>

namespace paxbank::cluster {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds start_limit{20};
constexpr std::chrono::seconds stop_limit{2};

std::string describe_exit(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return "killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  }
  return "ended with exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

/// The children as the launcher holds them: their control channels, and what they reported.
class TcpCluster::Processes {
 public:
  explicit Processes(const Settings& settings) : nodes_(settings.nodes), states_(nodes_ + 1) {
    const std::vector<Listener> listeners = bind_ports(settings);
    children_ = start_children(settings, listeners);
    for (std::uint32_t n = 1; n <= nodes_; ++n) states_[n].port = listeners[n - 1].port;
    for (std::size_t i = 0; i < children_.size(); ++i) open(i);
    const bool ready = run(start_limit, [this] { return ready_ == children_.size() || died(); });
    if (died()) {
      throw StartError(deaths_.front().name + " " + deaths_.front().how + " while starting");
    }
    if (!ready) throw StartError("the processes did not find each other");
  }

  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  ~Processes() {
    stopping_ = true;
    for (const auto& channel : channels_) channel->close("the launcher ends");
    const auto done = [this] {
      return std::all_of(children_.begin(), children_.end(), [](Child& child) {
        if (child.pid > 0 && ::waitpid(child.pid, nullptr, WNOHANG) != 0) child.pid = -1;
        return child.pid < 0;
      });
    };
    const auto deadline = std::chrono::steady_clock::now() + stop_limit;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(2));  // lets the channels close
      ::usleep(500);
    }
    for (const Child& child : children_) {
      if (child.pid < 0) continue;
      ::kill(child.pid, SIGKILL);
      ::waitpid(child.pid, nullptr, 0);
    }
  }

  [[nodiscard]] std::size_t client_manager() const { return nodes_; }
  [[nodiscard]] static std::size_t index(NodeId node) { return node.value - 1; }
  [[nodiscard]] bool alive(std::size_t child) const { return children_[child].pid > 0; }

  /// Gives an order; the answer is awaited by collect().
  std::uint64_t order(std::size_t child, Json order) {
    const std::uint64_t id = ++last_id_;
    if (!alive(child)) return id;
    order["id"] = id;
    awaited_[id] = child;
    channels_[child]->send(order.dump() + "\n");
    return id;
  }

  /// The answer to an order, or nullopt if the child is gone.
  std::optional<Json> collect(std::uint64_t id) {
    run(Duration::max(), [&] { return answers_.contains(id) || !awaited_.contains(id); });
    const auto answer = answers_.find(id);
    if (answer == answers_.end()) return std::nullopt;
    std::optional<Json> result = std::move(answer->second);
    answers_.erase(answer);
    return result;
  }

  std::optional<Json> ask(std::size_t child, Json what) {
    return collect(order(child, std::move(what)));
  }

  /// Gives each node its order, then waits for all of them.
  void order_nodes(const std::function<const char*(NodeId)>& what) {
    std::vector<std::uint64_t> ids;
    for (std::uint32_t n = 1; n <= nodes_; ++n) {
      ids.push_back(order(n - 1, {{"order", what({n})}}));
    }
    for (std::uint32_t n = 1; n <= nodes_; ++n) {
      if (const auto answer = collect(ids[n - 1])) {
        states_[n].status = status_from_control(answer->at("status"));
      }
    }
  }

  /// Runs the event loop until the condition holds or the time is up.
  bool run(Duration limit, const std::function<bool()>& condition) {
    const auto start = std::chrono::steady_clock::now();
    const bool forever = limit == Duration::max();
    while (!condition()) {
      const auto passed = std::chrono::steady_clock::now() - start;
      if (!forever && passed >= limit) return false;
      io_.restart();
      if (forever) {
        io_.run_one();
      } else {
        io_.run_one_for(limit - passed);
      }
    }
    return true;
  }

  std::vector<NodeState>& states() { return states_; }
  std::vector<Answer>& client_answers() { return client_answers_; }
  std::vector<ProcessDeath>& deaths() { return deaths_; }

 private:
  [[nodiscard]] bool died() const { return !deaths_.empty(); }

  void open(std::size_t child) {
    const int descriptor = children_[child].control.release();
    auto channel =
        std::make_shared<net::Connection>(net::Socket(asio::local::stream_protocol::socket(
                                              io_, asio::local::stream_protocol(), descriptor)),
                                          children_[child].name);
    channels_.push_back(channel);
    channel->start({[this, child](std::string_view line) { take(child, Json::parse(line)); },
                    [this, child](const std::string&) { bury(child); }});
  }

  void take(std::size_t child, Json report) {
    if (report.contains("id")) {
      const auto id = report.at("id").get<std::uint64_t>();
      awaited_.erase(id);
      answers_[id] = std::move(report);
      return;
    }
    const auto& what = report.at("push").get_ref<const std::string&>();
    if (what == "status") {
      states_[child + 1].status = status_from_control(report.at("status"));
    } else if (what == "answer") {
      client_answers_.push_back(answer_from_control(report));
    } else {
      PAXBANK_ASSERT(what == "ready", "children report nothing else");
      ++ready_;
    }
  }

  /// The channel of a child ended: it is dead, or about to be.
  void bury(std::size_t child) {
    if (stopping_ || !alive(child)) return;
    int status = 0;
    ::waitpid(children_[child].pid, &status, 0);
    children_[child].pid = -1;
    if (child < nodes_) states_[child + 1].alive = false;
    deaths_.push_back({children_[child].name, describe_exit(status)});
    std::erase_if(awaited_, [child](const auto& order) { return order.second == child; });
  }

  std::uint32_t nodes_;
  std::vector<NodeState> states_;
  std::vector<Child> children_;
  asio::io_context io_{1};
  std::vector<std::shared_ptr<net::Connection>> channels_;
  std::size_t ready_ = 0;
  bool stopping_ = false;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::size_t> awaited_;  ///< orders without an answer, and whose they are
  std::map<std::uint64_t, Json> answers_;
  std::vector<Answer> client_answers_;
  std::vector<ProcessDeath> deaths_;
};

TcpCluster::TcpCluster(const Settings& settings)
    : processes_(std::make_unique<Processes>(settings)) {}
TcpCluster::~TcpCluster() = default;

const std::vector<NodeState>& TcpCluster::states() const { return processes_->states(); }

void TcpCluster::refresh() {
  processes_->order_nodes([](NodeId) { return "status"; });
}

void TcpCluster::set_connected(NodeSet connected) {
  processes_->order_nodes(
      [&](NodeId node) { return connected.contains(node) ? "reconnect" : "disconnect"; });
}

void TcpCluster::pause() {
  processes_->order_nodes([](NodeId) { return "pause"; });
  processes_->ask(processes_->client_manager(), {{"order", "pause"}});
}

void TcpCluster::resume() {
  processes_->order_nodes([](NodeId) { return "resume"; });
  processes_->ask(processes_->client_manager(), {{"order", "resume"}});
}

std::vector<Timestamp> TcpCluster::submit(const std::vector<Submission>& submissions) {
  Json list = Json::array();
  for (const Submission& submission : submissions) {
    list.push_back(
        Json::array({submission.client.value.str(), to_control(submission.transaction)}));
  }
  std::vector<Timestamp> timestamps;
  const auto answer = processes_->ask(processes_->client_manager(),
                                      {{"order", "submit"}, {"submissions", std::move(list)}});
  if (!answer) return timestamps;
  for (const Json& timestamp : answer->at("timestamps")) {
    timestamps.push_back({timestamp.get<std::int64_t>()});
  }
  return timestamps;
}

std::vector<Answer> TcpCluster::take_answers() {
  return std::exchange(processes_->client_answers(), {});
}

bool TcpCluster::wait(Duration limit, const std::function<bool()>& condition) {
  return processes_->run(limit, condition);
}

std::optional<std::map<AccountId, Amount>> TcpCluster::balances(NodeId node) {
  const auto answer = processes_->ask(Processes::index(node), {{"order", "balances"}});
  if (!answer) return std::nullopt;
  std::map<AccountId, Amount> balances;
  for (const auto& [account, balance] : answer->at("balances").items()) {
    balances[{account}] = {balance.get<std::int64_t>()};
  }
  return balances;
}

std::optional<Checkpoint> TcpCluster::checkpoint(NodeId node) {
  const auto answer = processes_->ask(Processes::index(node), {{"order", "checkpoint"}});
  if (!answer) return std::nullopt;
  return std::get<Checkpoint>(message_from_control(answer->at("checkpoint")));
}

std::optional<std::vector<LogLine>> TcpCluster::log(NodeId node, SequenceNumber from) {
  const auto answer =
      processes_->ask(Processes::index(node), {{"order", "log"}, {"from", from.value}});
  if (!answer) return std::nullopt;
  return log_from_control(answer->at("lines"));
}

std::optional<MessageHistory> TcpCluster::messages(NodeId node) {
  MessageHistory history;
  for (std::size_t from = 0; true;) {
    const auto page =
        processes_->ask(Processes::index(node), {{"order", "messages"}, {"from", from}});
    if (!page) return std::nullopt;
    for (const Json& entry : page->at("entries")) {
      history.entries.push_back(journal_entry_from_control(entry));
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
          Processes::index(node),
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

std::vector<ProcessDeath> TcpCluster::take_deaths() {
  return std::exchange(processes_->deaths(), {});
}

}  // namespace paxbank::cluster
