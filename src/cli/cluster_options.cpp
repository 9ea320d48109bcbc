#include "paxbank/cli/options.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/bank.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <map>
#include <random>
#include <sstream>

namespace paxbank::cli {

void add_format(CLI::App& app, scenario::Format& format) {
  const std::map<std::string, scenario::Format> formats{{"text", scenario::Format::text},
                                                        {"jsonl", scenario::Format::jsonl}};
  app.add_option("--format", format, "what standard output holds")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
      ->option_text("text|jsonl [text]");
}

ClusterOptions::ClusterOptions() {
  settings_.seed = std::random_device{}();
  settings_.epoch_us = cluster::core_now().time_since_epoch().count();
}

void ClusterOptions::add_to(CLI::App& app) {
  const std::map<std::string, cluster::LogLevel> levels{{"error", cluster::LogLevel::error},
                                                        {"warn", cluster::LogLevel::warn},
                                                        {"info", cluster::LogLevel::info},
                                                        {"debug", cluster::LogLevel::debug}};
  app.add_option("--nodes", settings_.nodes, "3, 5, 7 or 9 nodes")
      ->check(CLI::IsMember({3, 5, 7, 9}))
      ->option_text("N [5]");
  app.add_option("--heartbeat-ms", heartbeat_ms_, "how often a leader is heard")
      ->check(CLI::Range(1, 60'000))
      ->option_text("MS [50]");
  app.add_option("--leader-timeout-ms", leader_timeout_, "how long a silent leader is waited for")
      ->option_text("MIN:MAX [300:600]");
  app.add_option("--client-timeout-ms", client_timeout_ms_,
                 "after how long a client asks all nodes")
      ->check(CLI::Range(1, 600'000))
      ->option_text("MS [400]");
  app.add_option("--seed", settings_.seed, "for the nodes' random timeouts")
      ->option_text("N [random]");
  app.add_option("--history", settings_.history, "messages that printlog keeps for each node")
      ->check(CLI::Range(0, 10'000'000))
      ->option_text("N [10000]");
  app.add_option("--trace", settings_.trace, "writes every event of all processes, a line each")
      ->option_text("FILE");
  app.add_option("--log-dir", settings_.log_dir, "each process writes its own log file there")
      ->option_text("DIR");
  app.add_option("--log-level", settings_.log_level, "what goes into the log files")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case))
      ->option_text("error|warn|info|debug [info]");
}

void ClusterOptions::add_to_child(CLI::App& app) {
  add_to(app);
  app.add_option("--accounts", accounts_);
  app.add_option("--epoch-us", settings_.epoch_us);
}

void ClusterOptions::add_base_port(CLI::App& app) {
  app.add_option("--base-port", settings_.base_port,
                 "node k listens on 127.0.0.1:P+k; 0: free ports")
      ->check(CLI::Range(0, 65'535))
      ->option_text("P [5000]");
}

std::string ClusterOptions::read_leader_timeout() {
  std::istringstream in(leader_timeout_);
  std::int64_t low = 0;
  std::int64_t high = 0;
  char colon = 0;
  if (!(in >> low >> colon >> high) || colon != ':' || !in.eof() || low < 1 || high < low ||
      high > 3'600'000) {
    return "--leader-timeout-ms: found \"" + leader_timeout_ +
           "\", expected MIN:MAX in milliseconds, such as 300:600";
  }
  settings_.leader_timeout_min = std::chrono::milliseconds(low);
  settings_.leader_timeout_max = std::chrono::milliseconds(high);
  return "";
}

std::string ClusterOptions::finish() {
  settings_.bank = bank_of(accounts_);
  settings_.heartbeat = std::chrono::milliseconds(heartbeat_ms_);
  settings_.client_timeout = std::chrono::milliseconds(client_timeout_ms_);
  if (auto wrong = read_leader_timeout(); !wrong.empty()) return wrong;
  if (settings_.heartbeat * 2 > settings_.leader_timeout_min) {
    return "--leader-timeout-ms: the shortest leader timeout (" +
           std::to_string(settings_.leader_timeout_min.count()) +
           " ms) must be at least twice the heartbeat (" +
           std::to_string(settings_.heartbeat.count()) + " ms), or no leader can be heard in time";
  }
  if (settings_.base_port > 65'535 - settings_.nodes) {
    return "--base-port: " + std::to_string(settings_.base_port) +
           " leaves no room below 65536 for " + std::to_string(settings_.nodes) + " ports";
  }
  return "";
}

}  // namespace paxbank::cli
