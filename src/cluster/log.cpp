#include "paxbank/cluster/log.hpp"

#include <algorithm>
#include <ctime>

namespace paxbank::cluster {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warn:
      return "warn";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "?";
}

Log::Log(std::string name, const std::filesystem::path& directory, LogLevel level)
    : name_(std::move(name)), level_(level) {
  if (directory.empty()) {
    level_ = std::min(level_, LogLevel::warn);
    return;
  }
  file_.reset(std::fopen((directory / (name_ + ".log")).c_str(), "ae"));
  if (file_ == nullptr) std::fprintf(stderr, "paxbank: %s: cannot write its log\n", name_.c_str());
}

void Log::write(LogLevel level, const std::string& text) {
  if (!wants(level)) return;
  if (file_ == nullptr) {
    std::fprintf(stderr, "paxbank: %s: %s\n", name_.c_str(), text.c_str());
    return;
  }
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  std::tm day{};
  gmtime_r(&now.tv_sec, &day);
  std::fprintf(file_.get(), "%02d:%02d:%02d.%06ld %s %s\n", day.tm_hour, day.tm_min, day.tm_sec,
               now.tv_nsec / 1000, std::string(name_of(level)).c_str(), text.c_str());
  std::fflush(file_.get());
}

}  // namespace paxbank::cluster
