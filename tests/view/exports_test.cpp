// Each export is parsed again, as those who read its form do, and counted against the trace.
#include "paxbank/view/exports.hpp"

#include "paxbank/view/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "traces.hpp"
#include "xml.hpp"
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace paxbank::view {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using Write = void (*)(std::ostream&, const Run&, const Part&);

std::string exported(Write write, const std::string& trace, const Part& part = {}) {
  std::ostringstream out;
  write(out, read(trace), part);
  return out.str();
}

/// A part in the middle of a run.
Part middle_of(const std::string& trace) {
  const std::int64_t end = read(trace).events.back().time_us;
  return {.from_us = end / 3, .to_us = end / 2};
}

bool shown(const Json& line, const Part& part) { return part.holds(line.at("time_us")); }

/// What a drawing shows as arrows: messages whose sender is in the trace.
std::size_t count_arrows(const Plain& plain, const std::set<std::string>& kinds, const Part& part) {
  return static_cast<std::size_t>(
      std::count_if(plain.lines.begin(), plain.lines.end(), [&](const Json& line) {
        if (!kinds.contains(line.at("kind")) || !shown(line, part)) return false;
        const Json* send = plain.send_of(line);
        return send != nullptr && plain.type_of(*send) != "HEARTBEAT";
      }));
}

// --- Perfetto

/// A trace of Chrome's, sorted by what its events are.
struct Perfetto {
  explicit Perfetto(const std::string& text) {
    const Json document = Json::parse(text);
    for (const Json& event : document.at("traceEvents")) {
      by_phase[event.at("ph")].push_back(event);
    }
  }

  void expect_slices_beside_each_other() {
    std::map<int, double> ends;
    for (const Json& slice : by_phase["X"]) {
      double& end = ends.try_emplace(slice.at("tid"), -1).first->second;
      EXPECT_GE(slice.at("ts").get<double>(), end) << slice;
      EXPECT_GT(slice.at("dur").get<double>(), 0) << slice;
      end = slice.at("ts").get<double>() + slice.at("dur").get<double>();
    }
  }

  [[nodiscard]] bool in_a_slice(const Json& end) const {
    const auto& slices = by_phase.at("X");
    return std::any_of(slices.begin(), slices.end(), [&](const Json& slice) {
      const double begin = slice.at("ts");
      const double ts = end.at("ts");
      return slice.at("tid") == end.at("tid") && ts >= begin &&
             ts <= begin + slice.at("dur").get<double>();
    });
  }

  std::map<std::string, std::vector<Json>> by_phase;
};

/// Receives whose step is shown, and the step that sent as well.
std::size_t count_flows(const Plain& plain, const Part& part) {
  return static_cast<std::size_t>(
      std::count_if(plain.lines.begin(), plain.lines.end(), [&](const Json& line) {
        if (line.at("kind") != "receive" || !shown(line, part)) return false;
        const Json* send = plain.send_of(line);
        return send != nullptr && send->contains("cause") &&
               shown(plain.lines[plain.by_id.at(send->at("cause"))], part);
      }));
}

/// Returns how many flows there are.
std::size_t expect_perfetto_holds(const std::string& trace, const Part& part) {
  const Plain plain(trace);
  Perfetto perfetto(exported(write_perfetto, trace, part));
  perfetto.expect_slices_beside_each_other();
  const std::size_t flows = count_flows(plain, part);
  std::map<int, std::pair<int, int>> ends;  // by id: begins, ends
  for (const Json& begin : perfetto.by_phase["s"]) {
    EXPECT_TRUE(perfetto.in_a_slice(begin)) << begin;
    ++ends[begin.at("id")].first;
  }
  for (const Json& end : perfetto.by_phase["f"]) {
    EXPECT_TRUE(perfetto.in_a_slice(end)) << end;
    EXPECT_EQ(end.at("bp"), "e");
    ++ends[end.at("id")].second;
  }
  EXPECT_EQ(ends.size(), flows);
  for (const auto& [id, both] : ends) EXPECT_EQ(both, std::pair(1, 1)) << id;
  return flows;
}

TEST(Perfetto, EachMessageBetweenStepsIsAFlowAndNoSliceOverlapsAnother) {
  std::size_t flows = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::string trace = simulated(seed, 5);
    flows += expect_perfetto_holds(trace, {});
    flows += expect_perfetto_holds(trace, middle_of(trace));
  }
  EXPECT_GT(flows, 1'000U);
  EXPECT_EQ(expect_perfetto_holds(nasty_trace(), {}), 2U);
}

TEST(Perfetto, AStepIsASliceOfItsOwnTime) {
  const std::string trace = simulated(4, 20);
  const Plain plain(trace);
  const std::set<std::string> inputs{"receive", "start", "timer",   "order",
                                     "submit",  "burst", "restart", "stored"};
  const auto steps = std::count_if(plain.lines.begin(), plain.lines.end(),
                                   [&](const Json& l) { return inputs.contains(l.at("kind")); });
  Perfetto perfetto(exported(write_perfetto, trace));
  EXPECT_EQ(std::ssize(perfetto.by_phase["X"]), steps);
  // In virtual time a step takes none.
  for (const Json& slice : perfetto.by_phase["X"]) EXPECT_LT(slice.at("dur"), 1) << slice;
}

TEST(Perfetto, LanesHaveTheirNames) {
  Perfetto perfetto(exported(write_perfetto, nasty_trace()));
  std::set<std::string> names;
  for (const Json& meta : perfetto.by_phase["M"]) names.insert(meta["args"].value("name", ""));
  EXPECT_THAT(names, AllOf(Contains("n3"), Contains(nasty_name)));
}

// --- ShiViz

/// What ShiViz makes of a text by the pattern in its first line.
struct ShiViz {
  struct Line {
    std::string event;
    std::string host;
    std::map<std::string, int> clock;
  };

  explicit ShiViz(const std::string& text) {
    std::istringstream in(text);
    std::string pattern;
    std::string divider;
    std::getline(in, pattern);
    std::getline(in, divider);
    EXPECT_EQ(pattern, R"((?<event>.*)\n(?<host>\S*) (?<clock>{.*}))");
    EXPECT_EQ(divider, "");
    // The same without names, and with the braces that only JavaScript lets stand.
    const std::regex line(R"((.*)\n(\S*) (\{.*\}))");
    const std::string rest(text, pattern.size() + 2);
    for (std::sregex_iterator match(rest.begin(), rest.end(), line), end; match != end; ++match) {
      lines.push_back({(*match)[1], (*match)[2], Json::parse((*match)[3].str())});
    }
  }

  std::vector<Line> lines;
};

/// No event is left out of a clock, and none is known before it happened.
void expect_clocks_without_holes(const ShiViz& shiviz) {
  std::map<std::string, std::map<std::string, int>> last;
  for (const ShiViz::Line& line : shiviz.lines) {
    std::map<std::string, int>& before = last[line.host];
    EXPECT_EQ(line.clock.at(line.host), before[line.host] + 1) << line.event;
    for (const auto& [host, events] : before) {
      EXPECT_GE(line.clock.contains(host) ? line.clock.at(host) : 0, events) << line.event;
    }
    for (const auto& [host, events] : line.clock) {
      EXPECT_LE(events, host == line.host ? events : last[host][host]) << line.event;
    }
    before = line.clock;
  }
}

/// The lines of a host that are of a kind, which ShiViz does not know; so they are numbered.
std::vector<const ShiViz::Line*> lines_of(const ShiViz& shiviz, const std::string& host,
                                          const std::string& word) {
  const std::regex message("[A-Z_]+( [0-9.]+| [(][0-9]+,n[0-9]+[)])?" + word + "\\S+( again)?");
  std::vector<const ShiViz::Line*> found;
  for (const ShiViz::Line& line : shiviz.lines) {
    const bool lost = line.event.ends_with(" lost") || line.event.ends_with(" dropped: cut off");
    if (line.host == host && !lost && std::regex_match(line.event, message)) found.push_back(&line);
  }
  return found;
}

void expect_receives_know_their_sends(const Plain& plain, const ShiViz& shiviz) {
  std::map<std::string, std::size_t> sent;
  std::map<std::string, std::size_t> received;
  std::map<std::string, const ShiViz::Line*> by_send;
  std::map<std::string, std::vector<const ShiViz::Line*>> sends;
  std::map<std::string, std::vector<const ShiViz::Line*>> receives;
  for (const ShiViz::Line& line : shiviz.lines) {
    if (sends.contains(line.host)) continue;
    sends[line.host] = lines_of(shiviz, line.host, " to ");
    receives[line.host] = lines_of(shiviz, line.host, " from ");
  }
  std::size_t arrows = 0;
  for (const Json& line : plain.lines) {
    const std::string host = line.at("node");
    if (line.at("kind") == "send") by_send[line.at("id")] = sends.at(host).at(sent[host]++);
    if (line.at("kind") != "receive") continue;
    const ShiViz::Line& receive = *receives.at(host).at(received[host]++);
    const ShiViz::Line& send = *by_send.at(line.at("send"));
    ++arrows;
    for (const auto& [at, events] : send.clock) {
      EXPECT_GE(receive.clock.contains(at) ? receive.clock.at(at) : 0, events) << receive.event;
    }
  }
  EXPECT_EQ(arrows, plain.count("receive"));
}

TEST(ShiViz, ClocksHaveNoHolesAndReceivesKnowTheirSends) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::string trace = simulated(seed, 5);
    const Plain plain(trace);
    const std::string text = exported(write_shiviz, trace);
    const ShiViz shiviz(text);
    EXPECT_EQ(std::ssize(shiviz.lines), (std::count(text.begin(), text.end(), '\n') - 2) / 2);
    expect_clocks_without_holes(shiviz);
    expect_receives_know_their_sends(plain, shiviz);
    expect_clocks_without_holes(ShiViz(exported(write_shiviz, trace, middle_of(trace))));
  }
}

