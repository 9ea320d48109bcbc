#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paxbank::scenario {

/// How text is laid out.
struct Style {
  std::size_t width = 80;
  bool colour = false;
};

/// What suits standard output: a terminal's width, and colour unless NO_COLOR is set; otherwise 80
/// columns without colour.
[[nodiscard]] Style style_of_output();

enum class Colour { plain, red, green, yellow, cyan };

[[nodiscard]] std::string painted(std::string_view text, Colour colour, const Style& style);

/// Breaks lines that are longer than the width, at blanks. What is broken off stands below where
/// its text began: behind the last gap of two blanks, as in a list with explanations.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width);

}  // namespace paxbank::scenario
