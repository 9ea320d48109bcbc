#include "paxbank/web/feed.hpp"

#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/view/page.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace paxbank::web {
namespace {

/// The processes' lines do not come quite in the order of their times. So long after a line has
/// come, all that happened before it has.
constexpr Duration settled = std::chrono::milliseconds(60);
/// So much is read at once, and so much sent: both threads have other things to do.
constexpr std::size_t block = std::size_t{1} << 20U;
constexpr std::size_t message_limit = std::size_t{128} << 10U;
constexpr std::size_t told_limit = 200;

}  // namespace

Feed::Feed(const std::filesystem::path& trace, std::string title)
    : file_(trace, std::ios::binary),
      title_(std::move(title)),
      reader_({}, view::Reader::Trace::growing) {
  std::string head;
  if (!std::getline(file_, head)) {
    throw view::NoTrace("there is no trace in " + trace.string() + " to be shown");
  }
  reader_.take(head);
}

// --- The reading thread

bool Feed::tail(TimePoint now) {
  const bool more = !full_ && read(now);
  // Whatever is not later than a line that has settled has come as well.
  std::int64_t until = -1;
  for (const Held& line : held_) {
    if (line.came + settled > now) break;
    until = std::max(until, line.time_us);
  }
  if (until >= 0) take_until(until);
  return more;
}

bool Feed::read(TimePoint now) {
  const std::size_t before = partial_.size();
  partial_.resize(before + block);
  file_.clear();
  file_.read(partial_.data() + before, static_cast<std::streamsize>(block));
  const auto got = static_cast<std::size_t>(file_.gcount());
  partial_.resize(before + got);
  std::size_t begin = 0;
  std::size_t end = partial_.find('\n', before);
  for (; end != std::string::npos; end = partial_.find('\n', begin)) {
    const std::string_view line = std::string_view(partial_).substr(begin, end - begin);
    held_.push_back(
        {.time_us = cluster::time_us_of(line).value_or(0), .came = now, .text = std::string(line)});
    begin = end + 1;
  }
  partial_.erase(0, begin);
  return got == block;
}

void Feed::take_until(std::int64_t time_us) {
  const auto rest = std::stable_partition(
      held_.begin(), held_.end(), [&](const Held& line) { return line.time_us <= time_us; });
  std::stable_sort(held_.begin(), rest,
                   [](const Held& a, const Held& b) { return a.time_us < b.time_us; });
  {
    const std::lock_guard lock(mutex_);
    for (auto line = held_.begin(); line != rest && !full_; ++line) {
      full_ = !reader_.take(line->text);
    }
  }
  held_.erase(held_.begin(), rest);
  if (full_) held_.clear();
  changed_.notify_all();
}

void Feed::tell(std::string_view words) {
  while (words.ends_with('\n')) words.remove_suffix(1);
  if (words.empty()) return;
  const nlohmann::json text = words;
  {
    const std::lock_guard lock(mutex_);
    told_.push_back(text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    if (told_.size() > told_limit) {
      told_.pop_front();
      ++told_before_;
    }
  }
  changed_.notify_all();
}

void Feed::set_time(std::int64_t time_us) {
  {
    const std::lock_guard lock(mutex_);
    time_us_ = time_us;
  }
  changed_.notify_all();
}

void Feed::set_pace(std::int64_t slow) {
  {
    const std::lock_guard lock(mutex_);
    slow_ = slow;
  }
  changed_.notify_all();
}

void Feed::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

// --- The pages' threads

std::string Feed::head() const {
  const std::lock_guard lock(mutex_);
  return view::page_head(reader_.run(), {.title = title_, .live = true});
}

/// Of how many parts the head has been made: each new lane or note makes it new.
std::size_t Feed::heads() const { return reader_.run().lanes.size() + reader_.run().notes.size(); }

bool Feed::news_for(const Place& place) const {
  return place.rows < reader_.run().events.size() || place.told < told_before_ + told_.size() ||
         place.heads < heads() || place.time_us < time_us_ || place.slow != slow_;
}

std::string Feed::next(Place& place, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const bool news = changed_.wait_for(lock, patience, [&] { return ended_ || news_for(place); });
  if (ended_) return "";
  if (!news) return "event: pulse\ndata: 0\n\n";
  std::string out;
  if (place.heads < heads()) {
    place.heads = heads();
    out += "event: head\ndata: " + view::page_head(reader_.run(), {.title = title_, .live = true}) +
           "\n\n";
  }
  append_rows(out, place);
  append_told(out, place);
  append_time(out, place);
  return out;
}

void Feed::append_rows(std::string& out, Place& place) const {
  const view::Run& run = reader_.run();
  if (place.rows >= run.events.size()) return;
  std::string rows;
  for (; place.rows < run.events.size() && rows.size() < message_limit; ++place.rows) {
    rows += rows.empty() ? '[' : ',';
    view::append_row(rows, run, static_cast<std::uint32_t>(place.rows));
  }
  // Where it stands is what a page that comes back says.
  out += "event: rows\nid: " + std::to_string(place.rows) + "\ndata: " + rows + "]\n\n";
}

void Feed::append_time(std::string& out, Place& place) const {
  if (place.slow != slow_) {
    place.slow = slow_;
    out += "event: pace\ndata: " + std::to_string(slow_) + "\n\n";
  }
  if (place.time_us < time_us_) {
    place.time_us = time_us_;
    out += "event: now\ndata: " + std::to_string(time_us_) + "\n\n";
  }
}

void Feed::append_told(std::string& out, Place& place) const {
  place.told = std::max(place.told, told_before_);
  for (; place.told < told_before_ + told_.size(); ++place.told) {
    out += "event: told\ndata: {\"number\":" + std::to_string(place.told + 1) +
           ",\"text\":" + told_[place.told - told_before_] + "}\n\n";
  }
}

}  // namespace paxbank::web
