// The way out: values as JSON, written in place as their layouts say (core/layout.hpp).
#pragma once

#include "paxbank/core/layout.hpp"

#include <charconv>
#include <concepts>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

namespace paxbank::wire {

/// A number or an identifier: what holds just one number or name under `value`.
template <class Type>
concept Wrapped = requires(Type type) {
  type.value;
};

/// Appends values to a text, which has its new size when the writer is gone. It is a layout's
/// visitor, too.
class Writer {
 public:
  explicit Writer(std::string& out)
      : out_(out), at_(out.data() + out.size()), end_(out.data() + out.size()) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { finish(); }

  /// Gives the text its size.
  void finish() {
    out_.resize(size());
    end_ = at_;
  }

  /// Text that is JSON already.
  void raw(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    at_ += text.size();
  }
  void raw(char c) {
    *room(1) = c;
    ++at_;
  }

  void value(bool truth) { raw(truth ? "true" : "false"); }
  template <std::integral Number>
  void value(Number number) {
    constexpr std::size_t digits = std::numeric_limits<Number>::digits10 + 3;
    char* const begin = room(digits);
    at_ = std::to_chars(begin, begin + digits, number).ptr;
  }
  /// Names hold no control characters, so only these two need a backslash.
  void value(const Name& name) {
    char* at = room(2 * Name::size_limit + 2);
    *at++ = '"';
    for (const char c : name.view()) {
      if (c == '"' || c == '\\') *at++ = '\\';
      *at++ = c;
    }
    *at++ = '"';
    at_ = at;
  }
  /// Any text; bytes that are not UTF-8 are the writer's own mistake and pass as they are.
  void value(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    raw('"');
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20) {
        raw("\\u00");
        raw(digits[byte >> 4U]);
        raw(digits[byte & 15U]);
        continue;
      }
      if (c == '"' || c == '\\') raw('\\');
      raw(c);
    }
    raw('"');
  }
  void value(const std::string& text) { value(std::string_view(text)); }
  template <class Type>
  void value(const std::optional<Type>& maybe) {
    if (maybe) {
      value(*maybe);
    } else {
      raw("null");
    }
  }
  void value(Result result) { value(to_string(result)); }
  template <Wrapped Type>
  void value(const Type& wrapped) {
    value(wrapped.value);
  }
  void value(const Command& command) {
    if (const auto* request = std::get_if<Request>(&command)) {
      value(*request);
    } else {
      raw("\"no-op\"");
    }
  }
  template <class Item>
  void value(const std::vector<Item>& items) {
    raw('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) raw(',');
      value(items[i]);
    }
    raw(']');
  }
  template <HasElements Type>
  void value(const Type& array) {
    raw('[');
    Layout<Type>::elements(*this, array);
    at_[-1] = ']';  // instead of the comma
  }
  template <HasFields Type>
  void value(const Type& object) {
    open_at_ = size();
    Layout<Type>::fields(*this, object);
    close();
  }

  /// An object that says its type first: a message.
  template <class Type>
  void typed(const Type& object) {
    raw("{\"type\":\"");
    raw(Layout<Type>::type);
    raw('"');
    open_at_ = none;
    Layout<Type>::fields(*this, object);
    raw('}');
  }

  // As a visitor.
  void field(auto key, const auto& x) {
    const std::size_t begin = size();
    raw(key.with_comma);
    if (begin == open_at_) out_[begin] = '{';
    value(x);
  }
  void point(auto key, SequenceNumber n) { field(key, n); }
  template <class Type>
  void field_or(auto key, const Type& x, const Type& absent) {
    if (!(x == absent)) field(key, x);
  }
  template <class Type>
  void always_or(auto key, const Type& x, const Type& /*absent*/) {
    field(key, x);
  }
  void optional(auto key, const auto& maybe) {
    if (maybe) field(key, *maybe);
  }
  void one_or_many(auto one, auto many, const auto& items) {
    if (items.size() == 1) {
      field(one, items.front());
    } else {
      field(many, items);
    }
  }
  [[nodiscard]] static bool chooses(auto /*key*/, bool written) { return written; }
  static void check(bool /*holds*/, auto /*key*/, const char* /*expected*/) {}
  void element(const auto& x) {
    value(x);
    raw(',');
  }
  void whole(const auto& x, std::uint64_t /*low*/, std::uint64_t /*high*/) { element(x); }

 private:
  static constexpr std::size_t none = std::string::npos;

  void close() {
    if (size() == open_at_) raw('{');  // an object without fields
    raw('}');
  }

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - out_.data()); }

  /// Where so many bytes can be written.
  char* room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
    return at_;
  }
  void grow(std::size_t bytes) {
    constexpr std::size_t at_least = 128;
    const std::size_t used = size();
    out_.resize(std::max(2 * used, used + bytes) + at_least);
    at_ = out_.data() + used;
    end_ = out_.data() + out_.size();
  }

  std::string& out_;  ///< with room beyond what is written, as long as the writer lives
  char* at_;
  char* end_;
  std::size_t open_at_ = none;  ///< where the brace of an object is due that has no field yet
};

}  // namespace paxbank::wire
