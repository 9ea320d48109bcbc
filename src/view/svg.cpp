#include "paxbank/view/bands.hpp"
#include "paxbank/view/exports.hpp"
#include "paxbank/view/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <vector>

namespace paxbank::view {
namespace {

constexpr std::size_t arrows_limit = 3'000;
constexpr std::size_t labels_limit = 120;  ///< of more arrows none is labelled
constexpr double width = 1200;
constexpr double left = 90;
constexpr double right = 20;
constexpr double top = 52;
constexpr double lane_height = 46;
constexpr double bottom = 60;
constexpr double band_height = 12;
constexpr std::uint8_t heartbeat = 8;

/// Okabe and Ito's colours, which colour-blind people can tell apart: by message type, as in the
/// page (src/view/page/colours.js).
constexpr std::string_view colours[] = {"#e69f00", "#8a8000", "#d55e00", "#0072b2", "#56b4e9",
                                        "#009e73", "#000000", "#cc79a7", "#999999", "#7a4a00"};
/// For whom a node follows: each ballot takes the next.
constexpr std::string_view tints[] = {"#7f93b8", "#b8957f", "#84ad8c",
                                      "#ab84ad", "#b3ab7c", "#7cb0b3"};

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        // XML has no word for the other control characters.
        safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

class Svg {
 public:
  Svg(std::ostream& out, const Run& run, const Part& part) : out_(out), run_(run), part_(part) {
    choose_lanes();
    if (run.events.empty()) return;
    from_ = std::max(part.from_us, run.events.front().time_us);
    to_ = std::max(std::min(part.to_us, run.events.back().time_us), from_ + 1);
  }

  void write() {
    refuse_too_much();
    out_ << std::fixed << std::setprecision(1);
    const double height = top + lane_height * static_cast<double>(rows_.size()) + bottom;
    out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << " " << height
         << "\" width=\"" << width << "\" height=\"" << height
         << "\" font-family=\"sans-serif\" font-size=\"11\">\n";
    define();
    out_ << "<rect width=\"" << width << "\" height=\"" << height << "\" fill=\"#ffffff\"/>\n";
    draw_axis(height);
    for (const std::uint16_t lane : rows_) draw_lane(lane);
    for (const Event& event : run_.events) {
      if (part_.holds(event.time_us)) draw(event);
    }
    draw_legend(height);
    out_ << "</svg>\n";
  }

 private:
  /// Clients first, then nodes; who takes no part is left out, but for nodes.
  void choose_lanes() {
    row_of_.assign(run_.lanes.size(), -1);
    std::vector<bool> used(run_.lanes.size());
    for (const Event& event : run_.events) {
      if (is_arrow(event) && part_.holds(event.time_us)) used[event.lane] = used[event.peer] = true;
    }
    for (const Lane::Sort sort : {Lane::Sort::client, Lane::Sort::node}) {
      for (std::uint16_t lane = 0; lane < run_.lanes.size(); ++lane) {
        if (run_.lanes[lane].sort != sort || (sort == Lane::Sort::client && !used[lane])) continue;
        row_of_[lane] = static_cast<int>(rows_.size());
        rows_.push_back(lane);
      }
    }
  }

  [[nodiscard]] static bool is_arrow(const Event& event) {
    return (event.kind == Kind::receive || event.kind == Kind::lost || event.kind == Kind::drop) &&
           event.link != nowhere && event.peer != no_lane && event.type != heartbeat;
  }

  void refuse_too_much() {
    for (const Event& event : run_.events) {
      if (part_.holds(event.time_us) && is_arrow(event)) ++arrows_;
    }
    if (arrows_ <= arrows_limit) return;
    throw TooMuch("svg: " + std::to_string(arrows_) + " messages in one drawing, " +
                  std::to_string(arrows_limit) +
                  " at most: name a shorter part by --from and --to, in ms");
  }

  [[nodiscard]] double x(std::int64_t time_us) const {
    const auto clamped = static_cast<double>(std::clamp(time_us, from_, to_) - from_);
    return left + (width - left - right) * clamped / static_cast<double>(to_ - from_);
  }
  [[nodiscard]] double y(std::uint16_t lane) const {
    return top + lane_height * (static_cast<double>(row_of_[lane]) + 0.5);
  }

