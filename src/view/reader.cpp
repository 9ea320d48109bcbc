#include "paxbank/view/reader.hpp"

#include <algorithm>
#include <istream>
#include <numeric>
#include <simdjson.h>
#include <unordered_map>

namespace paxbank::view {
namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

constexpr std::string_view head_form =
    "{\"paxbank_trace\":2,\"by\":…,\"run\":…,\"nodes\":…,\"clients\":[…],…}";
constexpr int version = 2;
/// Notes about single lines; more are only counted.
constexpr std::size_t line_notes_limit = 5;

std::string no_head() {
  return "line 1: no head of a trace: it would be " + std::string(head_form);
}

std::string_view text_of(const Element& element) {
  std::string_view text;
  return element.get(text) == simdjson::SUCCESS ? text : "";
}

std::int64_t number_of(const Element& element) {
  std::int64_t number = 0;
  return element.get(number) == simdjson::SUCCESS ? number : 0;
}

std::uint32_t slot_of(const Element& element) {
  const std::int64_t number = number_of(element);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, nowhere - 1));
}

template <std::size_t size>
std::optional<std::uint8_t> index_of(const std::string_view (&names)[size], std::string_view name) {
  const auto* found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<std::uint8_t>(found - std::begin(names));
}

void widen(Event& event, std::uint32_t slot) {
  if (slot == 0) return;
  event.slot = event.slot == 0 ? slot : std::min(event.slot, slot);
  event.slot_to = std::max(event.slot_to, slot);
}

void take_ballot(Event& event, const Element& value) {
  Array pair;
  if (value.get(pair) != simdjson::SUCCESS || pair.size() != 2) return;
  event.round = slot_of(pair.at(0));
  event.owner = static_cast<std::uint8_t>(slot_of(pair.at(1)));
}

/// Entries `[ballot, slot, command]`, or slots.
void take_slots(Event& event, const Element& value) {
  Array list;
  if (value.get(list) != simdjson::SUCCESS) return;
  for (const Element item : list) {
    Array entry;
    const bool whole = item.get(entry) == simdjson::SUCCESS && entry.size() == 3;
    widen(event, slot_of(whole ? Element(entry.at(1)) : item));
  }
}

/// Whether a text can stand between quotes as it is.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  });
}

/// Of which slots and which ballot a message, or an event, speaks.
void take_subject(Event& event, std::string_view key, const Element& value) {
  if (key == "ballot") {
    take_ballot(event, value);
  } else if (key == "sequence_number" || key == "through" || key == "base") {
    widen(event, slot_of(value));
  } else if (key == "accept_log" || key == "accepted" || key == "learned" || key == "chosen") {
    take_slots(event, value);
  }
}

/// That of the same message.
void take_subject(Event& event, const Event& said) {
  event.type = said.type;
  event.slot = said.slot;
  event.slot_to = said.slot_to;
  event.round = said.round;
  event.owner = said.owner;
}

void take_message(Event& event, const Element& value) {
  Object message;
  if (value.get(message) != simdjson::SUCCESS) return;
  for (const auto [key, field] : message) {
    if (key == "type") {
      event.type = index_of(type_names, text_of(field)).value_or(no_type);
    } else if (key == "from_sequence") {
      // A PREPARE asks from there on; what a PROMISE speaks of is its entries.
      if (event.type == prepare_type) widen(event, slot_of(field));
    } else if (key == "requests") {
      Array commands;
      if (field.get(commands) == simdjson::SUCCESS && event.slot > 0 && commands.size() > 0) {
        widen(event, event.slot + static_cast<std::uint32_t>(commands.size()) - 1);
      }
    } else {
      take_subject(event, key, field);
    }
  }
}

/// `"inputs":[…]`
std::string inputs_field(const std::vector<std::uint32_t>& places) {
  std::string text = "\"inputs\":[";
  for (const std::uint32_t place : places) {
    if (text.back() != '[') text += ',';
    text += std::to_string(place);
  }
  return text + ']';
}

}  // namespace

bool is_arrow(const Event& event) {
  return (event.kind == Kind::receive || event.kind == Kind::lost || event.kind == Kind::drop) &&
         event.peer != no_lane && event.type != heartbeat_type;
}

std::string_view to_string(Lane::Sort sort) {
  constexpr std::string_view words[] = {"run", "network", "client", "node"};
  return words[static_cast<int>(sort)];
}

