#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace paxbank::scenario {

/// Reads lines from standard input: at a terminal with editing, history and Tab (libedit), else
/// plainly and without prompting. One at a time in a process, as libedit's state is global.
class LineReader {
 public:
  /// The words that a line may go on with.
  using Completer = std::function<std::vector<std::string>(const std::string& line)>;

  explicit LineReader(Completer completer);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line without its end, or nullopt at the end of input.
  std::optional<std::string> read(const std::string& prompt);

  [[nodiscard]] bool at_terminal() const { return at_terminal_; }

 private:
  bool at_terminal_;
};

}  // namespace paxbank::scenario
