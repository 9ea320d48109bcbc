#pragma once

#include "paxbank/cluster/launcher.hpp"
#include "paxbank/core/ids.hpp"
#include "paxbank/net/connection.hpp"
#include "paxbank/port/cluster.hpp"

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
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

/// Child processes as their launcher holds them: it gives orders and awaits answers, hears what
/// they report on their own, and learns of their deaths. Its destructor ends them all.
class Processes {
 public:
  using Json = nlohmann::json;
  /// A child, by its place among the children, reports something.
  using OnReport = std::function<void(std::size_t child, const Json& report)>;

  /// Waits until all children have reported themselves ready. Throws StartError.
  Processes(std::vector<Child> children, OnReport on_report);
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  ~Processes();

  [[nodiscard]] std::size_t size() const { return children_.size(); }
  [[nodiscard]] bool alive(std::size_t child) const { return children_[child].pid > 0; }

  /// Gives an order; the answer is awaited by collect().
  std::uint64_t order(std::size_t child, Json order);
  /// Waits for the answer to an order, or for the child's end. Returns false if neither came in
  /// time.
  bool await(std::uint64_t id, Duration limit) {
    return run(limit, [&] { return answers_.contains(id) || !awaited_.contains(id); });
  }
  /// The answer to an order, or nullopt if the child is gone.
  std::optional<Json> collect(std::uint64_t id);
  std::optional<Json> ask(std::size_t child, Json what) {
    return collect(order(child, std::move(what)));
  }

  /// Runs the event loop until the condition holds (true) or the time is up (false).
  bool run(Duration limit, const std::function<bool()>& condition);

  /// Children that died unasked since the last call.
  std::vector<ProcessDeath> take_deaths() { return std::exchange(deaths_, {}); }

  /// Of each child that lives, and of this process.
  [[nodiscard]] std::vector<ProcessUsage> usage() const;

 private:
  void open(std::size_t child);
  void take(std::size_t child, Json report);
  void bury(std::size_t child);

  OnReport on_report_;
  std::vector<Child> children_;
  asio::io_context io_{1};
  std::vector<std::shared_ptr<net::Connection>> channels_;
  std::size_t ready_ = 0;
  bool stopping_ = false;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::size_t> awaited_;  ///< orders without an answer, and whose they are
  std::map<std::uint64_t, Json> answers_;
  std::vector<ProcessDeath> deaths_;
};

}  // namespace paxbank::cluster
