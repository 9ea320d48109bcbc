#include "paxbank/core/ids.hpp"

#include "paxbank/core/assert.hpp"

namespace paxbank {

Name::Name(std::string_view text) : size_(static_cast<std::uint8_t>(text.size())) {
  PAXBANK_ASSERT(text.size() <= size_limit, "names from outside are checked where they come in");
  text.copy(bytes_.data(), text.size());
}

}  // namespace paxbank
