#pragma once

#include "paxbank/scenario/report.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace paxbank::cli {

/// What is wrong with the command line, in this program's words instead of the parser's.
[[nodiscard]] std::string problem_of(const CLI::App& app, const CLI::ParseError& error,
                                     const std::vector<std::string>& arguments);

/// The format that mistakes of a command line are told in: what it asks for, as far as that can be
/// known before all of it is understood.
[[nodiscard]] scenario::Format format_asked_for(const std::vector<std::string>& arguments);

/// What is wrong with a word that is taken for a file, if it is a command misspelt, as in `paxbank
/// simm`; or "".
[[nodiscard]] std::string misspelt_command(const std::string& word);

}  // namespace paxbank::cli
