#pragma once

#include "paxbank/cluster/clock.hpp"
#include "paxbank/core/config.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank::cluster {

enum class LogLevel { error, warn, info, debug };

/// The name of a level, as `--log-level` takes it.
[[nodiscard]] std::string_view name_of(LogLevel level);

/// What nodes keep over their deaths.
enum class Storage {
  memory,   ///< nothing: a node that dies is gone
  process,  ///< what the kernel has taken: it survives any process
  disk,     ///< what is synced: it survives the machine
};

/// As `--storage` takes it.
[[nodiscard]] std::string_view name_of(Storage storage);
/// The reverse; memory for any other name.
[[nodiscard]] Storage storage_of(std::string_view name);

/// What a user chooses about a cluster.
struct Settings {
  std::uint32_t nodes = 5;
  std::uint32_t base_port = 5000;  ///< node k listens on base_port + k; 0: free ports
  std::chrono::milliseconds heartbeat{50};
  std::chrono::milliseconds leader_timeout_min{300};
  std::chrono::milliseconds leader_timeout_max{600};
  std::chrono::milliseconds client_timeout{400};
  std::uint64_t seed = 0;
  std::uint64_t run =
      0;  ///< drawn by the launcher: nodes of different runs do not listen to each other
  std::size_t history = 10'000;
  std::filesystem::path trace;  ///< empty: none; all processes append to the one file
  std::int64_t epoch_us =
      0;  ///< of the steady clock: from when traces and printlog count their time
  std::filesystem::path log_dir;  ///< empty: warnings go to standard error, nothing else is kept
  LogLevel log_level = LogLevel::info;
  Storage storage = Storage::process;
  /// Where nodes keep it; empty at first: a directory that goes with the run.
  std::filesystem::path data_dir;
  std::uint64_t cluster = 0;  ///< whose data it is; drawn when that was made
  BankConfig bank = default_bank();
  std::optional<std::uint16_t> web_port;  ///< of the live page; 0: a free one; none: no page
  std::string title = "paxbank";          ///< of its pages
  /// All links go through the switch, and all takes so many times as long; 0: they are direct.
  std::int64_t slow = 0;
  int clock_fd = -1;  ///< of the clock that the run's processes share; -1: each has its own
};

/// What a child process is told on its command line.
struct ChildSettings {
  Settings cluster;
  std::uint32_t id = 0;  ///< of a node; 0: the client manager
  /// How often this node has been started before in this run; for the client manager, how often the
  /// clients have been in all the life of the cluster.
  std::uint64_t life = 0;
  std::vector<std::uint16_t> ports;
  int listen_fd = -1;
  std::vector<int> switch_fds;  ///< the switch's: where it listens in each node's place
  int control_fd = -1;
};

}  // namespace paxbank::cluster