std::optional<std::uint32_t> Run::violation() const {
  const auto found = std::find_if(events.begin(), events.end(),
                                  [](const Event& e) { return e.kind == Kind::violation; });
  if (found == events.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - events.begin());
}

class Reader::Lines {
 public:
  Lines(const Limits& limits, Trace trace) : limits_(limits), growing_(trace == Trace::growing) {}

  bool take(std::string_view line);
  void take_unended(std::string_view line);
  void take_too_long();
  void finish();

  Run run;

 private:
  void take_head(std::string_view line);
  bool take_other_head(const Object& object);
  void take_event(const Object& object);
  bool take_tie(Event& event, std::string_view key, const Element& value);
  std::uint32_t place_of(std::string_view id) const;
  std::uint16_t lane_of(std::string_view name);
  std::uint16_t add_lane(std::string name, Lane::Sort sort);
  void add_inputs(const Element& value);
  void renumber_inputs(Event& burst, const std::vector<std::uint32_t>& now);
  void share_with_send(Event& event);
  std::uint32_t add_text(std::string_view text);
  void grow(Event& event, std::string_view id);
  void note_line(const std::string& what);
  void sort();

  Limits limits_;
  const bool growing_;
  simdjson::dom::parser parser_;
  std::string padded_;
  std::uint64_t line_ = 0;
  std::uint64_t noted_ = 0;  ///< lines that there is something to say of
  std::uint64_t late_ = 0;   ///< the first line that is earlier than the one before it
  std::unordered_map<std::string, std::uint16_t> lane_index_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::string body_;
};

// --- The head

void Reader::Lines::take_head(std::string_view line) {
  Object head;
  std::int64_t number = 0;
  const bool object = parser_.parse(line.data(), line.size()).get(head) == simdjson::SUCCESS;
  if (!object || head["paxbank_trace"].get(number) != simdjson::SUCCESS) {
    const bool older = object && head["time_us"].error() == simdjson::SUCCESS;
    throw NoTrace(older ? "line 1: a trace of an older paxbank, without a head; write it anew with "
                          "--trace"
                        : no_head());
  }
  if (number != version) {
    throw NoTrace("line 1: a trace of version " + std::to_string(number) +
                  "; this program reads version " + std::to_string(version));
  }
  for (const auto [key, value] : head) {
    if (key == "by") run.by = text_of(value);
    if (key == "run") run.id = text_of(value);
    if (key == "seed") run.seed = static_cast<std::uint64_t>(number_of(value));
    if (key == "nodes") run.nodes = slot_of(value);
    if (key == "opening_balance") run.opening_balance = number_of(value);
  }
  add_lane("run", Lane::Sort::run);
  add_lane("network", Lane::Sort::network);
  Array clients;
  if (head["clients"].get(clients) == simdjson::SUCCESS) {
    for (const Element client : clients) {
      add_lane(std::string(text_of(client)), Lane::Sort::client);
    }
  }
  constexpr std::uint32_t nodes_limit = 99;
  for (std::uint32_t n = 1; n <= std::min(run.nodes, nodes_limit); ++n) {
    add_lane("n" + std::to_string(n), Lane::Sort::node);
  }
}

/// Whether a line begins another trace: two runs were written to one file.
bool Reader::Lines::take_other_head(const Object& object) {
  if (object["paxbank_trace"].error() != simdjson::SUCCESS) return false;
  run.notes.push_back("line " + std::to_string(line_) +
                      " begins another run; shown is the first, up to there");
  return true;
}

// --- Lines

bool Reader::Lines::take(std::string_view line) {
  ++line_;
  padded_.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  padded_.assign(line);
  if (line_ == 1) {
    take_head(padded_);
    return true;
  }
  Object object;
  if (parser_.parse(padded_.data(), padded_.size(), false).get(object) != simdjson::SUCCESS) {
    note_line("is not JSON");
    return true;
  }
  if (take_other_head(object)) return false;
  if (run.events.size() >= limits_.events || run.texts.size() >= limits_.text_bytes) {
    run.notes.push_back("shown are the first " + std::to_string(run.events.size()) +
                        " events, up to line " + std::to_string(line_ - 1) +
                        "; more cannot be shown at once");
    return false;
  }
  take_event(object);
  return true;
}

void Reader::Lines::take_unended(std::string_view line) {
  if (line_ == 0) {
    take(line);
    return;
  }
  run.notes.push_back("line " + std::to_string(line_ + 1) +
                      " is cut off in the middle; shown is what is before it");
}

