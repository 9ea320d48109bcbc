// The vocabulary: a type for each kind of number or name, so that none can stand in another's
// place.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace paxbank {

/// A replica process, numbered from 1 (`n1`).
struct NodeId {
  std::uint32_t value = 0;
  auto operator<=>(const NodeId&) const = default;
};

/// A slot of the replicated log, dense, from 1; 0 stands for "before the first".
struct SequenceNumber {
  std::uint64_t value = 0;
  auto operator<=>(const SequenceNumber&) const = default;

  [[nodiscard]] SequenceNumber next() const { return {value + 1}; }
};

/// A client's own request counter, strictly increasing: the exactly-once key, not a clock.
struct Timestamp {
  std::int64_t value = 0;
  auto operator<=>(const Timestamp&) const = default;
};

/// Whole units of money; signed, so that a nonsensical request can be carried and refused.
struct Amount {
  std::int64_t value = 0;
  auto operator<=>(const Amount&) const = default;
};

/// A short name, held in place: commands are copied and compared at every step, and none of that
/// may touch the heap. UTF-8 without control characters; ordered by its bytes.
class Name {
 public:
  /// Bytes.
  static constexpr std::size_t size_limit = 15;

  constexpr Name() = default;
  /// Requires at most `size_limit` bytes, none of them 0.
  Name(std::string_view text);  // NOLINT(google-explicit-constructor): a name is its text
  Name(const char* text) : Name(std::string_view(text)) {}
  Name(const std::string& text) : Name(std::string_view(text)) {}

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::string str() const { return std::string(view()); }
  /// The two halves, mixed (the finalizer of SplitMix64): names are mostly a letter and a few
  /// digits.
  [[nodiscard]] std::size_t hash() const {
    const auto [first, second] = halves();
    std::uint64_t z = first ^ (second * 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  bool operator==(const Name& other) const { return halves() == other.halves(); }
  /// As the bytes are ordered: what is behind the name is 0, which no name holds.
  std::strong_ordering operator<=>(const Name& other) const {
    return std::memcmp(bytes_.data(), other.bytes_.data(), size_limit) <=> 0;
  }

 private:
  /// The whole of it, as two numbers: tables compare names more often than anything else.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> halves() const {
    std::uint64_t halves[2];
    static_assert(sizeof(Name) == sizeof halves);
    std::memcpy(halves, this, sizeof halves);
    return {halves[0], halves[1]};
  }

  std::array<char, size_limit> bytes_{};
  std::uint8_t size_ = 0;
};

struct ClientId {
  Name value;
  auto operator<=>(const ClientId&) const = default;
};

struct AccountId {
  Name value;
  auto operator<=>(const AccountId&) const = default;
};

/// For tables that are only looked into, never walked through.
struct HashName {
  std::size_t operator()(const ClientId& id) const { return id.value.hash(); }
  std::size_t operator()(const AccountId& id) const { return id.value.hash(); }
};

/// Time as the core knows it: microseconds that the shell counts from wherever it likes. There is
/// no `now()`; the present is always an argument.
struct CoreClock {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<CoreClock>;
  static constexpr bool is_steady = true;
};
using Duration = CoreClock::duration;
using TimePoint = CoreClock::time_point;

/// The wake-up time of something that does not need to be woken.
inline constexpr TimePoint never = TimePoint::max();

}  // namespace paxbank
