#pragma once

#include "paxbank/view/run.hpp"

#include <string>

namespace paxbank::view {

/// A short name for an event, as it can stand at an arrow: `ACCEPT 5`, `PREPARE (2,n3)`.
[[nodiscard]] std::string label(const Run& run, const Event& event);

/// The same with whom it goes to or comes from.
[[nodiscard]] std::string sentence(const Run& run, const Event& event);

}  // namespace paxbank::view
