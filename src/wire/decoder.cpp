#include "paxbank/wire/decoder.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <simdjson.h>

namespace paxbank::wire {
namespace {

namespace od = simdjson::ondemand;

static_assert(Decoder::padding >= simdjson::SIMDJSON_PADDING);

/// Not a line of the common form: the long way has a word for it.
struct Uncommon {};

template <class Value>
Value taken(simdjson::simdjson_result<Value> result) {
  Value value;
  if (std::move(result).get(value) != simdjson::SUCCESS) throw Uncommon{};
  return value;
}

/// The fields that a line has, whatever its type.
struct Fields {
  enum Key : std::uint32_t {
    type = 1U << 0U,
    ballot = 1U << 1U,
    node_id = 1U << 2U,
    sequence_number = 1U << 3U,
    through = 1U << 4U,
    from_sequence = 1U << 5U,
    next_sequence = 1U << 6U,
    client_id = 1U << 7U,
    timestamp = 1U << 8U,
    transaction = 1U << 9U,
    result = 1U << 10U,
    committed = 1U << 11U,
    executed = 1U << 12U,
    stable = 1U << 13U,
    in_view = 1U << 14U,
    request = 1U << 15U,
    requests = 1U << 16U,
    accept_log = 1U << 17U,
  };

  std::uint32_t present = 0;
  std::string_view type_value;
  Ballot ballot_value;
  NodeId node;
  SequenceNumber sequence;
  SequenceNumber through_value;
  SequenceNumber from;
  SequenceNumber next;
  Request wanted;
  Result outcome = Result::failed;
  SequenceNumber committed_value;
  SequenceNumber executed_value;
  SequenceNumber stable_value;
  bool in_view_value = true;
  std::vector<Command> commands;
  std::vector<AcceptedEntry> entries;
};

class Reader {
 public:
  explicit Reader(std::uint32_t nodes) : nodes_(nodes) {}

  void read(od::object object, Fields& fields) {
    for (auto member : object) {
      od::field field = taken(std::move(member));
      const Fields::Key key = key_of(field.key().raw());
      if ((fields.present & key) != 0) throw Uncommon{};
      fields.present |= key;
      read(key, field.value(), fields);
    }
  }

 private:
  static Fields::Key key_of(const char* raw) {
    const auto is = [raw](std::string_view key_and_quote) {
      return std::memcmp(raw, key_and_quote.data(), key_and_quote.size()) == 0;
    };
    switch (*raw) {
      case 'a':
        if (is("accept_log\"")) return Fields::accept_log;
        break;
      case 'b':
        if (is("ballot\"")) return Fields::ballot;
        break;
      case 'c':
        if (is("client_id\"")) return Fields::client_id;
        if (is("committed\"")) return Fields::committed;
        break;
      case 'e':
        if (is("executed\"")) return Fields::executed;
        break;
      case 'f':
        if (is("from_sequence\"")) return Fields::from_sequence;
        break;
      case 'i':
        if (is("in_view\"")) return Fields::in_view;
        break;
      case 'n':
        if (is("node_id\"")) return Fields::node_id;
        if (is("next_sequence\"")) return Fields::next_sequence;
        break;
      case 'r':
        if (is("request\"")) return Fields::request;
        if (is("requests\"")) return Fields::requests;
        if (is("result\"")) return Fields::result;
        break;
      case 's':
        if (is("sequence_number\"")) return Fields::sequence_number;
        if (is("stable\"")) return Fields::stable;
        break;
      case 't':
        if (is("timestamp\"")) return Fields::timestamp;
        if (is("transaction\"")) return Fields::transaction;
        if (is("type\"")) return Fields::type;
        if (is("through\"")) return Fields::through;
        break;
      default:
        break;
    }
    throw Uncommon{};
  }

