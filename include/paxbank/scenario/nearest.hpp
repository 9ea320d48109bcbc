#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank::scenario {

/// Which of the known words somebody may have meant: the nearest by edits (Levenshtein), if not
/// more than a third of the word would have to change. A word of one or two letters is near to
/// nothing.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& known);

}  // namespace paxbank::scenario
