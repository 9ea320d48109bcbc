// What each value is made of, written down once. Whatever reads, writes, prints or weighs a message
// follows from here: JSON both ways (wire), words for a reader (describe), its weight in a journal.
// A new message is its struct, its layout and its handlers.
//
// A layout is a template over a visitor, so that it costs nothing at run time. It names either
//
//   fields(v, value)      of an object, in the order in which they are written:
//     v.field(key, x)               always there
//     v.point(key, n)               a point in the log: a sequence number, or 0 for "before the
//     first" v.field_or(key, x, absent)    left out where it is `absent`, which it is taken for
//     then v.always_or(key, x, absent)   always written, and taken for `absent` where others leave
//     it out v.optional(key, x)            a std::optional, left out where it is empty
//     v.one_or_many(one, many, xs)  a list that is never empty; a single item stands alone under
//     `one` v.chooses(key, written)       whether `key` comes next: asked of what is read, told of
//     what is
//                                   written
//     v.check(holds, key, expected) what must hold between fields; told as a fault of `key`
//
// or elements(v, value)   of an array, whose `form` is how a person would write it:
//     v.element(x)
//     v.whole(x, low, high)         a number within bounds
#pragma once

#include "paxbank/core/message.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace paxbank {

template <class Type>
struct Layout;

template <class Type>
concept HasElements = requires {
  Layout<Type>::form;
};
template <class Type>
concept HasFields = requires {
  sizeof(Layout<Type>);
}
&&!HasElements<Type>;

/// A text that is part of a type, so that what is written for a field can be put together when the
/// program is compiled.
template <std::size_t Size>
struct Literal {
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is its text
  consteval Literal(const char (&text)[Size]) { std::copy_n(text, Size, characters); }
  char characters[Size]{};
};

/// The name of a field.
template <Literal text>
struct Key {
  static constexpr std::size_t size = sizeof(text.characters) - 1;
  static constexpr std::string_view name{text.characters, size};

 private:
  static constexpr auto quoted = [] {
    std::array<char, size + 4> characters{',', '"'};
    std::copy_n(text.characters, size, characters.begin() + 2);
    characters[size + 2] = '"';
    characters[size + 3] = ':';
    return characters;
  }();

 public:
  /// `,"name":`
  static constexpr std::string_view with_comma{quoted.data(), quoted.size()};
};

inline namespace literals {
template <Literal text>
constexpr Key<text> operator""_key() {
  return {};
}
}  // namespace literals

// --- Values that are arrays

template <>
struct Layout<Ballot> {
  static constexpr const char* form = "[round, node]";
  static constexpr std::size_t size = 2;
  static void elements(auto& v, auto& ballot) {
    v.whole(ballot.round, 1, round_limit - 1);
    v.element(ballot.node);
  }
};

template <>
struct Layout<Transaction> {
  static constexpr const char* form = "[from, to, amount]";
  static constexpr std::size_t size = 3;
  static void elements(auto& v, auto& transaction) {
    v.element(transaction.from);
    v.element(transaction.to);
    v.element(transaction.amount);
  }
};

template <>
struct Layout<AcceptedEntry> {
  static constexpr const char* form = "[ballot, sequence number, command]";
  static constexpr std::size_t size = 3;
  static void elements(auto& v, auto& entry) {
    v.element(entry.ballot);
    v.element(entry.sequence);
    v.element(entry.command);
  }
};

/// A line of a checkpoint's balances.
template <>
struct Layout<std::pair<AccountId, Amount>> {
  static constexpr const char* form = "[account, balance]";
  static constexpr std::size_t size = 2;
  static void elements(auto& v, auto& line) {
    v.element(line.first);
    v.element(line.second);
  }
};

/// A line of a checkpoint's exactly-once table.
template <>
struct Layout<std::pair<ClientId, Session>> {
  static constexpr const char* form = "[client, timestamp, result, sequence number]";
  static constexpr std::size_t size = 4;
  static void elements(auto& v, auto& line) {
    v.element(line.first);
    v.element(line.second.timestamp);
    v.element(line.second.result);
    v.element(line.second.sequence);
  }
};

// --- Messages: objects, with the name of their type and whom they claim to come from

