#include "paxbank/scenario/line_reader.hpp"

#include <editline/readline.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace paxbank::scenario {
namespace {

// libedit takes plain functions, which must find what they work on.
LineReader::Completer completer;           // NOLINT
std::function<void(Input)> line_is_there;  // NOLINT

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

void take_typed(char* typed) {
  if (typed == nullptr) {
    line_is_there(InputEnded{});
    return;
  }
  std::string line = typed;
  if (!line.empty()) add_history(typed);
  std::free(typed);  // NOLINT: libedit's allocation
  line_is_there(std::move(line));
}

/// A descriptor that is readable whenever standard input is. Standard input itself is shared with
/// others, a terminal's even with our output, and the event loop would make it non-blocking for all
/// of them. What epoll does not take never makes one wait, as a file does not: for that stands one
/// that is always readable.
int watch_input() {
  const int watch = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(watch, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0) return watch;
  ::close(watch);
  return ::eventfd(1, EFD_CLOEXEC);
}

}  // namespace

LineReader::LineReader(asio::io_context& io, Completer complete)
    : at_terminal_(::isatty(STDIN_FILENO) == 1), readable_(io, watch_input()), continued_(io) {
  completer = std::move(complete);
  line_is_there = [this](Input input) { finish(std::move(input)); };
  if (!at_terminal_) return;
  static char name[] = "paxbank";
  rl_readline_name = name;
  rl_catch_signals = 0;  // they come through the event loop
  rl_initialize();
  rl_attempted_completion_function = matches;
  using_history();
  continued_.add(SIGCONT);
  come_back();
}

LineReader::~LineReader() {
  if (at_terminal_ && asking()) rl_callback_handler_remove();
  completer = nullptr;
  line_is_there = nullptr;
}

void LineReader::ask(const std::string& prompt) {
  if (asked_) {
    if (!at_terminal_ || ready()) return;
    hide();
    rl_set_prompt(prompt.c_str());
    show();
    return;
  }
  asked_ = true;
  if (at_terminal_) {
    rl_end = 0;  // libedit sets it at the next key only
    rl_callback_handler_install(prompt.c_str(), take_typed);
    await_input();
  } else {
    read_plainly();
  }
}

Input LineReader::take() {
  asked_ = false;
  return *std::exchange(input_, std::nullopt);
}

void LineReader::finish(Input input) {
  if (at_terminal_) rl_callback_handler_remove();
  input_ = std::move(input);
}

bool LineReader::cancel(bool question) {
  if (!at_terminal_ || !asking() || (rl_end == 0 && !question)) return false;
  leave_line(Cancelled{});
  return true;
}

void LineReader::dismiss() { leave_line(InputEnded{}); }

void LineReader::leave_line(Input input) {
  finish(std::move(input));
  if (!at_terminal_) return;
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

void LineReader::await_input() {
  if (std::exchange(awaiting_, true)) return;
  readable_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this](const asio::error_code& error) {
                         if (error) return;
                         awaiting_ = false;
                         if (!asking()) return;
                         if (at_terminal_) {
                           read_keys();
                         } else {
                           read_some();
                           read_plainly();
                         }
                       });
}

void LineReader::read_keys() {
  pollfd terminal{STDIN_FILENO, POLLIN, 0};
  ::poll(&terminal, 1, 0);
  if ((terminal.revents & (POLLHUP | POLLERR)) != 0) {
    finish(InputEnded{});
    return;
  }
  rl_callback_read_char();
  if (asking()) await_input();
}

/// Between two reads the event loop has its turn: who writes without end keeps it from nothing.
void LineReader::read_plainly() {
  if (auto line = next_line()) {
    finish(std::move(*line));
  } else {
    await_input();
  }
}

void LineReader::read_some() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, 0) == 0) return;  // somebody else has taken it
  char buffer[65'536];
  const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (count > 0) bytes_.append(buffer, static_cast<std::size_t>(count));
  ended_ = count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

/// Of what has been read; nullopt if more must be read for it.
std::optional<Input> LineReader::next_line() {
  while (true) {
    const auto end = bytes_.find('\n', searched_);
    const bool whole = end != std::string::npos;
    searched_ = bytes_.size();
    if (!whole && !ended_ && bytes_.size() <= line_limit) return std::nullopt;
    if (!whole && bytes_.empty()) return InputEnded{};
    std::string line = bytes_.substr(0, end);
    bytes_.erase(0, whole ? end + 1 : end);
    searched_ = 0;
    if (std::exchange(skipping_, !whole)) continue;
    if (line.size() > line_limit) return TooLong{};
    return line;
  }
}

void LineReader::hide() const {
  if (!at_terminal_ || !asking()) return;
  std::fputs("\r\x1b[K", stdout);
  std::fflush(stdout);
}

void LineReader::show() const {
  if (at_terminal_ && asking()) rl_forced_update_display();
}

/// After Ctrl-Z and fg the terminal is as the shell has it. libedit does not know, and prepares
/// none that it takes for prepared: it must give it back first.
void LineReader::come_back() {
  continued_.async_wait([this](const asio::error_code& error, int /*signal*/) {
    if (error) return;
    if (asking()) {
      rl_deprep_terminal();
      rl_prep_terminal(1);
      rl_forced_update_display();
    }
    come_back();
  });
}

}  // namespace paxbank::scenario