void Reader::Lines::take_too_long() {
  if (line_ == 0) throw NoTrace(no_head());
  ++line_;
  note_line("has more than " + std::to_string(limits_.line_bytes) + " bytes; it is left out");
}

void Reader::Lines::take_event(const Object& object) {
  Event event;
  bool known = false;
  bool placed = false;
  std::string_view id;
  body_.assign("{");
  for (const auto [key, value] : object) {
    if (key == "time_us") {
      event.time_us = number_of(value);
    } else if (key == "node") {
      event.lane = lane_of(text_of(value));
      placed = true;
    } else if (key == "kind") {
      const auto kind = index_of(kind_names, text_of(value));
      known = kind.has_value();
      if (known) event.kind = static_cast<Kind>(*kind);
    } else if (key == "id") {
      id = text_of(value);
    } else if (event.kind == Kind::burst && key == "inputs") {
      add_inputs(value);
    } else if (!take_tie(event, key, value) && is_plain(key)) {
      if (body_.size() > 1) body_ += ',';
      ((body_ += '"') += key) += "\":";
      body_ += simdjson::minify(value);
    }
  }
  body_ += '}';
  if (!known || !placed) {
    note_line("is no event of a trace");
    return;
  }
  share_with_send(event);
  if (event.body == nowhere && body_.size() > 2) event.body = add_text(body_);
  if (growing_) grow(event, id);
  if (late_ == 0 && !run.events.empty() && event.time_us < run.events.back().time_us) late_ = line_;
  const auto place = static_cast<std::uint32_t>(run.events.size());
  if (!id.empty() && !places_.try_emplace(std::string(id), place).second) {
    note_line("uses the name " + std::string(id) + " again; two runs in one file?");
  }
  run.events.push_back(event);
}

std::uint32_t Reader::Lines::add_text(std::string_view text) {
  run.texts += text;
  run.text_begins.push_back(static_cast<std::uint32_t>(run.texts.size()));
  return static_cast<std::uint32_t>(run.text_begins.size() - 2);
}

void Reader::Lines::grow(Event& event, std::string_view id) {
  run.names.push_back(event.kind == Kind::send && !id.empty() ? add_text(id) : nowhere);
  if (!run.events.empty()) event.time_us = std::max(event.time_us, run.events.back().time_us);
}

/// Takes what ties an event to others, and what it is about. Returns whether nothing of that is
/// left to be kept as text.
bool Reader::Lines::take_tie(Event& event, std::string_view key, const Element& value) {
  if (key == "peer" && event.kind != Kind::event) {
    event.peer = lane_of(text_of(value));
  } else if (key == "send") {
    event.link = place_of(text_of(value));
    if (event.link == nowhere) note_line("names a send that is not there");
  } else if (key == "cause") {
    event.cause = place_of(text_of(value));
  } else if (key == "same_as") {
    const std::uint32_t first = place_of(text_of(value));
    if (first == nowhere) {
      note_line("names a send that is not there");
      return true;
    }
    take_subject(event, run.events[first]);
    event.body = run.events[first].body;
  } else if (key == "again") {
    event.again = true;
  } else if (key == "why") {
    return true;  // the cause says it
  } else {
    if (key == "message") {
      take_message(event, value);
    } else {
      take_subject(event, key, value);
    }
    return false;
  }
  return true;
}

/// A burst's inputs, by their places: names are not kept.
void Reader::Lines::add_inputs(const Element& value) {
  Array names;
  if (value.get(names) != simdjson::SUCCESS) return;
  std::vector<std::uint32_t> places;
  for (const Element name : names) {
    const std::uint32_t place = place_of(text_of(name));
    if (place != nowhere) places.push_back(place);
  }
  if (body_.size() > 1) body_ += ",";
  body_ += inputs_field(places);
}

/// What arrived is what was sent.
void Reader::Lines::share_with_send(Event& event) {
  if (event.link == nowhere) return;
  const Event& send = run.events[event.link];
  take_subject(event, send);
  event.again = send.again;
  if (event.kind != Kind::lost) event.body = send.body;  // a loss has a reason of its own
}

std::uint32_t Reader::Lines::place_of(std::string_view id) const {
  const auto known = places_.find(std::string(id));
  return known == places_.end() ? nowhere : known->second;
}

