#pragma once

#include <string_view>

namespace paxbank::view {

/// The page of src/view/page, in one piece: `@HEAD@` and `@DATA@` are to be filled in. Made when
/// the program is built.
[[nodiscard]] std::string_view page_template();

}  // namespace paxbank::view
