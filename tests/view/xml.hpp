#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank::view {

/// An element of a document, with the text that stands directly in it.
struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;
};

/// Every element of a well-formed XML document, in the order of their ends. Throws
/// std::runtime_error, with the place, if it is none. Knows what a drawing of ours needs: no
/// comments, no processing instructions, no CDATA.
[[nodiscard]] std::vector<Element> read_xml(std::string_view text);

}  // namespace paxbank::view
