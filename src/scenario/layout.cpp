#include "paxbank/scenario/layout.hpp"

#include <algorithm>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace paxbank::scenario {
namespace {

constexpr std::size_t narrowest = 40;

/// Without its colours.
std::string plain(std::string_view text) {
  std::string shown;
  bool escape = false;
  for (const char c : text) {
    if (c == '\x1b') escape = true;
    if (!escape) shown += c;
    if (c == 'm') escape = false;
  }
  return shown;
}

/// In columns: a character's further bytes (UTF-8) and what colours it take none.
std::size_t columns(std::string_view text) {
  const std::string shown = plain(text);
  return static_cast<std::size_t>(std::count_if(shown.begin(), shown.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// Where the text of a line begins, if that leaves most of the width for it.
std::size_t text_column(std::string_view line, std::size_t width) {
  const std::string shown = plain(line);
  const auto gap = shown.substr(0, width / 2).rfind("  ");
  const auto begin = shown.find_first_not_of(' ', gap == std::string::npos ? 0 : gap);
  return begin == std::string::npos ? 0 : columns(shown.substr(0, begin));
}

std::string wrapped_line(std::string_view line, std::size_t width) {
  if (columns(line) <= width) return std::string(line);
  const std::string indent(text_column(line, width), ' ');
  std::string all;
  std::string current;
  std::size_t at = line.find_first_not_of(' ');
  current = line.substr(0, at);
  while (at < line.size()) {
    const auto begin = line.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) break;
    const auto end = std::min(line.find(' ', begin), line.size());
    const std::string_view gap = line.substr(at, begin - at);
    const std::string_view word = line.substr(begin, end - begin);
    const bool begun = current.find_first_not_of(' ') != std::string::npos;
    if (begun && columns(current) + gap.size() + columns(word) > width) {
      all += current + "\n";
      current = indent;
    } else {
      current += gap;
    }
    current += word;
    at = end;
  }
  return all + current;
}

}  // namespace

Style style_of_output() {
  Style style;
  if (::isatty(STDOUT_FILENO) != 1) return style;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::max<std::size_t>(size.ws_col, narrowest);
  }
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  style.colour = (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
                 std::string_view(terminal) != "dumb";
  return style;
}

std::string painted(std::string_view text, Colour colour, const Style& style) {
  if (!style.colour || colour == Colour::plain) return std::string(text);
  constexpr const char* codes[] = {"", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"};
  return codes[static_cast<int>(colour)] + std::string(text) + "\x1b[0m";
}

std::string wrapped(std::string_view text, std::size_t width) {
  std::string result;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    result += wrapped_line(text.substr(0, end), width);
    if (end < text.size()) result += "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace paxbank::scenario