template <>
struct Layout<Prepare> {
  static constexpr std::string_view type = "PREPARE";
  static std::optional<NodeId> sender(const Prepare& m) { return m.ballot.node; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("from_sequence"_key, m.from_sequence);
  }
};

template <>
struct Layout<Promise> {
  static constexpr std::string_view type = "PROMISE";
  static std::optional<NodeId> sender(const Promise& m) { return m.node; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("node_id"_key, m.node);
    v.always_or("from_sequence"_key, m.from_sequence, SequenceNumber{1});
    v.optional("next_sequence"_key, m.next_sequence);
    v.field("accept_log"_key, m.accept_log);
  }
};

template <>
struct Layout<NewView> {
  static constexpr std::string_view type = "NEW_VIEW";
  static std::optional<NodeId> sender(const NewView& m) { return m.ballot.node; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("accept_log"_key, m.accept_log);
  }
};

template <>
struct Layout<Accept> {
  static constexpr std::string_view type = "ACCEPT";
  static std::optional<NodeId> sender(const Accept& m) { return m.ballot.node; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("sequence_number"_key, m.sequence);
    v.one_or_many("request"_key, "requests"_key, m.commands);
    v.field_or("committed"_key, m.committed, SequenceNumber{});
  }
};

template <>
struct Layout<Accepted> {
  static constexpr std::string_view type = "ACCEPTED";
  static std::optional<NodeId> sender(const Accepted& m) { return m.node; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("sequence_number"_key, m.sequence);
    v.field_or("through"_key, m.through, m.sequence);
    v.check(m.through >= m.sequence, "through"_key, "at least sequence_number");
    v.field("node_id"_key, m.node);
  }
};

template <>
struct Layout<Commit> {
  static constexpr std::string_view type = "COMMIT";
  static std::optional<NodeId> sender(const Commit& m) { return m.ballot.node; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("sequence_number"_key, m.sequence);
    if (v.chooses("through"_key, m.commands.empty())) {
      v.field("through"_key, m.through);
      v.check(m.through >= m.sequence, "through"_key, "at least sequence_number");
      return;
    }
    v.one_or_many("request"_key, "requests"_key, m.commands);
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(m)>>) {
      m.through = {m.sequence.value + m.commands.size() - 1};
    }
  }
};

template <>
struct Layout<Request> {
  static constexpr std::string_view type = "REQUEST";
  static std::optional<NodeId> sender(const Request& /*m*/) { return std::nullopt; }
  static void fields(auto& v, auto& m) {
    v.field("client_id"_key, m.client);
    v.field("timestamp"_key, m.timestamp);
    v.field("transaction"_key, m.transaction);
  }
};

template <>
struct Layout<Reply> {
  static constexpr std::string_view type = "REPLY";
  static std::optional<NodeId> sender(const Reply& /*m*/) { return std::nullopt; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("client_id"_key, m.client);
    v.field("timestamp"_key, m.timestamp);
    v.field("result"_key, m.result);
    v.field_or("sequence_number"_key, m.sequence, SequenceNumber{});
    v.optional("newest_timestamp"_key, m.newest);
  }
};

template <>
struct Layout<Heartbeat> {
  static constexpr std::string_view type = "HEARTBEAT";
  static std::optional<NodeId> sender(const Heartbeat& m) { return m.node; }
  static void fields(auto& v, auto& m) {
    v.field("ballot"_key, m.ballot);
    v.field("node_id"_key, m.node);
    v.point("committed"_key, m.committed);
    v.point("executed"_key, m.executed);
    v.field_or("in_view"_key, m.in_view, true);
    v.field_or("stable"_key, m.stable, SequenceNumber{});
  }
};

template <>
struct Layout<Checkpoint> {
  static constexpr std::string_view type = "CHECKPOINT";
  static std::optional<NodeId> sender(const Checkpoint& m) { return m.node; }
  static void fields(auto& v, auto& m) {
    v.field("node_id"_key, m.node);
    v.field("sequence_number"_key, m.sequence);
    v.field("balances"_key, m.balances);
    v.field("sessions"_key, m.sessions);
  }
};

}  // namespace paxbank
