// A run as it can be drawn: its events in order, tied to each other by their places. What it is
// made of is docs/trace.md's; it does not matter here which kind of run it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank::view {

enum class Kind : std::uint8_t {
  send,
  receive,
  drop,
  lost,
  start,
  timer,
  order,
  submit,
  burst,
  stored,
  event,
  state,
  execute,
  answer,
  fault,
  crash,
  restart,
  mark,
  violation,
};
inline constexpr std::string_view kind_names[] = {
    "send",   "receive", "drop",    "lost",  "start",    "timer",   "order",
    "submit", "burst",   "stored",  "event", "state",    "execute", "answer",
    "fault",  "crash",   "restart", "mark",  "violation"};

inline constexpr std::string_view type_names[] = {"PREPARE",   "PROMISE",   "NEW_VIEW", "ACCEPT",
                                                  "ACCEPTED",  "COMMIT",    "REQUEST",  "REPLY",
                                                  "HEARTBEAT", "CHECKPOINT"};
inline constexpr std::uint8_t prepare_type = 0;
inline constexpr std::uint8_t new_view_type = 2;
inline constexpr std::uint8_t heartbeat_type = 8;
/// The type of what is no message.
inline constexpr std::uint8_t no_type = 0xFF;

/// The place of an event, or of a text, that is not there.
inline constexpr std::uint32_t nowhere = 0xFFFF'FFFF;
/// The lane of nobody.
inline constexpr std::uint16_t no_lane = 0xFFFF;

/// One line of the trace. Places are indices into `Run::events`.
struct Event {
  std::int64_t time_us = 0;
  std::uint32_t link = nowhere;   ///< of receive, drop, lost: the send
  std::uint32_t cause = nowhere;  ///< the input that it came of
  std::uint32_t slot = 0;         ///< the first slot that it speaks of; 0: of none
  std::uint32_t slot_to = 0;      ///< and the last
  std::uint32_t round = 0;        ///< of the ballot that it speaks of; 0: of none
  std::uint32_t body = nowhere;   ///< what else it says: a text; several may share one
  std::uint16_t lane = 0;
  std::uint16_t peer = no_lane;
  Kind kind = Kind::send;
  std::uint8_t type = no_type;  ///< of the message: an index into `type_names`
  std::uint8_t owner = 0;       ///< of the ballot
  bool again = false;           ///< a resend
};

/// Whether a drawing has an arrow for it: a message that came to its end, one way or the other.
/// HEARTBEATs would hide all others.
[[nodiscard]] bool is_arrow(const Event& event);

/// Where something happens: a row of the picture.
struct Lane {
  enum class Sort : std::uint8_t { run, network, client, node };
  std::string name;
  Sort sort = Sort::client;
};
[[nodiscard]] std::string_view to_string(Lane::Sort sort);

struct Run {
  std::string by;
  std::string id;
  std::uint64_t seed = 0;
  std::uint32_t nodes = 0;
  std::int64_t opening_balance = 0;
  std::vector<Lane> lanes;  ///< the run, the network, clients, nodes; then whoever else turns up
  std::vector<Event> events;
  /// What is not as it should be with the trace, in words.
  std::vector<std::string> notes;

  /// A text: the line's JSON object, without what the event says itself.
  [[nodiscard]] std::string_view text(std::uint32_t body) const {
    if (body == nowhere) return "{}";
    return std::string_view(texts).substr(text_begins[body],
                                          text_begins[body + 1] - text_begins[body]);
  }
  /// What the trace calls a send, of a run that grows; "" for any other event.
  [[nodiscard]] std::string_view name(std::uint32_t place) const {
    return names.empty() || names[place] == nowhere ? "" : text(names[place]);
  }
  /// The first violation, if there is one.
  [[nodiscard]] std::optional<std::uint32_t> violation() const;

  std::vector<std::uint32_t> names;  ///< by event, a text; only of a run that grows
  std::string texts;
  std::vector<std::uint32_t> text_begins{0};  ///< and, last, where they all end
};

}  // namespace paxbank::view
