#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/signal_set.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace paxbank::scenario {

struct InputEnded {};
/// What was typed has been dropped, by Ctrl-C.
struct Cancelled {};
/// The line is longer than LineReader::line_limit, and skipped.
struct TooLong {};
/// What came of asking for a line: the line without its end, or why there is none.
using Input = std::variant<std::string, InputEnded, Cancelled, TooLong>;

/// Reads lines from standard input as a source of the launcher's event loop: nothing waits in a
/// read. At a terminal with editing, history and Tab (libedit), else plainly and without prompting.
/// One at a time in a process, as libedit's state is global.
class LineReader {
 public:
  /// The words that a line may go on with.
  using Completer = std::function<std::vector<std::string>(const std::string& line)>;

  /// Bytes of a line that does not come from a terminal.
  static constexpr std::size_t line_limit = std::size_t{64} << 10U;

  LineReader(asio::io_context& io, Completer completer);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Asks for a line; it is there when ready() is true, and take() takes it. Asked again before
  /// that, it keeps what has been typed, and shows the new prompt.
  void ask(const std::string& prompt);
  [[nodiscard]] bool asked() const { return asked_; }
  [[nodiscard]] bool ready() const { return input_.has_value(); }
  Input take();
  /// Asks no more: what take() returns now is the end of input.
  void dismiss();

  /// Drops what has been typed; a question (a prompt inside a command) can be dropped before that.
  /// Returns false if there is nothing to drop.
  bool cancel(bool question);

  /// Around whatever else writes to the terminal: the line that is being typed makes room for it.
  void hide() const;
  void show() const;

  [[nodiscard]] bool at_terminal() const { return at_terminal_; }

 private:
  void await_input();
  void read_plainly();
  void read_some();
  std::optional<Input> next_line();
  void read_keys();
  void finish(Input input);
  void leave_line(Input input);
  void come_back();
  [[nodiscard]] bool asking() const { return asked_ && !ready(); }

  bool at_terminal_;
  asio::posix::stream_descriptor readable_;
  asio::signal_set continued_;
  bool awaiting_ = false;  ///< the event loop watches for input
  bool asked_ = false;
  bool ended_ = false;
  std::string bytes_;         ///< read, and not yet a line that was asked for
  std::size_t searched_ = 0;  ///< of these, without finding a line's end
  bool skipping_ = false;     ///< they go on with a line that has been found too long
  std::optional<Input> input_;
};

}  // namespace paxbank::scenario
