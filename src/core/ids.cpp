#include "paxbank/core/ids.hpp"

#include "paxbank/core/assert.hpp"

#include <cstring>

namespace paxbank {

Name::Name(std::string_view text) : size_(static_cast<std::uint8_t>(text.size())) {
  PAXBANK_ASSERT(text.size() <= size_limit, "names from outside are checked where they come in");
  text.copy(bytes_.data(), text.size());
}

/// The two halves, mixed (the finalizer of SplitMix64): names are mostly a letter and a few digits.
std::size_t Name::hash() const {
  std::uint64_t halves[2];
  static_assert(sizeof(Name) == sizeof halves);
  std::memcpy(halves, this, sizeof halves);
  std::uint64_t z = halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

}  // namespace paxbank
