#pragma once

#include "paxbank/cluster/settings.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace paxbank::cluster {

/// One process's own log: a file under `--log-dir`, or, without one, its warnings on standard
/// error.
class Log {
 public:
  Log(std::string name, const std::filesystem::path& directory, LogLevel level);

  [[nodiscard]] bool wants(LogLevel level) const { return level <= level_; }

  /// One line, flushed, if the level is wanted.
  void write(LogLevel level, const std::string& text);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string name_;
  LogLevel level_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace paxbank::cluster
