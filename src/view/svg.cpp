#include "paxbank/view/bands.hpp"
#include "paxbank/view/exports.hpp"
#include "paxbank/view/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <vector>

namespace paxbank::view {
namespace {

constexpr std::size_t arrows_limit = 3'000;
constexpr std::size_t labels_limit = 120;  ///< of more arrows none is labelled
constexpr double width = 960;
constexpr double left = 48;
constexpr double right = 34;
constexpr double top_with_marks = 52;
constexpr double top_without = 16;
constexpr double lane_height = 54;
constexpr double bottom = 36;
constexpr double band_height = 12;
constexpr double legend_height = 16;
constexpr double letter = 6.2;  ///< how wide one is, on average

/// Okabe and Ito's colours, which colour-blind people can tell apart: by message type, as in the
/// page (src/view/page/colours.js).
constexpr std::string_view colours[] = {"#e69f00", "#8a8000", "#d55e00", "#0072b2", "#56b4e9",
                                        "#009e73", "#000000", "#cc79a7", "#999999", "#7a4a00"};
constexpr std::string_view shade = "#a9adb3";  ///< over a lane that is cut off, paused or dead
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
    choose_tints();
    if (run.events.empty()) return;
    from_ = std::max(part.from_us, run.events.front().time_us);
    to_ = std::max(std::min(part.to_us, run.events.back().time_us), from_ + 1);
  }

  void write() {
    refuse_too_much();
    out_ << std::fixed << std::setprecision(1);
    const double height = bottom_of_lanes() + bottom + legend_height;
    out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << " " << height
         << "\" width=\"" << width << "\" height=\"" << height
         << "\" font-family=\"sans-serif\" font-size=\"12\">\n";
    define();
    out_ << "<rect width=\"" << width << "\" height=\"" << height << "\" fill=\"#ffffff\"/>\n";
    draw_axis();
    for (const std::uint16_t lane : rows_) draw_lane(lane);
    for (const Event& event : run_.events) {
      if (part_.holds(event.time_us)) draw(event);
    }
    // What is written stands over all lines, which would cross it out.
    for (const std::uint16_t lane : rows_) write_bands(lane);
    if (arrows_ <= labels_limit) write_labels();
    draw_legend();
    out_ << "</svg>\n";
  }

 private:
  /// Clients first, then nodes; who takes no part is left out, but for nodes.
  void choose_lanes() {
    row_of_.assign(run_.lanes.size(), -1);
    std::vector<bool> used(run_.lanes.size());
    for (const Event& event : run_.events) {
      if (is_drawn(event) && part_.holds(event.time_us)) used[event.lane] = used[event.peer] = true;
    }
    for (const Lane::Sort sort : {Lane::Sort::client, Lane::Sort::node}) {
      for (std::size_t lane = 0; lane < run_.lanes.size(); ++lane) {
        if (run_.lanes[lane].sort != sort || (sort == Lane::Sort::client && !used[lane])) continue;
        row_of_[lane] = static_cast<int>(rows_.size());
        rows_.push_back(static_cast<std::uint16_t>(lane));
      }
    }
  }

  /// Whose beginning is known.
  [[nodiscard]] static bool is_drawn(const Event& event) {
    return event.link != nowhere && is_arrow(event);
  }