  void define() {
    out_ << "<defs>\n";
    for (std::size_t type = 0; type < std::size(colours); ++type) {
      out_ << "<marker id=\"a" << type
           << "\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" "
              "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\""
           << colours[type] << "\"/></marker>\n";
    }
    out_ << "<pattern id=\"candidate\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
            "patternTransform=\"rotate(45)\"><rect width=\"2\" height=\"5\" fill=\"#333333\"/>"
            "</pattern>\n"
            "<pattern id=\"off\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
            "<path d=\"M0 0L4 4M4 0L0 4\" stroke=\"#a9adb3\" stroke-width=\"0.7\"/></pattern>\n"
            "</defs>\n";
  }

  void draw_axis(double height) {
    const double span = static_cast<double>(to_ - from_) / 1'000;  // in ms
    double step = std::pow(10.0, std::floor(std::log10(span / 8)));
    while (span / step > 12) step *= span / step > 24 ? 5 : 2;
    const double first = std::ceil(static_cast<double>(from_) / 1'000 / step) * step;
    for (double ms = first; ms <= static_cast<double>(to_) / 1'000; ms += step) {
      const double at = x(static_cast<std::int64_t>(std::llround(ms * 1'000)));
      out_ << "<path d=\"M" << at << " " << top - 6 << "V" << height - bottom + 4
           << "\" stroke=\"#e3e6e9\"/><text x=\"" << at << "\" y=\"" << height - bottom + 18
           << "\" text-anchor=\"middle\" fill=\"#667079\">" << std::setprecision(step < 1 ? 2 : 0)
           << ms << std::setprecision(1) << " ms</text>\n";
    }
  }

  void draw_lane(std::uint16_t lane) {
    const double at = y(lane);
    out_ << "<text x=\"" << left - 10 << "\" y=\"" << at + 4
         << "\" text-anchor=\"end\" font-weight=\"bold\">" << escaped(run_.lanes[lane].name)
         << "</text><path d=\"M" << left << " " << at << "H" << width - right
         << "\" stroke=\"#d5d9dd\"/>\n";
    if (run_.lanes[lane].sort != Lane::Sort::node) return;
    for (const Band& band : bands_of(run_, lane)) draw_band(band, at);
  }

  void draw_band(const Band& band, double at) {
    if (band.to_us < from_ || band.from_us > to_) return;
    const double begin = x(band.from_us);
    const double length = x(band.to_us) - begin;
    const auto bar = [&](double tall, std::string_view fill, double opacity) {
      out_ << "<rect x=\"" << begin << "\" y=\"" << at - tall / 2 << "\" width=\"" << length
           << "\" height=\"" << tall << "\" fill=\"" << fill << "\" opacity=\"" << opacity
           << "\"/>";
    };
    if (band.owner != 0) {
      const std::string_view tint = tints[(band.round + band.owner) % std::size(tints)];
      bar(band.role == "leader" ? band_height : band_height / 3, tint, 0.9);
    }
    if (band.role == "candidate") bar(band_height, "url(#candidate)", 1);
    if (band.role.empty() || !band.connected) bar(lane_height * 0.7, "url(#off)", 1);
    out_ << "\n";
  }

  void draw(const Event& event) {
    if (is_arrow(event)) {
      draw_arrow(event);
    } else if (event.kind == Kind::mark || event.kind == Kind::violation) {
      draw_mark(event);
    } else if (row_of_[event.lane] >= 0 &&
               (event.kind == Kind::crash || event.kind == Kind::restart)) {
      out_ << "<text x=\"" << x(event.time_us) << "\" y=\"" << y(event.lane) - 8
           << "\" fill=\"#d00000\">" << kind_names[static_cast<int>(event.kind)] << "</text>\n";
    }
  }

  void draw_arrow(const Event& event) {
    const Event& send = run_.events[event.link];
    const std::uint16_t to = event.kind == Kind::lost ? event.peer : event.lane;
    if (row_of_[send.lane] < 0 || row_of_[to] < 0) return;
    const double x1 = x(send.time_us);
    const double y1 = y(send.lane);
    double x2 = x(event.time_us);
    double y2 = y(to);
    const bool lost = event.kind != Kind::receive;
    if (event.kind == Kind::lost) {  // somewhere on the way
      x2 = x1 + (x2 - x1) / 2;
      y2 = y1 + (y2 - y1) / 2;
    }
    const std::string_view colour = colours[event.type % std::size(colours)];
    out_ << "<path class=\"" << (lost ? "lost" : "message") << "\" d=\"M" << x1 << " " << y1 << "L"
         << x2 << " " << y2 << "\" stroke=\"" << colour << "\" stroke-width=\""
         << (event.again ? 0.6 : 1.2) << "\" fill=\"none\"";
    if (!lost) out_ << " marker-end=\"url(#a" << static_cast<int>(event.type) << ")\"";
    out_ << "><title>" << escaped(sentence(run_, event)) << "</title></path>\n";
    if (lost) {
      out_ << "<path d=\"M" << x2 - 4 << " " << y2 - 4 << "l8 8m0 -8l-8 8\" stroke=\"" << colour
           << "\" stroke-width=\"2\"/>\n";
    }
    if (arrows_ <= labels_limit) draw_label(event, (x1 + x2) / 2, (y1 + y2) / 2, colour);
  }

  void draw_label(const Event& event, double at_x, double at_y, std::string_view colour) {
    out_ << "<text x=\"" << at_x + 4 << "\" y=\"" << at_y << "\" font-size=\"9\" fill=\"" << colour
         << "\">" << escaped(label(run_, event)) << "</text>\n";
  }

  /// The run's course, above: sets, failures; a violation through all.
  void draw_mark(const Event& event) {
    const std::string text = label(run_, event);
    const bool violation = event.kind == Kind::violation;
    const bool small = text.starts_with("row ") || text.ends_with(" ends");
    if (small) return;
    const double at = x(event.time_us);
    // In the first row that has room; where none has, the stroke must do.
    double base = 0;
    for (std::size_t row = 0; row < mark_ends_.size() && base == 0; ++row) {
      if (!violation && at < mark_ends_[row]) continue;
      constexpr double letter = 6.2;
      mark_ends_[row] = at + letter * static_cast<double>(text.size()) + letter;
      base = 14 + 13 * static_cast<double>(row);
    }
    const double end = top + lane_height * static_cast<double>(rows_.size());
    out_ << "<path d=\"M" << at << " " << (base == 0 ? top - 12 : base + 2) << "V"
         << (violation ? end : top - 6) << "\" stroke=\"" << (violation ? "#d00000" : "#667079")
         << "\"/>\n";
    if (base == 0) return;
    out_ << "<text x=\"" << at + 2 << "\" y=\"" << base << "\" fill=\""
         << (violation ? "#d00000" : "#1a1a1a") << "\">" << escaped(text) << "</text>\n";
  }

  void draw_legend(double height) {
    double at = left;
    for (std::size_t type = 0; type < std::size(colours); ++type) {
      if (type == heartbeat) continue;
      out_ << "<path d=\"M" << at << " " << height - 18 << "h16\" stroke=\"" << colours[type]
           << "\" stroke-width=\"2\"/><text x=\"" << at + 20 << "\" y=\"" << height - 14 << "\">"
           << type_names[type] << "</text>\n";
      at += 104;
    }
    out_ << "<text x=\"" << at << "\" y=\"" << height - 14
         << "\" fill=\"#667079\">no HEARTBEATs</text>\n";
  }

  std::ostream& out_;
  const Run& run_;
  const Part& part_;
  std::vector<std::uint16_t> rows_;  ///< lanes, from top to bottom
  std::vector<int> row_of_;
  std::int64_t from_ = 0;
  std::int64_t to_ = 1;
  std::size_t arrows_ = 0;
  std::array<double, 3> mark_ends_{};  ///< by row of the marks: up to where it is written on
};

}  // namespace

void write_svg(std::ostream& out, const Run& run, const Part& part) { Svg(out, run, part).write(); }

}  // namespace paxbank::view
