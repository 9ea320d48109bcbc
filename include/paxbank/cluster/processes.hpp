#pragma once

#include "paxbank/cluster/launcher.hpp"
#include "paxbank/cluster/orders.hpp"
#include "paxbank/net/connection.hpp"
#include "paxbank/port/cluster.hpp"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace paxbank::cluster {

/// What a process has used so far.
struct ProcessUsage {
  std::string name;
  double cpu_seconds = 0;
  double memory_mib = 0;  ///< the most that it ever had resident
};

/// Child processes as their launcher holds them: it gives orders and awaits responses, hears what
/// they report on their own, and learns of their deaths and of their silence. Its destructor ends
/// them all.
///
/// All of it happens in the launcher's one event loop. A child that leaves an order without a
/// response for two seconds is silent: it gets no further orders and nothing waits for it, until
/// its response does come.
class Processes {
 public:
  struct Handler {
    /// A child, by its place among the children, reports something.
    std::function<void(std::size_t child, const Report& report)> on_report;
    /// A silent child answers again; it missed all orders in between. Optional.
    std::function<void(std::size_t child)> on_return;
  };

  /// Waits until all children have reported themselves ready. One that says itself why it cannot go
  /// on is told of as dead; any other death throws StartError.
  Processes(asio::io_context& io, std::vector<Child> children, Handler handler);
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  ~Processes();

  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] bool alive(std::size_t child) const { return members_[child].alive; }
  [[nodiscard]] bool answers(std::size_t child) const {
    return members_[child].alive && !members_[child].silent;
  }
  [[nodiscard]] bool all_answer() const;

  /// Gives an order; the response is awaited by collect(). Not given to a child that is gone or
  /// silent.
  std::uint64_t order(std::size_t child, const Order& order);
  /// The same, and nobody wants to know the response.
  void tell(std::size_t child, const Order& order);
  /// Waits for the response to an order. Nullopt if the child is gone or does not answer.
  template <class Given>
  std::optional<typename Given::Response> collect(std::uint64_t id) {
    auto response = collect_any(id);
    if (!response) return std::nullopt;
    return std::get<typename Given::Response>(std::move(*response));
  }
  template <class Given>
  std::optional<typename Given::Response> ask(std::size_t child, Given given) {
    return collect<Given>(order(child, std::move(given)));
  }

  /// Runs the event loop until the condition holds (true) or the time is up (false).
  bool run(Duration limit, const std::function<bool()>& condition);

  /// Ends a child at once. That is no news.
  void kill(std::size_t child);
  /// Takes over a dead child's successor and waits until it is ready. Returns why it is not, or "".
  std::string replace(std::size_t child, Child successor);
  /// What a child said last of why it cannot go on, or "".
  [[nodiscard]] const std::string& failure(std::size_t child) const {
    return members_[child].failure;
  }
  [[nodiscard]] pid_t pid(std::size_t child) const { return members_[child].process.pid; }

  /// What has come up since the last call.
  std::vector<ProcessNews> take_news() { return std::exchange(news_, {}); }

  /// Of each child that lives, and of this process.
  [[nodiscard]] std::vector<ProcessUsage> usage() const;

 private:
  struct Member {
    Child process;
    bool alive = true;
    bool ready = false;
    bool silent = false;
    bool killed = false;             ///< by kill()
    std::optional<int> exit_status;  ///< as waitpid() has it
    std::string failure;             ///< why it cannot go on, in its own words
    std::size_t unanswered = 0;      ///< orders; they are answered in order
    int ticks = 0;                   ///< of the clock, since it answered or had nothing to answer
    std::shared_ptr<net::Connection> channel;
  };

  /// Takes them over, ready or not; from then on the destructor ends them.
  Processes(asio::io_context& io, Handler handler, std::vector<Child> children);

  void open(std::size_t child);
  void await_ready();
  void give(std::size_t child, std::uint64_t id, const Order& order);
  void take(std::size_t child, std::string_view line);
  void take_response(std::size_t child, Numbered<Response> response);
  std::optional<Response> collect_any(std::uint64_t id);
  void abandon_orders_of(std::size_t child);
  void watch_deaths();
  void bury_the_dead();
  void note_end(std::size_t child);
  void watch_silence();

  asio::io_context& io_;
  Handler handler_;
  std::vector<Member> members_;
  asio::signal_set deaths_;
  asio::steady_timer clock_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::size_t> awaited_;  ///< orders without a response, and whose they are
  std::map<std::uint64_t, Response> responses_;
  std::vector<ProcessNews> news_;
};

}  // namespace paxbank::cluster
