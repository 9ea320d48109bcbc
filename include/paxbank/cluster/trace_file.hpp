#pragma once

#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/core/trace.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace paxbank::cluster {

class Descriptor;

/// The trace file, as one of the processes that share it writes it: what gathers in one step goes
/// in one write, so that lines of several processes do not mix.
class TraceFile {
 public:
  /// For all processes: appends to `settings.trace`, from now on. Times count from
  /// `settings.epoch_us`.
  TraceFile(const Settings& settings, OnLost on_lost);
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  ~TraceFile();

  /// Gathers what it is given. Empty if no trace is wanted.
  [[nodiscard]] TraceSink sink();

  /// Writes what has gathered. To be called before any message of the step leaves the process.
  void flush();

 private:
  std::unique_ptr<Descriptor> file_;  ///< none: no trace is wanted, or it is lost
  Duration epoch_;
  OnLost on_lost_;
  std::string gathered_;
};

/// Makes an empty trace file that begins with its head. Returns what is wrong, or "".
[[nodiscard]] std::string begin_trace(const Settings& settings);

/// When what a line tells of happened; none for a head, and for what is no line of a trace.
[[nodiscard]] std::optional<std::int64_t> time_us_of(std::string_view line);

/// Puts the lines that several processes have written in the order of their times. Returns what is
/// wrong, or ""; the file is then as it was. What is no plain file is left alone.
[[nodiscard]] std::string put_in_order(const std::filesystem::path& trace);

}  // namespace paxbank::cluster