  void read(Fields::Key key, od::value value, Fields& fields) {
    switch (key) {
      case Fields::type:
        fields.type_value = taken(value.get_string());
        break;
      case Fields::ballot:
        fields.ballot_value = ballot(value);
        break;
      case Fields::node_id:
        fields.node = node(value);
        break;
      case Fields::sequence_number:
        fields.sequence = sequence(value, 1);
        break;
      case Fields::through:
        fields.through_value = sequence(value, 1);
        break;
      case Fields::from_sequence:
        fields.from = sequence(value, 1);
        break;
      case Fields::next_sequence:
        fields.next = sequence(value, 1);
        break;
      case Fields::client_id:
        fields.wanted.client.value = name(value);
        break;
      case Fields::timestamp:
        fields.wanted.timestamp.value = taken(value.get_int64());
        break;
      case Fields::transaction:
        fields.wanted.transaction = transaction(value);
        break;
      case Fields::result:
        fields.outcome = result(value);
        break;
      case Fields::committed:
        fields.committed_value = sequence(value, 0);
        break;
      case Fields::executed:
        fields.executed_value = sequence(value, 0);
        break;
      case Fields::stable:
        fields.stable_value = sequence(value, 0);
        break;
      case Fields::in_view:
        fields.in_view_value = taken(value.get_bool());
        break;
      case Fields::request:
        fields.commands.push_back(command(value));
        break;
      case Fields::requests:
        for (auto item : taken(value.get_array())) {
          fields.commands.push_back(command(taken(std::move(item))));
        }
        break;
      case Fields::accept_log:
        for (auto item : taken(value.get_array())) {
          fields.entries.push_back(entry(taken(std::move(item))));
        }
        break;
    }
  }

  static std::uint64_t whole(od::value value, std::uint64_t low, std::uint64_t high) {
    const std::uint64_t number = taken(value.get_uint64());
    if (number < low || number > high) throw Uncommon{};
    return number;
  }

  static SequenceNumber sequence(od::value value, std::uint64_t low) {
    return {whole(value, low, sequence_limit)};
  }

  [[nodiscard]] NodeId node(od::value value) const {
    return {static_cast<std::uint32_t>(whole(value, 1, nodes_))};
  }

  static Name name(od::value value) {
    const std::string_view text = taken(value.get_string());
    if (!is_name(text)) throw Uncommon{};
    return text;
  }

  static Result result(od::value value) {
    const std::string_view text = taken(value.get_string());
    if (text == "success") return Result::success;
    if (text == "failed") return Result::failed;
    throw Uncommon{};
  }

  /// Hands the items of an array of exactly `count` to `read`, one by one, with their place.
  template <class Read>
  static void items(od::value value, std::size_t count, Read read) {
    std::size_t place = 0;
    for (auto item : taken(value.get_array())) {
      if (place == count) throw Uncommon{};
      read(place++, taken(std::move(item)));
    }
    if (place != count) throw Uncommon{};
  }

  [[nodiscard]] Ballot ballot(od::value value) const {
    Ballot ballot;
    items(value, 2, [&](std::size_t place, od::value item) {
      if (place == 0) {
        ballot.round = whole(item, 1, round_limit - 1);
      } else {
        ballot.node = node(item);
      }
    });
    return ballot;
  }

  static Transaction transaction(od::value value) {
    Transaction transaction;
    items(value, 3, [&](std::size_t place, od::value item) {
      if (place == 0) transaction.from.value = name(item);
      if (place == 1) transaction.to.value = name(item);
      if (place == 2) transaction.amount.value = taken(item.get_int64());
    });
    return transaction;
  }

  Command command(od::value value) {
    if (taken(value.type()) == od::json_type::string) {
      if (taken(value.get_string()) != "no-op") throw Uncommon{};
      return NoOp{};
    }
    Fields fields;
    read(taken(value.get_object()), fields);
    if (fields.present != (Fields::client_id | Fields::timestamp | Fields::transaction)) {
      throw Uncommon{};
    }
    return fields.wanted;
  }

  AcceptedEntry entry(od::value value) {
    AcceptedEntry entry;
    items(value, 3, [&](std::size_t place, od::value item) {
      if (place == 0) entry.ballot = ballot(item);
      if (place == 1) entry.sequence = sequence(item, 1);
      if (place == 2) entry.command = command(item);
    });
    return entry;
  }

