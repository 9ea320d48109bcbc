#pragma once

#include "paxbank/cluster/settings.hpp"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace paxbank::cluster {

/// Hears, once, what of a process's output could not be written, and why.
using OnLost = std::function<void(const std::string& what)>;

/// Why a write failed, in words; one that was only cut short leaves no error behind.
[[nodiscard]] std::string reason_of(int error);

/// One process's own log: a file under `--log-dir`, or, without one, its warnings on standard
/// error.
class Log {
 public:
  Log(std::string name, const std::filesystem::path& directory, LogLevel level, OnLost on_lost);

  [[nodiscard]] bool wants(LogLevel level) const { return level <= level_; }

  /// One line, flushed, if the level is wanted.
  void write(LogLevel level, const std::string& text);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void lose();

  std::string name_;
  LogLevel level_;
  OnLost on_lost_;
  bool lost_ = false;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace paxbank::cluster