TEST(ShiViz, TextOfATraceIsNoSignOfIts) {
  const std::string trace =
      trace_of({R"({"time_us":1,"node":"a b","kind":"event","what":"odd {\"n1\": 9}\nn1 {}"})",
                R"({"time_us":2,"node":"a%20b","kind":"event","what":"x"})"});
  const ShiViz shiviz(exported(write_shiviz, trace));
  ASSERT_EQ(shiviz.lines.size(), 2U);
  EXPECT_EQ(shiviz.lines[0].event, "odd (\"n1\": 9) n1 ()");
  EXPECT_EQ(shiviz.lines[0].host, "a%20b");
  EXPECT_EQ(shiviz.lines[1].host, "a%2520b");
  const ShiViz nasty(exported(write_shiviz, nasty_trace()));
  EXPECT_EQ(nasty.lines.size(), 13U);
  expect_clocks_without_holes(nasty);
}

// --- Mermaid

/// What Mermaid makes of a text: whom it draws, and between whom.
struct Mermaid {
  explicit Mermaid(const std::string& text) {
    std::istringstream in(text);
    std::string line;
    std::getline(in, line);
    EXPECT_EQ(line, "sequenceDiagram");
    const std::regex participant("  participant (p[0-9]+) as ([^#;\\n]|#[0-9]+;)+");
    const std::regex note("  Note over (p[0-9]+): (?:[^#;\\n]|#[0-9]+;)+");
    const std::regex arrow("  (p[0-9]+)(-?->>|-?-x)(p[0-9]+): (?:[^#;\\n]|#[0-9]+;)+");
    std::smatch match;
    while (std::getline(in, line)) {
      if (std::regex_match(line, match, participant)) {
        EXPECT_TRUE(participants.insert(match[1]).second) << line;
      } else if (std::regex_match(line, match, note)) {
        EXPECT_TRUE(participants.contains(match[1])) << line;
        ++notes;
      } else if (std::regex_match(line, match, arrow)) {
        EXPECT_TRUE(participants.contains(match[1])) << line;
        EXPECT_TRUE(participants.contains(match[3])) << line;
        ++(match[2].str().ends_with('x') ? lost : arrived);
      } else {
        ADD_FAILURE() << "no line of Mermaid's: " << line;
      }
    }
  }

