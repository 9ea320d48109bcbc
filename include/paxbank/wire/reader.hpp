// The way in, for any JSON: values as their layouts say (core/layout.hpp), with words for every
// fault.
#pragma once

#include "paxbank/core/layout.hpp"
#include "paxbank/wire/codec.hpp"

#include <nlohmann/json.hpp>

#include <concepts>
#include <limits>
#include <string>

namespace paxbank::wire {

/// Thrown by a Reader.
struct DecodeError {
  std::string reason;
};

/// Whose lines are read.
struct Scope {
  std::uint32_t nodes = nodes_limit;  ///< of a cluster with so many
  /// From a process of our own: numbers are as they are, 0 for "none yet" too. Otherwise each is
  /// held against what it may be.
  bool own = false;
};

/// Reads one JSON object. It is a layout's visitor.
class Reader {
 public:
  using Json = nlohmann::json;

  /// `where` begins every complaint: the type of the object.
  Reader(const Json& object, Scope scope, std::string where = "")
      : object_(object), scope_(scope), where_(std::move(where)) {}

  template <class Type>
  [[nodiscard]] Type read() {
    Type result{};
    Layout<Type>::fields(*this, result);
    return result;
  }

  /// A value that a process of our own has written.
  template <class Type>
  [[nodiscard]] static Type read_own(const Json& json) {
    Type result{};
    Reader(json, Scope{.own = true}).take(json, result);
    return result;
  }

  void field(auto key, auto& x) {
    name_ = key.name;
    take(found(key.name), x);
  }
  void point(auto key, SequenceNumber& n) {
    name_ = key.name;
    n = {whole(found(key.name), 0, sequence_limit)};
  }
  template <class Type>
  void field_or(auto key, Type& x, const Type& absent) {
    if (!object_.contains(key.name)) {
      x = absent;
    } else if constexpr (std::is_same_v<Type, SequenceNumber>) {
      if (absent.value == 0) return point(key, x);
      field(key, x);
    } else {
      field(key, x);
    }
  }
  template <class Type>
  void always_or(auto key, Type& x, const Type& absent) {
    field_or(key, x, absent);
  }
  template <class Type>
  void optional(auto key, std::optional<Type>& maybe) {
    if (object_.contains(key.name)) field(key, maybe.emplace());
  }
  template <class Item>
  void one_or_many(auto one, auto many, std::vector<Item>& items) {
    if (!object_.contains(many.name)) {
      field(one, items.emplace_back());
      return;
    }
    field(many, items);
    if (items.empty()) fail("a list of at least one request");
  }
  [[nodiscard]] bool chooses(auto key, bool /*written*/) const {
    return object_.contains(key.name);
  }
  void check(bool holds, auto key, const char* expected) {
    name_ = key.name;
    if (!holds) fail(expected);
  }

  // Of an array.
  void element(auto& x) { take((*array_)[place_++], x); }
  void whole(std::uint64_t& x, std::uint64_t low, std::uint64_t high) {
    x = whole((*array_)[place_++], low, high);
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw DecodeError{prefix() + "field \"" + std::string(name_) + "\" must be " + expected};
  }
  [[nodiscard]] std::string prefix() const { return where_.empty() ? "" : where_ + ": "; }

  [[nodiscard]] const Json& found(std::string_view name) const {
    const auto field = object_.find(name);
    if (field != object_.end()) return *field;
    throw DecodeError{prefix() + "field \"" + std::string(name) + "\" is missing"};
  }

  template <std::integral Number>
  [[nodiscard]] Number number(const Json& json, Number low, Number high) const {
    if (json.is_number_unsigned()) {
      const auto unsigned_value = json.get<std::uint64_t>();
      if (std::in_range<Number>(unsigned_value) && static_cast<Number>(unsigned_value) >= low &&
          static_cast<Number>(unsigned_value) <= high) {
        return static_cast<Number>(unsigned_value);
      }
    } else if (json.is_number_integer()) {
      const auto signed_value = json.get<std::int64_t>();
      if (std::in_range<Number>(signed_value) && static_cast<Number>(signed_value) >= low &&
          static_cast<Number>(signed_value) <= high) {
        return static_cast<Number>(signed_value);
      }
    }
    fail("a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  [[nodiscard]] std::uint64_t whole(const Json& json, std::uint64_t low, std::uint64_t high) const {
    return number<std::uint64_t>(json, scope_.own ? 0 : low, high);
  }

  void take(const Json& json, bool& truth) const {
    if (!json.is_boolean()) fail("true or false");
    truth = json.get<bool>();
  }
  template <std::integral Number>
  void take(const Json& json, Number& x) const {
    x = number(json, std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max());
  }
  void take(const Json& json, Result& result) const {
    for (const Result known : {Result::success, Result::failed, Result::stale}) {
      if (json != to_string(known)) continue;
      result = known;
      return;
    }
    fail("\"success\", \"failed\" or \"stale\"");
  }
  void take(const Json& json, NodeId& node) const {
    node = {static_cast<std::uint32_t>(whole(json, 1, scope_.nodes))};
  }
  void take(const Json& json, SequenceNumber& n) const { n = {whole(json, 1, sequence_limit)}; }
  void take(const Json& json, Timestamp& timestamp) const { take(json, timestamp.value); }
  void take(const Json& json, Amount& amount) const { take(json, amount.value); }
  void take(const Json& json, ClientId& client) const { take(json, client.value); }
  void take(const Json& json, AccountId& account) const { take(json, account.value); }
  void take(const Json& json, Name& name) const {
    const auto* text = json.get_ptr<const std::string*>();
    if (text == nullptr || !is_name(*text)) {
      fail("a name of 1 to " + std::to_string(Name::size_limit) +
           " bytes without control characters");
    }
    name = *text;
  }
  void take(const Json& json, Command& command) const {
    if (json == "no-op") {
      command = NoOp{};
      return;
    }
    if (!json.is_object()) fail("a request or \"no-op\"");
    command = Reader(json, scope_, prefix() + std::string(name_)).read<Request>();
  }
  template <class Item>
  void take(const Json& json, std::vector<Item>& items) {
    if (!json.is_array()) fail("a list");
    items.reserve(json.size());
    for (const Json& item : json) take(item, items.emplace_back());
  }
  template <HasElements Type>
  void take(const Json& json, Type& array) {
    if (!json.is_array() || json.size() != Layout<Type>::size) fail(Layout<Type>::form);
    const Json* const outer = std::exchange(array_, &json);
    const std::size_t place = std::exchange(place_, 0);
    Layout<Type>::elements(*this, array);
    array_ = outer;
    place_ = place;
  }
  template <HasFields Type>
  void take(const Json& json, Type& object) const {
    if (!json.is_object()) fail("an object");
    object = Reader(json, scope_, prefix() + std::string(name_)).read<Type>();
  }

  const Json& object_;
  Scope scope_;
  std::string where_;
  std::string_view name_;        ///< of the field that is being read
  const Json* array_ = nullptr;  ///< whose elements are being read
  std::size_t place_ = 0;
};

}  // namespace paxbank::wire