  /// Each ballot takes the next tint, in the order in which they were followed: as in the page.
  void choose_tints() {
    bands_.resize(run_.lanes.size());
    std::vector<const Band*> all;
    for (const std::uint16_t lane : rows_) {
      if (run_.lanes[lane].sort == Lane::Sort::node) bands_[lane] = bands_of(run_, lane);
      for (const Band& band : bands_[lane]) all.push_back(&band);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Band* a, const Band* b) { return a->from_us < b->from_us; });
    for (const Band* band : all) {
      if (band->owner != 0) tint_of_.try_emplace({band->round, band->owner}, tint_of_.size());
    }
  }

  /// Of what the runner says, whatever stands for itself: not each row's answer.
  [[nodiscard]] bool is_mark(const Event& event) const {
    if (event.kind != Kind::mark && event.kind != Kind::violation) return false;
    const std::string text = label(run_, event);
    return !text.starts_with("row ") && !text.ends_with(" ends") && text != "resolved";
  }

  void refuse_too_much() {
    for (const Event& event : run_.events) {
      if (!part_.holds(event.time_us)) continue;
      if (is_mark(event)) top_ = top_with_marks;
      if (!is_drawn(event)) continue;
      ++arrows_;
      if (event.type < std::size(colours)) types_.insert(event.type);
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
    return top_ + lane_height * (static_cast<double>(row_of_[lane]) + 0.5);
  }

  [[nodiscard]] double bottom_of_lanes() const {
    return top_ + lane_height * static_cast<double>(rows_.size());
  }
  void define() {
    out_ << "<defs>\n";
    for (std::size_t type = 0; type < std::size(colours); ++type) {
      out_ << "<marker id=\"a" << type
           << "\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" "
              "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\""
           << colours[type] << "\"/></marker>\n";
    }
    const auto pattern = [&](std::string_view name, std::string_view path, std::string_view colour,
                             double thick) {
      out_ << "<pattern id=\"" << name
           << "\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><path d=\"" << path
           << "\" stroke=\"" << colour << "\" stroke-width=\"" << thick << "\"/></pattern>\n";
    };
    pattern("candidate", "M-2 2L2 -2M0 8L8 0M6 10L10 6", "#ffffff", 2.5);
    pattern("cut", "M-2 2L2 -2M0 8L8 0M6 10L10 6", shade, 1);
    pattern("paused", "M1.5 0V8", shade, 1);
    pattern("dead", "M0 8L8 0M0 0L8 8", shade, 1);
    out_ << "</defs>\n";
  }

  void draw_axis() {
    const double span = static_cast<double>(to_ - from_) / 1'000;  // in ms
    double step = std::pow(10.0, std::floor(std::log10(span / 8)));
    while (span / step > 12) step *= span / step > 24 ? 5 : 2;
    const double first = std::ceil(static_cast<double>(from_) / 1'000 / step) * step;
    for (double ms = first; ms <= static_cast<double>(to_) / 1'000; ms += step) {
      const double at = x(static_cast<std::int64_t>(std::llround(ms * 1'000)));
      out_ << "<path d=\"M" << at << " " << top_ - 6 << "V" << bottom_of_lanes() + 4
           << "\" stroke=\"#e3e6e9\"/><text x=\"" << at << "\" y=\"" << bottom_of_lanes() + 18
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
    for (const Band& band : bands_[lane]) draw_band(band, at);
  }

  [[nodiscard]] bool in_sight(const Band& band) const {
    return band.to_us >= from_ && band.from_us <= to_;
  }

  void draw_band(const Band& band, double at) {
    if (!in_sight(band)) return;
    const double begin = x(band.from_us);
    const double length = x(band.to_us) - begin;
    const auto bar = [&](double tall, std::string_view look) {
      out_ << "<rect x=\"" << begin << "\" y=\"" << at - tall / 2 << "\" width=\"" << length
           << "\" height=\"" << tall << "\" " << look << "/>";
    };
    const std::string_view ails = band.role.empty() ? "dead"
                                  : !band.connected ? "cut"
                                  : band.paused     ? "paused"
                                                    : "";
    if (!ails.empty()) bar(lane_height - 4, "fill=\"url(#" + std::string(ails) + ")\"");
    const bool backup = band.role == "backup";
    if (band.owner != 0) {
      const std::size_t tint = tint_of_.at({band.round, band.owner}) % std::size(tints);
      bar(backup ? band_height / 3 : band_height,
          "fill=\"" + std::string(tints[tint]) + "\"" +
              (band.role == "leader" ? " stroke=\"#1a1a1a\"" : ""));
    }
    if (band.role == "candidate") bar(band_height, "fill=\"url(#candidate)\"");
    out_ << "\n";
  }

  [[nodiscard]] static std::string words_of(const Band& band) {
    if (band.role.empty()) return "dead";
    const std::string ballot =
        "(" + std::to_string(band.round) + ",n" + std::to_string(band.owner) + ")";
    std::string words = band.role != "backup" ? band.role + " " + ballot
                        : band.owner != 0     ? "follows " + ballot
                                              : "follows nobody";
    if (!band.connected) return words + ", cut off";
    return band.paused ? words + ", paused" : words;
  }

  /// Below the bands, over the arrows, which would cross the words out.
  void write_bands(std::uint16_t lane) {
    for (const Band& band : bands_[lane]) {
      if (!in_sight(band)) continue;
      const std::string words = words_of(band);
      const double begin = x(band.from_us);
      if (x(band.to_us) - begin < letter * static_cast<double>(words.size())) continue;
      (void)has_room(begin + 3, y(lane) + 18, words);
      write_over(begin + 3, y(lane) + 18, "#1a1a1a", "start", words);
    }
  }

  struct Box {
    double left, top, right, bottom;
  };
  /// Whether no other text stands in the place of one; if so, it is taken.
  bool has_room(double at_x, double at_y, const std::string& text) {
    constexpr double line = 10;
    const Box box{at_x, at_y - line, at_x + letter * static_cast<double>(text.size()), at_y};
    const bool room = std::none_of(written_.begin(), written_.end(), [&](const Box& other) {
      return box.left < other.right && other.left < box.right && box.top < other.bottom &&
             other.top < box.bottom;
    });
    if (room) written_.push_back(box);
    return room;
  }

  /// A text that stays legible where lines cross it.
  void write_over(double at_x, double at_y, std::string_view colour, std::string_view anchor,
                  std::string_view text) {
    out_ << "<text x=\"" << at_x << "\" y=\"" << at_y << "\" font-size=\"11\" text-anchor=\""
         << anchor << "\" fill=\"" << colour
         << "\" stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\">" << escaped(text)
         << "</text>\n";
  }

  void draw(const Event& event) {
    if (is_drawn(event)) {
      draw_arrow(event);
    } else if (is_mark(event)) {
      draw_mark(event);
    } else if (row_of_[event.lane] >= 0 &&
               (event.kind == Kind::crash || event.kind == Kind::restart)) {
      out_ << "<text x=\"" << x(event.time_us) << "\" y=\"" << y(event.lane) - 8
           << "\" fill=\"#d00000\">" << kind_names[static_cast<int>(event.kind)] << "</text>\n";
    }
  }

  struct Way {
    double x1, y1, x2, y2;
  };
  /// From where to where an arrow goes, if both lanes are shown.
  [[nodiscard]] std::optional<Way> way_of(const Event& event) const {
    const Event& send = run_.events[event.link];
    const std::uint16_t to = event.kind == Kind::lost ? event.peer : event.lane;
    if (row_of_[send.lane] < 0 || row_of_[to] < 0) return std::nullopt;
    Way way{x(send.time_us), y(send.lane), x(event.time_us), y(to)};
    if (event.kind == Kind::lost) {  // somewhere on the way
      way.x2 = (way.x1 + way.x2) / 2;
      way.y2 = (way.y1 + way.y2) / 2;
    }
    return way;
  }

  void draw_arrow(const Event& event) {
    const auto way = way_of(event);
    if (!way) return;
    const auto [x1, y1, x2, y2] = *way;
    const bool lost = event.kind != Kind::receive;
    const std::size_t type = event.type % std::size(colours);
    const std::string_view colour = colours[type];
    out_ << "<path class=\"" << (lost ? "lost" : "message") << "\" d=\"M" << x1 << " " << y1 << "L"
         << x2 << " " << y2 << "\" stroke=\"" << colour << "\" stroke-width=\""
         << (event.again ? 0.6 : 1.2) << "\" fill=\"none\"";
    if (!lost) out_ << " marker-end=\"url(#a" << type << ")\"";
    out_ << "><title>" << escaped(sentence(run_, event)) << "</title></path>\n";
    if (lost) {
      out_ << "<path d=\"M" << x2 - 4 << " " << y2 - 4 << "l8 8m0 -8l-8 8\" stroke=\"" << colour
           << "\" stroke-width=\"2\"/>\n";
    }
  }

  /// Where there is room, and mostly nearer to the end: what leaves one place goes to several.
  void write_labels() {
    for (const Event& event : run_.events) {
      if (!part_.holds(event.time_us) || !is_drawn(event)) continue;
      const auto way = way_of(event);
      if (!way) continue;
      const std::string text = label(run_, event);
      const std::string_view colour = colours[event.type % std::size(colours)];
      for (const double part : {0.62, 0.45, 0.8, 0.3}) {
        const double at_x = way->x1 + (way->x2 - way->x1) * part;
        const double at_y = way->y1 + (way->y2 - way->y1) * part - 2;
        if (!has_room(at_x - letter * static_cast<double>(text.size()) / 2, at_y, text)) continue;
        write_over(at_x, at_y, colour, "middle", text);
        break;
      }
    }
  }

  /// The run's course, above: sets, failures; a violation through all.
  void draw_mark(const Event& event) {
    const std::string text = label(run_, event);
    const bool violation = event.kind == Kind::violation;
    const double at = x(event.time_us);
    // In the first row that has room; where none has, the stroke must do.
    double base = 0;
    for (std::size_t row = 0; row < mark_ends_.size() && base == 0; ++row) {
      if (!violation && at < mark_ends_[row]) continue;
      mark_ends_[row] = at + letter * static_cast<double>(text.size()) + letter;
      base = 14 + 13 * static_cast<double>(row);
    }
    out_ << "<path d=\"M" << at << " " << (base == 0 ? top_ - 12 : base + 2) << "V"
         << (violation ? bottom_of_lanes() : top_ - 6) << "\" stroke=\""
         << (violation ? "#d00000" : "#667079") << "\"/>\n";
    if (base == 0) return;
    const bool turned = at + letter * static_cast<double>(text.size()) > width;
    out_ << "<text x=\"" << (turned ? at - 2 : at + 2) << "\" y=\"" << base << "\" text-anchor=\""
         << (turned ? "end" : "start") << "\" fill=\"" << (violation ? "#d00000" : "#1a1a1a")
         << "\">" << escaped(text) << "</text>\n";
  }

  /// One row: even all types have room in it.
  void draw_legend() {
    constexpr double capital = 8;
    constexpr double stroke = 16;
    constexpr double gap = 4;
    const double base = bottom_of_lanes() + bottom;
    double at = left;
    for (const std::uint8_t type : types_) {
      out_ << "<path d=\"M" << at << " " << base << "h" << stroke << "\" stroke=\"" << colours[type]
           << "\" stroke-width=\"2\"/><text x=\"" << at + stroke + gap << "\" y=\"" << base + 4
           << "\">" << type_names[type] << "</text>\n";
      at += stroke + gap + capital * static_cast<double>(type_names[type].size()) + 2 * gap;
    }
    out_ << "<text x=\"" << at << "\" y=\"" << base + 4
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
  double top_ = top_without;
  std::vector<Box> written_;                                               ///< where texts stand
  std::set<std::uint8_t> types_;                                           ///< of the arrows
  std::vector<std::vector<Band>> bands_;                                   ///< by lane
  std::map<std::pair<std::uint32_t, std::uint8_t>, std::size_t> tint_of_;  ///< by ballot
  std::array<double, 3> mark_ends_{};  ///< by row of the marks: up to where it is written on
};

}  // namespace

void write_svg(std::ostream& out, const Run& run, const Part& part) { Svg(out, run, part).write(); }

}  // namespace paxbank::view
