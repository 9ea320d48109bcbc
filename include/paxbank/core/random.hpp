#pragma once

#include "paxbank/core/assert.hpp"

#include <cstdint>

namespace paxbank {

/// A small generator of our own (SplitMix64; Steele, Lea, Flood 2014): the standard distributions
/// differ between libraries, and a seed must mean the same run everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  /// Uniform in [low, high], both included. (The modulo's bias, below 2^-32 for our small ranges,
  /// is of no consequence for timers and faults.)
  std::int64_t between(std::int64_t low, std::int64_t high) {
    PAXBANK_ASSERT(low <= high, "a range needs low <= high");
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(next() % span);
  }

  /// True `per_mille` times in a thousand.
  bool chance(std::int64_t per_mille) { return between(0, 999) < per_mille; }

 private:
  std::uint64_t state_;
};

}  // namespace paxbank
