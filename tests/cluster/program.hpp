// paxbank as a user starts it: a process with an input, an output, and children.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/types.h>
#include <vector>

namespace paxbank::testing {

/// A running paxbank. Nothing here sleeps: every wait is for output or an end, and gives up (a test
/// failure) only after far longer than it can take.
class Program {
 public:
  /// `closed`: standard input and output are closed; what is written is lost.
  enum class Input { none, pipe, terminal, closed };

  explicit Program(const std::vector<std::string>& arguments, Input input = Input::none);
  /// With files as standard input and, if one is named, output.
  Program(const std::vector<std::string>& arguments, const std::string& input_file,
          const std::string& output_file = "");
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  /// Kills what still runs.
  ~Program();

  /// Types at the prompt.
  void type(std::string_view text);
  void end_input();

  /// Waits until the output that no earlier call has returned contains the text; returns all of
  /// that output up to and with the text.
  std::string read_until(std::string_view text);
  /// The same for standard error (a terminal has no other stream than its own).
  std::string read_errors_until(std::string_view text);

  /// Waits for the end. Returns the exit status, or minus the signal's number.
  int wait();

  /// After wait(): everything that was written.
  [[nodiscard]] const std::string& output() const { return output_.text; }
  [[nodiscard]] const std::string& errors() const { return errors_.text; }

  void signal(int number) const;
  /// At a terminal: stops it as Ctrl-Z does and goes on as `fg` does, the shell having had the
  /// terminal in between.
  void stop_and_go_on();
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The processes it started, in order: the nodes, then the client manager.
  [[nodiscard]] std::vector<pid_t> children() const;

 private:
  struct Stream {
    int descriptor = -1;
    std::string text;
    std::size_t returned = 0;
  };

  void start(const std::vector<std::string>& arguments, Input input,
             const std::function<void()>& prepare);
  /// Takes in what comes within a moment. Returns false if both streams have ended.
  bool pump();
  void await_editor();
  std::string read_until(Stream& stream, std::string_view text);

  pid_t pid_ = -1;
  int input_ = -1;
  Stream output_;
  Stream errors_;
};

/// Runs paxbank to its end. Every test runs on free ports unless it names others.
struct Ended {
  int status = 0;
  std::string output;
  std::string errors;
};
Ended run(const std::vector<std::string>& arguments, std::string_view input = {});

/// The same with a file as its input, and one as its output.
Ended run_from(const std::string& file, const std::vector<std::string>& arguments,
               const std::string& output_file = "");

/// JSON Lines, one by one.
std::vector<nlohmann::json> json_lines(const std::string& text);

/// A file that goes away with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text = {});
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();
  [[nodiscard]] const std::string& name() const { return name_; }
  /// What is in it by now.
  [[nodiscard]] std::string text() const;

 private:
  std::string name_;
};

/// While it lives, no file can be longer, for this process and those that it starts: a full disk.
class ShortFiles {
 public:
  explicit ShortFiles(rlim_t bytes);
  ShortFiles(const ShortFiles&) = delete;
  ShortFiles& operator=(const ShortFiles&) = delete;
  ~ShortFiles();

 private:
  void (*handler_)(int);
  rlimit before_{};
};

/// A raw connection to a node's public port: somebody who need not mean well.
class Intruder {
 public:
  explicit Intruder(std::uint16_t port);
  Intruder(const Intruder&) = delete;
  Intruder& operator=(const Intruder&) = delete;
  Intruder(Intruder&& other) noexcept;
  ~Intruder();

  void send(std::string_view bytes);
  /// Waits for a line from the node, or for the end ("").
  std::string read_line();
  /// Waits until the node closes the connection.
  void await_close();

 private:
  int descriptor_ = -1;
  std::string received_;
};

/// What follows an option on a process's command line; "" if it has none (yet).
std::string argument_of(pid_t process, const std::string& option);

/// Breaks every TCP connection of a process, as a network would that fails. Returns false if the
/// system does not let us.
bool break_connections(pid_t process);

/// Waits until none of the processes, children of a Program that has ended, exists any more.
void await_end(const std::vector<pid_t>& processes);

}  // namespace paxbank::testing
