// The vocabulary: a type for each kind of number or name, so that none can stand in another's
// place.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

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

struct ClientId {
  std::string value;
  auto operator<=>(const ClientId&) const = default;
};

struct AccountId {
  std::string value;
  auto operator<=>(const AccountId&) const = default;
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
