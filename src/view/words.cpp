#include "paxbank/view/words.hpp"

#include <nlohmann/json.hpp>

namespace paxbank::view {
namespace {

using Json = nlohmann::json;

/// `5`, `5..8`, or nothing.
std::string slots(const Event& event) {
  if (event.slot == 0) return "";
  const std::string first = " " + std::to_string(event.slot);
  return event.slot_to == event.slot ? first : first + ".." + std::to_string(event.slot_to);
}

/// What tells two messages of a type apart: of an election's the ballot, else the slots.
std::string subject(const Event& event) {
  if (event.type > new_view_type || event.round == 0) return slots(event);
  return " (" + std::to_string(event.round) + ",n" + std::to_string(event.owner) + ")";
}

std::string word(const Json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string mark_words(const Json& body) {
  const Json mark = body.value("mark", Json::object());
  std::string event = word(mark, "event");
  const auto number = [&](const char* key) { return mark.value(key, Json()).dump(); };
  if (event == "set_begin") return "set " + number("set");
  if (event == "set_end") return "set " + number("set") + " ends";
  if (event == "leader_failed") return "LF: n" + number("node");
  if (event == "leader") return "n" + number("node") + " leads";
  if (event == "transaction") return "row " + number("row") + ": " + word(mark, "result");
  return event;
}

}  // namespace

std::string label(const Run& run, const Event& event) {
  if (event.type != no_type) return std::string(type_names[event.type]) + subject(event);
  const Json body = Json::parse(run.text(event.body), nullptr, /*allow_exceptions=*/false);
  auto kind = std::string(kind_names[static_cast<int>(event.kind)]);
  if (!body.is_object()) return kind;
  switch (event.kind) {
    case Kind::order:
      return word(body, "order");
    case Kind::execute:
      return "executes" + slots(event);
    case Kind::answer:
      return "answer: " + word(body, "result");
    case Kind::mark:
      return mark_words(body);
    case Kind::violation:
      return "violation of " + word(body, "rule") + ": " + word(body, "what");
    default:
      break;
  }
  std::string what = word(body, "what");
  return what.empty() ? kind : what;
}

std::string sentence(const Run& run, const Event& event) {
  std::string what = label(run, event);
  if (event.peer == no_lane) return what;
  const std::string& peer = run.lanes[event.peer].name;
  switch (event.kind) {
    case Kind::send:
      return what + " to " + peer + (event.again ? " again" : "");
    case Kind::receive:
      return what + " from " + peer;
    case Kind::drop:
      return what + " from " + peer + " dropped: cut off";
    case Kind::lost:
      return what + " to " + peer + " lost";
    default:
      return what;
  }
}

}  // namespace paxbank::view
