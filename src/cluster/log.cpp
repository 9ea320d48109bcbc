#include "paxbank/cluster/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

namespace paxbank::cluster {

std::string_view name_of(Storage storage) {
  switch (storage) {
    case Storage::memory:
      return "memory";
    case Storage::process:
      return "process";
    case Storage::disk:
      return "disk";
  }
  return "?";
}

Storage storage_of(std::string_view name) {
  for (const Storage storage : {Storage::process, Storage::disk}) {
    if (name_of(storage) == name) return storage;
  }
  return Storage::memory;
}

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

std::string reason_of(int error) { return error == 0 ? "cut short" : std::strerror(error); }

Log::Log(std::string name, const std::filesystem::path& directory, LogLevel level, OnLost on_lost)
    : name_(std::move(name)), level_(level), on_lost_(std::move(on_lost)) {
  if (directory.empty()) {
    level_ = std::min(level_, LogLevel::warn);
    return;
  }
  errno = 0;
  file_.reset(std::fopen((directory / (name_ + ".log")).c_str(), "ae"));
  if (file_ == nullptr) lose();
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
  errno = 0;
  const int written =
      std::fprintf(file_.get(), "%02d:%02d:%02d.%06ld %s %s\n", day.tm_hour, day.tm_min, day.tm_sec,
                   now.tv_nsec / 1000, std::string(name_of(level)).c_str(), text.c_str());
  if (std::fflush(file_.get()) != 0 || written < 0) lose();
}

void Log::lose() {
  if (std::exchange(lost_, true)) return;
  on_lost_("lines of its log: " + reason_of(errno));
}

}  // namespace paxbank::cluster
