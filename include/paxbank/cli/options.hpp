#pragma once

#include "paxbank/cli/bench_command.hpp"
#include "paxbank/cli/run_command.hpp"
#include "paxbank/cli/sim_command.hpp"
#include "paxbank/cli/view_command.hpp"
#include "paxbank/cluster/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

/// What is typed, a class for each command, and what it means. `add_to` declares the options; what
/// they say only as a whole is put together by `finish`, which returns what is wrong, or "".
/// The parser writes into the objects: they stay where they are until it is done.
namespace paxbank::cli {

/// What every command takes that starts a cluster, and what the launcher hands on to its children.
class ClusterOptions {
 public:
  /// With a random seed, and the trace's time beginning now.
  ClusterOptions();

  void add_to(CLI::App& app);
  /// As add_to, with what only the launcher gives.
  void add_to_child(CLI::App& app);
  void add_base_port(CLI::App& app);
  [[nodiscard]] std::string finish();
  /// Valid after finish().
  [[nodiscard]] const cluster::Settings& settings() const { return settings_; }
  [[nodiscard]] const CLI::Option* storage_option() const { return storage_option_; }

 private:
  [[nodiscard]] std::string read_leader_timeout();

  cluster::Settings settings_;
  CLI::Option* storage_option_ = nullptr;
  std::string leader_timeout_ = "300:600";
  std::int64_t heartbeat_ms_ = 50;
  std::int64_t client_timeout_ms_ = 400;
  std::uint32_t accounts_ = 10;
};

/// `paxbank [FILE.csv]`.
class RunOptions {
 public:
  RunCommand command;

  void add_to(CLI::App& app, ClusterOptions& cluster);
  /// Adds to the settings what the run asks of the cluster.
  [[nodiscard]] std::string finish(cluster::Settings& settings);

 private:
  CLI::Option* web_option_ = nullptr;
  const CLI::Option* storage_option_ = nullptr;
  std::filesystem::path data_dir_;
  std::string web_;
  std::uint64_t slow_ = 0;  ///< 0: not asked for
};

/// `paxbank sim`.
class SimOptions {
 public:
  SimCommand command;

  CLI::App* add_to(CLI::App& app);
  [[nodiscard]] std::string finish();

 private:
  std::string seeds_;
  std::optional<std::uint64_t> seed_;
};

/// `paxbank data inspect DIR`.
CLI::App* add_data_to(CLI::App& app, std::string& directory);

/// `paxbank view`.
class ViewOptions {
 public:
  ViewCommand command;

  CLI::App* add_to(CLI::App& app);
  [[nodiscard]] std::string finish() const;
};

/// `paxbank bench`.
class BenchOptions {
 public:
  BenchCommand command;

  CLI::App* add_to(CLI::App& app, ClusterOptions& cluster);
  [[nodiscard]] std::string finish(const cluster::Settings& settings);

 private:
  std::string windows_;
  double duration_s_ = 3;
};

}  // namespace paxbank::cli
