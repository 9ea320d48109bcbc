#include "paxbank/cluster/trace_file.hpp"

#include "paxbank/cluster/launcher.hpp"
#include "paxbank/wire/trace.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <unistd.h>

namespace paxbank::cluster {

TraceFile::TraceFile(const Settings& settings, OnLost on_lost)
    : epoch_(settings.epoch_us), on_lost_(std::move(on_lost)) {
  if (settings.trace.empty()) return;
  file_ = std::make_unique<Descriptor>(
      ::open(settings.trace.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
}

TraceFile::~TraceFile() { flush(); }

TraceSink TraceFile::sink() {
  if (file_ == nullptr) return {};
  return [this](const TraceEvent& event) {
    TraceEvent timed = event;
    timed.time -= epoch_;
    wire::append(gathered_, timed);
  };
}

void TraceFile::flush() {
  if (gathered_.empty()) return;
  if (file_ != nullptr) {
    // One write a step: the kernel keeps those of several processes apart.
    errno = 0;
    const auto written = ::write(file_->number(), gathered_.data(), gathered_.size());
    if (written != static_cast<ssize_t>(gathered_.size())) {
      file_.reset();
      on_lost_("its trace from here on: " + reason_of(errno));
    }
  }
  gathered_.clear();
}

std::string begin_trace(const Settings& settings) {
  std::ostringstream run;
  run << std::hex << std::setw(16) << std::setfill('0') << settings.run;
  std::ofstream file(settings.trace, std::ios::trunc);
  file << wire::encode(TraceHead{.by = "processes",
                                 .run = run.str(),
                                 .seed = settings.seed,
                                 .nodes = settings.nodes,
                                 .bank = settings.bank})
       << std::flush;
  return file ? "" : settings.trace.string() + " cannot be written";
}

namespace {

/// Where a line begins in the file, and when what it tells of happened.
struct Line {
  std::int64_t time_us = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::vector<Line> lines_of(std::istream& file) {
  std::vector<Line> lines;
  std::uint64_t at = 0;
  for (std::string text; std::getline(file, text);) {
    const std::int64_t last = lines.empty() ? -1 : lines.back().time_us;
    lines.push_back({time_us_of(text).value_or(last), at, at + text.size() + 1});
    at = lines.back().end;
  }
  return lines;
}

}  // namespace

std::optional<std::int64_t> time_us_of(std::string_view line) {
  constexpr std::string_view start = "{\"time_us\":";
  std::int64_t time = 0;
  if (!line.starts_with(start)) return std::nullopt;
  const auto [end, error] =
      std::from_chars(line.data() + start.size(), line.data() + line.size(), time);
  return error == std::errc() ? std::optional(time) : std::nullopt;
}

std::string put_in_order(const std::filesystem::path& trace) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(trace, error)) return "";
  std::ifstream file(trace, std::ios::binary);
  std::vector<Line> lines = lines_of(file);
  const auto earlier = [](const Line& a, const Line& b) { return a.time_us < b.time_us; };
  if (std::is_sorted(lines.begin(), lines.end(), earlier)) return "";
  std::stable_sort(lines.begin(), lines.end(), earlier);
  file.clear();
  std::filesystem::path ordered = trace;
  ordered += ".ordered";
  std::ofstream out(ordered, std::ios::binary | std::ios::trunc);
  std::string text;
  for (const Line& line : lines) {
    text.resize(line.end - line.begin);
    file.seekg(static_cast<std::streamoff>(line.begin));
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    out.write(text.data(), file.gcount());
  }
  out.close();
  if (out) std::filesystem::rename(ordered, trace, error);
  if (out && !error) return "";
  std::string reason = error ? error.message() : reason_of(errno);
  std::filesystem::remove(ordered, error);
  return reason;
}

}  // namespace paxbank::cluster
