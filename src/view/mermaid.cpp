#include "paxbank/view/exports.hpp"
#include "paxbank/view/words.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>

namespace paxbank::view {
namespace {

/// Mermaid draws no text that is longer (`maxTextSize`).
constexpr std::size_t text_limit = 50'000;

bool is_note(const Event& event) {
  return event.kind == Kind::event || event.kind == Kind::crash || event.kind == Kind::restart ||
         event.kind == Kind::violation || event.kind == Kind::answer;
}

/// What Mermaid, or the page that it draws in, takes for its own signs, by their numbers.
std::string escaped(std::string_view text) {
  constexpr std::string_view signs = "#;%<>&";
  std::string safe;
  for (const char c : text) {
    if (signs.find(c) != std::string_view::npos) {
      safe += '#' + std::to_string(static_cast<int>(c)) + ';';
    } else {
      safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

std::string actor(std::size_t lane) { return "p" + std::to_string(lane); }

void write_line(std::ostream& out, const Run& run, const Event& event) {
  const std::string here = actor(event.lane);
  if (is_note(event)) {
    out << "  Note over " << here << ": " << escaped(label(run, event)) << "\n";
    return;
  }
  const std::string peer = actor(event.peer);
  const bool arrived = event.kind == Kind::receive;
  const std::string& from = event.kind == Kind::lost ? here : peer;
  const std::string& to = event.kind == Kind::lost ? peer : here;
  out << "  " << from << (event.again ? "-" : "") << (arrived ? "->>" : "-x") << to << ": "
      << escaped(label(run, event)) << "\n";
}

}  // namespace

void write_mermaid(std::ostream& out, const Run& run, const Part& part) {
  std::ostringstream text;
  text << "sequenceDiagram\n";
  std::vector<bool> used(run.lanes.size());
  for (const Event& event : run.events) {
    if (!part.holds(event.time_us) || !(is_arrow(event) || is_note(event))) continue;
    used[event.lane] = true;
    if (event.peer != no_lane) used[event.peer] = true;
  }
  for (std::size_t lane = 0; lane < run.lanes.size(); ++lane) {
    if (!used[lane]) continue;
    text << "  participant " << actor(lane) << " as " << escaped(run.lanes[lane].name) << "\n";
  }
  std::size_t arrows = 0;
  for (const Event& event : run.events) {
    if (!part.holds(event.time_us) || !(is_arrow(event) || is_note(event))) continue;
    write_line(text, run, event);
    if (is_arrow(event)) ++arrows;
  }
  if (text.str().size() > text_limit) {
    throw TooMuch("mermaid: " + std::to_string(arrows) + " messages make " +
                  std::to_string(text.str().size()) + " characters, and Mermaid draws " +
                  std::to_string(text_limit) + " at most: name a shorter part by --from and --to");
  }
  out << text.str();
}

}  // namespace paxbank::view
