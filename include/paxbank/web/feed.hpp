#pragma once

#include "paxbank/core/ids.hpp"
#include "paxbank/view/reader.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

namespace paxbank::web {

/// What the pages are shown: the run as its trace grows, and what is told besides.
///
/// One thread reads (tail(), tell()); each page has one of its own, which fetches at its own pace
/// what it has not had yet. Nothing waits here for a page: what it has not had is the run.
class Feed {
 public:
  /// Reads what is there. Throws view::NoTrace.
  Feed(const std::filesystem::path& trace, std::string title);

  /// Reads what has been written since. Returns whether more is there that was left for another
  /// call.
  bool tail(TimePoint now);
  /// Words for those who watch: what the run tells at the prompt.
  void tell(std::string_view words);
  /// The time in the run, for what moves between two events.
  void set_time(std::int64_t time_us);
  /// How many times as long everything takes in the run; 0: its time stands.
  void set_pace(std::int64_t slow);
  /// Nobody needs to wait any more.
  void end();

  /// How far a page is.
  struct Place {
    std::size_t rows = 0;
    std::uint64_t told = 0;
    std::size_t heads = 0;
    std::int64_t time_us = 0;
    std::int64_t slow = -1;
  };
  /// What comes next for a page, as Server-Sent Events. Waits for it, but no longer than so long;
  /// then it is a sign of life. Empty: there will be no more.
  [[nodiscard]] std::string next(Place& place, std::chrono::milliseconds patience);

  /// What a page knows of the run beside its events.
  [[nodiscard]] std::string head() const;

 private:
  /// A line that may still have to let earlier ones pass.
  struct Held {
    std::int64_t time_us = 0;
    TimePoint came;
    std::string text;
  };

  bool read(TimePoint now);
  void take_until(std::int64_t time_us);
  [[nodiscard]] bool news_for(const Place& place) const;
  [[nodiscard]] std::size_t heads() const;
  void append_rows(std::string& out, Place& place) const;
  void append_told(std::string& out, Place& place) const;
  void append_time(std::string& out, Place& place) const;

  // The reading thread's own.
  std::ifstream file_;
  std::string partial_;  ///< a line whose end has not come
  std::deque<Held> held_;
  bool full_ = false;  ///< no more can be shown

  const std::string title_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  view::Reader reader_;
  std::deque<std::string> told_;   ///< the last ones, as JSON
  std::uint64_t told_before_ = 0;  ///< those that are gone
  std::int64_t time_us_ = 0;
  std::int64_t slow_ = 1;
  bool ended_ = false;
};

}  // namespace paxbank::web
