#include "paxbank/view/exports.hpp"
#include "paxbank/view/words.hpp"

#include <algorithm>
#include <ostream>
#include <unordered_map>
#include <vector>

namespace paxbank::view {
namespace {

/// What ShiViz shows: a line for each state or timer would bury the rest.
bool is_shown(const Event& event) {
  switch (event.kind) {
    case Kind::state:
    case Kind::timer:
    case Kind::burst:
    case Kind::stored:
    case Kind::start:
    case Kind::lost:
    case Kind::mark:
      return false;
    default:
      return true;
  }
}

/// How many events of each lane are known, where this is held against.
using Clock = std::vector<std::uint32_t>;

void merge(Clock& clock, const Clock& other) {
  for (std::size_t i = 0; i < clock.size(); ++i) clock[i] = std::max(clock[i], other[i]);
}

/// A name without what ShiViz splits lines by; no two names become one.
std::string host(const Run& run, std::size_t lane) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string safe;
  for (const char c : run.lanes[lane].name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '"' && c != '\\' && c != '%') {
      safe += c;
    } else {
      ((safe += '%') += digits[byte >> 4U]) += digits[byte & 0xFU];
    }
  }
  return safe;
}

/// An event's words as a line that cannot be taken for a host and its clock.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    if (c == '{') c = '(';
    if (c == '}') c = ')';
  }
  return text;
}

void write_clock(std::ostream& out, const Run& run, const Clock& clock) {
  out << '{';
  bool first = true;
  for (std::size_t lane = 0; lane < clock.size(); ++lane) {
    if (clock[lane] == 0) continue;
    out << (first ? "" : ", ") << '"' << host(run, lane) << "\": " << clock[lane];
    first = false;
  }
  out << "}\n";
}

}  // namespace

void write_shiviz(std::ostream& out, const Run& run, const Part& part) {
  // How a line is to be read, and, left empty, what divides several runs.
  out << R"((?<event>.*)\n(?<host>\S*) (?<clock>{.*}))"
      << "\n\n";
  std::vector<Clock> clocks(run.lanes.size(), Clock(run.lanes.size()));
  std::unordered_map<std::uint32_t, Clock> sent;
  for (std::uint32_t i = 0; i < run.events.size(); ++i) {
    const Event& event = run.events[i];
    if (!part.holds(event.time_us) || !is_shown(event)) continue;
    Clock& clock = clocks[event.lane];
    ++clock[event.lane];
    if (event.kind == Kind::receive || event.kind == Kind::drop) {
      const auto send = sent.find(event.link);
      if (send != sent.end()) merge(clock, send->second);
    }
    if (event.kind == Kind::send) sent[i] = clock;
    out << one_line(sentence(run, event)) << "\n" << host(run, event.lane) << " ";
    write_clock(out, run, clock);
  }
}

}  // namespace paxbank::view
