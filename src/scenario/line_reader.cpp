#include "paxbank/scenario/line_reader.hpp"

#include <editline/readline.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <unistd.h>

namespace paxbank::scenario {
namespace {

LineReader::Completer completer;  // NOLINT: libedit takes a plain function, which must find it

/// libedit asks for the matches one by one, and frees each.
char* next_match(const char* /*word*/, int state) {
  static std::vector<std::string> matches;
  static std::size_t next = 0;
  if (state == 0) {
    matches = completer(std::string(rl_line_buffer, static_cast<std::size_t>(rl_point)));
    next = 0;
  }
  return next < matches.size() ? ::strdup(matches[next++].c_str()) : nullptr;
}

char** matches(const char* word, int /*start*/, int /*end*/) {
  rl_attempted_completion_over = 1;  // no file names
  return rl_completion_matches(word, next_match);
}

}  // namespace

LineReader::LineReader(Completer complete) : at_terminal_(::isatty(STDIN_FILENO) == 1) {
  completer = std::move(complete);
  if (!at_terminal_) return;
  static char name[] = "paxbank";
  rl_readline_name = name;
  rl_initialize();
  rl_attempted_completion_function = matches;
  using_history();
}

LineReader::~LineReader() { completer = nullptr; }

std::optional<std::string> LineReader::read(const std::string& prompt) {
  std::string line;
  if (!at_terminal_) {
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  char* typed = ::readline(prompt.c_str());
  if (typed == nullptr) return std::nullopt;
  line = typed;
  if (!line.empty()) add_history(typed);
  std::free(typed);  // NOLINT: libedit's allocation
  return line;
}

}  // namespace paxbank::scenario