  std::set<std::string> participants;
  std::size_t notes = 0;
  std::size_t arrived = 0;
  std::size_t lost = 0;
};

TEST(Mermaid, EachMessageOfAnExcerptIsAnArrow) {
  const std::string trace = simulated(2, 40);
  const Plain plain(trace);
  std::size_t arrived = 0;
  std::size_t lost = 0;
  // Where something happens, however long nothing does in between.
  for (std::size_t part = 0; part < 10; ++part) {
    const std::int64_t from = plain.lines.at(part * plain.lines.size() / 10).at("time_us");
    const Part excerpt{.from_us = from, .to_us = from + 60'000};
    const Mermaid mermaid(exported(write_mermaid, trace, excerpt));
    EXPECT_EQ(mermaid.arrived, count_arrows(plain, {"receive"}, excerpt));
    EXPECT_EQ(mermaid.lost, count_arrows(plain, {"lost", "drop"}, excerpt));
    arrived += mermaid.arrived;
    lost += mermaid.lost;
  }
  EXPECT_GT(arrived, 100U);
  EXPECT_GT(lost, 10U);
}

TEST(Mermaid, WhatItWouldNotDrawIsRefused) {
  const std::string trace = simulated(2, 300);
  try {
    (void)exported(write_mermaid, trace);
    FAIL() << "too much, and not refused";
  } catch (const TooMuch& wrong) {
    EXPECT_THAT(wrong.what(), AllOf(HasSubstr("Mermaid draws 50000 at most"), HasSubstr("--from")));
  }
}

TEST(Mermaid, TextOfATraceIsNoSignOfIts) {
  const std::string text = exported(write_mermaid, nasty_trace());
  const Mermaid mermaid(text);
  EXPECT_EQ(mermaid.arrived, 2U);
  EXPECT_EQ(mermaid.lost, 2U);
  EXPECT_EQ(mermaid.notes, 4U);
  EXPECT_THAT(text, AllOf(HasSubstr("#60;script#62;"), Not(HasSubstr("<")), Not(HasSubstr("%%"))));
}

// --- SVG

std::size_t count_class(const std::vector<Element>& elements, const std::string& name) {
  return static_cast<std::size_t>(
      std::count_if(elements.begin(), elements.end(), [&](const Element& element) {
        const auto found = element.attributes.find("class");
        return found != element.attributes.end() && found->second == name;
      }));
}

TEST(Svg, EachMessageIsAnArrowAndEachLossACross) {
  const std::string trace = simulated(2, 5);
  const Plain plain(trace);
  for (const Part& part : {Part{.to_us = 500'000}, middle_of(trace)}) {
    const auto elements = read_xml(exported(write_svg, trace, part));
    EXPECT_EQ(elements.back().name, "svg");
    EXPECT_EQ(count_class(elements, "message"), count_arrows(plain, {"receive"}, part));
    EXPECT_EQ(count_class(elements, "lost"), count_arrows(plain, {"lost", "drop"}, part));
  }
}

TEST(Svg, TextOfATraceIsText) {
  const auto elements = read_xml(exported(write_svg, nasty_trace()));
  EXPECT_EQ(count_class(elements, "message"), 2U);
  EXPECT_EQ(count_class(elements, "lost"), 2U);
  EXPECT_THAT(elements, Contains(Field(&Element::text, nasty_name)));
  EXPECT_THAT(elements, Not(Contains(Field(&Element::name, "script"))));
}

TEST(Svg, WhatCannotBeToldApartIsRefused) {
  try {
    (void)exported(write_svg, simulated(2, 300));
    FAIL() << "too much, and not refused";
  } catch (const TooMuch& wrong) {
    EXPECT_THAT(wrong.what(), AllOf(HasSubstr("3000 at most"), HasSubstr("--from")));
  }
}

TEST(Svg, APartInWhichNothingHappensIsADrawingAllTheSame) {
  for (const Part& part : {Part{.from_us = 1'000'000'000}, Part{.from_us = 10, .to_us = 10}}) {
    for (const Write write : {write_svg, write_perfetto, write_shiviz, write_mermaid}) {
      EXPECT_FALSE(exported(write, nasty_trace(), part).empty());
    }
    EXPECT_FALSE(read_xml(exported(write_svg, nasty_trace(), part)).empty());
  }
}

// --- The page

TEST(Page, TextOfATraceIsNeverMarkup) {
  std::ostringstream out;
  write_page(out, read(nasty_trace()), {.title = nasty_name, .open_at = 16});
  const std::string page = out.str();
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("@HEAD@")));
  EXPECT_THAT(page, Not(HasSubstr("@DATA@")));
  EXPECT_THAT(page, Not(HasSubstr("src=\"http")));
  const Json head = Json::parse(page_head(read(nasty_trace()), {.title = nasty_name}));
  EXPECT_EQ(head["title"], nasty_name);
  EXPECT_EQ(head["lanes"][3]["name"], nasty_name);
}

}  // namespace
}  // namespace paxbank::view