std::uint16_t Reader::Lines::add_lane(std::string name, Lane::Sort sort) {
  const auto lane = static_cast<std::uint16_t>(run.lanes.size());
  const auto [known, fresh] = lane_index_.try_emplace(name, lane);
  if (fresh) run.lanes.push_back({std::move(name), sort});
  return known->second;
}

/// Whoever is not in the head is a client from outside.
std::uint16_t Reader::Lines::lane_of(std::string_view name) {
  const auto known = lane_index_.find(std::string(name));
  if (known != lane_index_.end()) return known->second;
  if (run.lanes.size() >= no_lane) return 0;
  return add_lane(std::string(name), Lane::Sort::client);
}

void Reader::Lines::note_line(const std::string& what) {
  if (++noted_ > line_notes_limit) return;
  run.notes.push_back("line " + std::to_string(line_) + " " + what);
}

// --- The end

void Reader::Lines::finish() {
  if (line_ == 0) throw NoTrace("is empty: a trace begins with " + std::string(head_form));
  if (noted_ > line_notes_limit) {
    run.notes.push_back("so it is with " + std::to_string(noted_ - line_notes_limit) +
                        " more lines");
  }
  if (late_ == 0) return;
  run.notes.push_back(
      "line " + std::to_string(late_) +
      " is earlier than the one before it: all are put in the order of their times");
  sort();
}

/// The processes of a run that was killed have left their lines as they wrote them.
void Reader::Lines::sort() {
  std::vector<std::uint32_t> order(run.events.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return run.events[a].time_us < run.events[b].time_us;
  });
  std::vector<std::uint32_t> now(order.size());
  std::vector<Event> sorted;
  sorted.reserve(order.size());
  for (const std::uint32_t before : order) {
    now[before] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(run.events[before]);
  }
  for (Event& event : sorted) {
    if (event.link != nowhere) event.link = now[event.link];
    if (event.cause != nowhere) event.cause = now[event.cause];
    if (event.kind == Kind::burst && event.body != nowhere) renumber_inputs(event, now);
  }
  run.events = std::move(sorted);
}

/// Its inputs stand at other places now.
void Reader::Lines::renumber_inputs(Event& burst, const std::vector<std::uint32_t>& now) {
  const std::uint32_t begin = run.text_begins[burst.body];
  padded_ = run.texts.substr(begin, run.text_begins[burst.body + 1] - begin);
  std::vector<std::uint32_t> places;
  for (const Element input : parser_.parse(padded_)["inputs"].get_array()) {
    places.push_back(now[slot_of(input)]);
  }
  burst.body = add_text("{" + inputs_field(places) + "}");
}

Reader::Reader(const Limits& limits, Trace trace)
    : lines_(std::make_unique<Lines>(limits, trace)) {}
Reader::~Reader() = default;
bool Reader::take(std::string_view line) { return lines_->take(line); }
void Reader::take_unended(std::string_view line) { lines_->take_unended(line); }
void Reader::take_too_long() { lines_->take_too_long(); }
void Reader::finish() { lines_->finish(); }
const Run& Reader::run() const { return lines_->run; }
Run Reader::take_run() { return std::move(lines_->run); }

Run read_trace(std::istream& in, const Limits& limits) {
  constexpr std::size_t block = std::size_t{1} << 20U;
  Reader reader(limits);
  std::string text;
  std::size_t searched = 0;  // of `text`, without finding the end of a line
  bool skipping = false;     // the rest of a line that is too long
  bool more = true;
  while (more && in) {
    const std::size_t before = text.size();
    text.resize(before + block);
    in.read(text.data() + before, static_cast<std::streamsize>(block));
    text.resize(before + static_cast<std::size_t>(in.gcount()));
    std::size_t begin = 0;
    std::size_t end = text.find('\n', searched);
    for (; more && end != std::string::npos; end = text.find('\n', begin)) {
      if (!skipping) more = reader.take(std::string_view(text).substr(begin, end - begin));
      skipping = false;
      begin = end + 1;
    }
    text.erase(0, begin);
    if (!skipping && text.size() > limits.line_bytes) {
      reader.take_too_long();
      skipping = true;
    }
    if (skipping) text.clear();
    searched = text.size();
  }
  if (more && !text.empty()) reader.take_unended(text);
  reader.finish();
  Run run = reader.take_run();
  if (!run.events.empty()) return run;
  throw NoTrace(run.notes.empty() ? "nothing happened: it has a head and no event"
                                  : run.notes.front() + "; no event is left to show");
}

}  // namespace paxbank::view
