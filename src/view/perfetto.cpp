#include "paxbank/view/exports.hpp"
#include "paxbank/view/words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <vector>

namespace paxbank::view {
namespace {

using Json = nlohmann::ordered_json;

bool is_input(const Event& event) {
  switch (event.kind) {
    case Kind::receive:
    case Kind::start:
    case Kind::timer:
    case Kind::order:
    case Kind::submit:
    case Kind::burst:
    case Kind::stored:
    case Kind::restart:
      return true;
    default:
      return false;
  }
}

bool is_sign(const Event& event) {
  switch (event.kind) {
    case Kind::event:
    case Kind::lost:
    case Kind::drop:
    case Kind::fault:
    case Kind::crash:
    case Kind::mark:
    case Kind::violation:
      return true;
    default:
      return false;
  }
}

/// A step takes no time in a simulation, and less than a microsecond often enough: what is drawn
/// has a width, and stands beside what came before it, never in it.
constexpr double least_width_us = 0.2;

class Slices {
 public:
  Slices(std::ostream& out, const Run& run, const Part& part)
      : out_(out), run_(run), part_(part), last_end_(run.lanes.size(), -1) {
    ends_.resize(run.events.size());
    for (const Event& event : run.events) {
      if (event.cause != nowhere) ends_[event.cause] = std::max(ends_[event.cause], event.time_us);
    }
    begins_.assign(run.events.size(), -1);
  }

  void write() {
    out_ << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
    for (std::size_t lane = 0; lane < run_.lanes.size(); ++lane) name(lane);
    for (std::uint32_t i = 0; i < run_.events.size(); ++i) {
      const Event& event = run_.events[i];
      if (!part_.holds(event.time_us)) continue;
      if (is_input(event)) slice(i);
      if (event.kind == Kind::receive) flow(i);
      if (is_sign(event)) sign(event);
    }
    out_ << "\n]}\n";
  }

 private:
  void name(std::size_t lane) {
    put({{"ph", "M"},
         {"name", "thread_name"},
         {"pid", 1},
         {"tid", lane + 1},
         {"args", {{"name", run_.lanes[lane].name}}}});
    put({{"ph", "M"},
         {"name", "thread_sort_index"},
         {"pid", 1},
         {"tid", lane + 1},
         {"args", {{"sort_index", lane}}}});
  }

  void slice(std::uint32_t place) {
    const Event& event = run_.events[place];
    double& last_end = last_end_[event.lane];
    const double begin = std::max(static_cast<double>(event.time_us), last_end);
    const double end = std::max(static_cast<double>(ends_[place]), begin + least_width_us);
    last_end = end;
    begins_[place] = begin;
    put({{"ph", "X"},
         {"name", sentence(run_, event)},
         {"cat", kind_names[static_cast<int>(event.kind)]},
         {"pid", 1},
         {"tid", event.lane + 1},
         {"ts", begin},
         {"dur", end - begin}});
  }

  /// From the step that sent a message to the one that took it, if both are shown.
  void flow(std::uint32_t place) {
    const Event& event = run_.events[place];
    if (event.link == nowhere) return;
    const Event& send = run_.events[event.link];
    if (send.cause == nowhere || begins_[send.cause] < 0) return;
    const std::string name = label(run_, event);
    put({{"ph", "s"},
         {"name", name},
         {"cat", "message"},
         {"id", place},
         {"pid", 1},
         {"tid", send.lane + 1},
         {"ts", begins_[send.cause]}});
    put({{"ph", "f"},
         {"bp", "e"},
         {"name", name},
         {"cat", "message"},
         {"id", place},
         {"pid", 1},
         {"tid", event.lane + 1},
         {"ts", begins_[place]}});
  }

  void sign(const Event& event) {
    put({{"ph", "i"},
         {"s", "t"},
         {"name", sentence(run_, event)},
         {"cat", kind_names[static_cast<int>(event.kind)]},
         {"pid", 1},
         {"tid", event.lane + 1},
         {"ts", event.time_us}});
  }

  void put(const Json& json) {
    if (!first_) out_ << ",\n";
    first_ = false;
    out_ << json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  std::ostream& out_;
  const Run& run_;
  const Part& part_;
  std::vector<std::int64_t> ends_;  ///< of a step, by its input: when the last came of it
  std::vector<double> begins_;      ///< of a step that is shown, by its input
  std::vector<double> last_end_;    ///< by lane
  bool first_ = true;
};

}  // namespace

void write_perfetto(std::ostream& out, const Run& run, const Part& part) {
  Slices(out, run, part).write();
}

}  // namespace paxbank::view