  std::uint32_t nodes_;
};

/// The message that the fields make, if they are just those of its type.
Message assemble(Fields&& f) {
  using F = Fields;
  const auto has = [&f](std::uint32_t needed, std::uint32_t allowed = 0) {
    const std::uint32_t rest = f.present & ~(F::type | needed | allowed);
    return rest == 0 && (f.present & needed) == needed;
  };
  const std::uint32_t commands = f.present & (F::request | F::requests);
  const bool one_kind = commands == F::request || (commands == F::requests && !f.commands.empty());
  if (f.type_value == "REQUEST" && has(F::client_id | F::timestamp | F::transaction)) {
    return f.wanted;
  }
  if (f.type_value == "REPLY" &&
      has(F::ballot | F::client_id | F::timestamp | F::result, F::sequence_number)) {
    return Reply{f.ballot_value, f.wanted.client, f.wanted.timestamp, f.outcome, f.sequence};
  }
  if (f.type_value == "ACCEPT" && one_kind &&
      has(F::ballot | F::sequence_number | commands, F::committed)) {
    return Accept{f.ballot_value, f.sequence, std::move(f.commands), f.committed_value};
  }
  if (f.type_value == "ACCEPTED" && has(F::ballot | F::sequence_number | F::node_id, F::through)) {
    const bool range = (f.present & F::through) != 0;
    if (range && f.through_value < f.sequence) throw Uncommon{};
    return Accepted{f.ballot_value, f.sequence, range ? f.through_value : f.sequence, f.node};
  }
  if (f.type_value == "COMMIT" && one_kind && has(F::ballot | F::sequence_number | commands)) {
    const SequenceNumber through{f.sequence.value + f.commands.size() - 1};
    return Commit{f.ballot_value, f.sequence, through, std::move(f.commands)};
  }
  if (f.type_value == "COMMIT" && has(F::ballot | F::sequence_number | F::through) &&
      f.through_value >= f.sequence) {
    return Commit{f.ballot_value, f.sequence, f.through_value, {}};
  }
  if (f.type_value == "HEARTBEAT" &&
      has(F::ballot | F::node_id | F::committed | F::executed, F::in_view | F::stable)) {
    return Heartbeat{f.ballot_value,   f.node,          f.committed_value,
                     f.executed_value, f.in_view_value, f.stable_value};
  }
  if (f.type_value == "PREPARE" && has(F::ballot | F::from_sequence)) {
    return Prepare{f.ballot_value, f.from};
  }
  if (f.type_value == "NEW_VIEW" && has(F::ballot | F::accept_log)) {
    return NewView{f.ballot_value, std::move(f.entries)};
  }
  if (f.type_value == "PROMISE" &&
      has(F::ballot | F::node_id | F::from_sequence | F::accept_log, F::next_sequence)) {
    Promise promise{f.ballot_value, f.node, f.from, std::nullopt, std::move(f.entries)};
    if ((f.present & F::next_sequence) != 0) promise.next_sequence = f.next;
    return promise;
  }
  throw Uncommon{};
}

}  // namespace

class Decoder::Fast {
 public:
  explicit Fast(std::uint32_t nodes) : reader_(nodes) {}

  Message read(std::string_view line) {
    od::document document;
    const auto error =
        parser_.iterate(line.data(), line.size(), line.size() + padding).get(document);
    if (error != simdjson::SUCCESS) throw Uncommon{};
    Fields fields;
    reader_.read(taken(document.get_object()), fields);
    // Nothing may follow the object.
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) throw Uncommon{};
    return assemble(std::move(fields));
  }

 private:
  od::parser parser_;
  Reader reader_;
};

Decoder::Decoder(std::uint32_t nodes) : nodes_(nodes), fast_(std::make_unique<Fast>(nodes)) {}
Decoder::~Decoder() = default;

Decoded Decoder::decode(std::string_view padded_line) {
  try {
    return fast_->read(padded_line);
  } catch (const Uncommon&) {
    return wire::decode(padded_line, nodes_);
  }
}

}  // namespace paxbank::wire
