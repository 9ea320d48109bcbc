#include "paxbank/cluster/orders.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/wire/codec.hpp"
#include "paxbank/wire/reader.hpp"
#include "paxbank/wire/writer.hpp"

#include <nlohmann/json.hpp>

// One list of fields for each type, from which both directions follow. Both ends are this same
// program, so that a value is its fields and a choice is its index.

NLOHMANN_JSON_NAMESPACE_BEGIN

template <class Rep, class Period>
struct adl_serializer<std::chrono::duration<Rep, Period>> {
  static void to_json(json& j, std::chrono::duration<Rep, Period> value) { j = value.count(); }
  static void from_json(const json& j, std::chrono::duration<Rep, Period>& value) {
    value = std::chrono::duration<Rep, Period>(j.get<Rep>());
  }
};

template <class Clock, class Length>
struct adl_serializer<std::chrono::time_point<Clock, Length>> {
  static void to_json(json& j, std::chrono::time_point<Clock, Length> value) {
    j = value.time_since_epoch();
  }
  static void from_json(const json& j, std::chrono::time_point<Clock, Length>& value) {
    value = std::chrono::time_point<Clock, Length>(j.get<Length>());
  }
};

template <class Value>
struct adl_serializer<std::optional<Value>> {
  static void to_json(json& j, const std::optional<Value>& value) {
    j = value ? json::array({*value}) : json::array();
  }
  static void from_json(const json& j, std::optional<Value>& value) {
    value = j.empty() ? std::nullopt : std::optional<Value>(j.at(0).get<Value>());
  }
};

template <class... Choices>
struct adl_serializer<std::variant<Choices...>> {
  using Variant = std::variant<Choices...>;

  static void to_json(json& j, const Variant& value) {
    std::visit(
        [&]<class Choice>(const Choice& choice) {
          j = json::array({value.index()});
          if constexpr (!std::is_empty_v<Choice>) j.push_back(choice);
        },
        value);
  }
  static void from_json(const json& j, Variant& value) {
    std::size_t index = 0;
    const auto chosen = j.at(0).get<std::size_t>();
    const auto read = [&]<class Choice>(std::type_identity<Choice>) {
      if (index++ != chosen) return;
      if constexpr (std::is_empty_v<Choice>) {
        value = Choice{};
      } else {
        value = j.at(1).get<Choice>();
      }
    };
    (read(std::type_identity<Choices>{}), ...);
  }
};

/// As the line that the wire would carry.
template <>
struct adl_serializer<paxbank::Message> {
  static void to_json(json& j, const paxbank::Message& message) {
    j = paxbank::wire::encode(message);
  }
  static void from_json(const json& j, paxbank::Message& message) {
    auto decoded = paxbank::wire::decode(j.get_ref<const std::string&>(), paxbank::nodes_limit);
    PAXBANK_ASSERT(std::holds_alternative<paxbank::Message>(decoded),
                   "a child sends what it took for a message");
    message = std::get<paxbank::Message>(std::move(decoded));
  }
};

NLOHMANN_JSON_NAMESPACE_END

namespace paxbank {

using Json = nlohmann::json;

void to_json(Json& j, const Name& name) { j = name.view(); }
void from_json(const Json& j, Name& name) { name = Name(j.get_ref<const std::string&>()); }

/// The types of the vocabulary: one value each.
template <class Word>
concept Vocabulary = std::is_same_v<Word, NodeId> || std::is_same_v<Word, SequenceNumber> ||
    std::is_same_v<Word, Timestamp> || std::is_same_v<Word, Amount> ||
    std::is_same_v<Word, ClientId> || std::is_same_v<Word, AccountId>;

void to_json(Json& j, const Vocabulary auto& word) { j = word.value; }
void from_json(const Json& j, Vocabulary auto& word) { j.get_to(word.value); }

/// What messages are made of looks here as on the wire.
template <class Type>
concept OfTheWire = std::is_same_v<Type, Ballot> || std::is_same_v<Type, Transaction> ||
    std::is_same_v<Type, Request> || std::is_same_v<Type, Checkpoint> ||
    std::is_same_v<Type, AcceptedEntry>;

void to_json(Json& j, const OfTheWire auto& value) {
  std::string text;
  wire::Writer(text).value(value);
  j = Json::parse(text);
}
template <OfTheWire Type>
void from_json(const Json& j, Type& value) {
  value = wire::Reader::read_own<Type>(j);
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogEntry, ballot, command, status)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(View, ballot, entries)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReplicaStatus, role, connected, paused, promised, follows,
                                   committed, executed, last, base, in_flight, pending)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Answer, request, result, sequence, latency)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(JournalEntry, time, sent, peer, message)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogLine, sequence, entry)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Submission, client, transaction)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Snapshot, base, executed, balances)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StoreState, kept, synced, bytes, last_write)

}  // namespace paxbank

namespace paxbank::stats {

void to_json(nlohmann::json& j, const Histogram& histogram) { j = histogram.buckets(); }
void from_json(const nlohmann::json& j, Histogram& histogram) {
  for (const auto& bucket : j) {
    histogram.add_bucket(bucket.at(0).get<std::size_t>(), bucket.at(1).get<std::uint64_t>());
  }
}

}  // namespace paxbank::stats

namespace paxbank::cluster {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LoadOrder, clients, duration, transfers)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LoadResult, duration, answered, latency_ns, tenths, success)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogPage, lines)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MessagePage, entries, next, end, heartbeats_left_out, forgotten)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ViewPage, end, part, complete)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Submitted, timestamps)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Due, at, what)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Found, found)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SetConnected, connected)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SetPaused, paused)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReadLog, from)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReadMessages, from)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReadViews, view, entry)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Submit, submissions)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BeginLoad, load)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WatchBallot, after)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Lose, send)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Show, text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Typed, line)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Serves, port, token)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LaterBallot, at)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Lost, what)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Failed, why)

namespace {

// A line is [id, body]; what a child reports on its own has no id.

template <class Body>
std::string line(const Numbered<Body>& numbered) {
  return Json::array({numbered.id, numbered.body}).dump() + "\n";
}

template <class Body>
Numbered<Body> numbered(const Json& json) {
  return {json.at(0).get<std::uint64_t>(), json.at(1).get<Body>()};
}

}  // namespace

std::string encode(const Numbered<Order>& order) { return line(order); }
std::string encode(const Numbered<Response>& response) { return line(response); }
std::string encode(const Report& report) { return Json::array({nullptr, report}).dump() + "\n"; }

Numbered<Order> decode_order(std::string_view text) { return numbered<Order>(Json::parse(text)); }

std::variant<Numbered<Response>, Report> decode_from_child(std::string_view text) {
  const Json json = Json::parse(text);
  if (json.at(0).is_null()) return json.at(1).get<Report>();
  return numbered<Response>(json);
}

}  // namespace paxbank::cluster
