#pragma once

#include "paxbank/scenario/command.hpp"
#include "paxbank/scenario/csv.hpp"
#include "paxbank/scenario/line_reader.hpp"
#include "paxbank/scenario/runner.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace paxbank::scenario {

struct SessionConfig {
  bool batch = false;                     ///< no prompt
  std::vector<ConsoleCommand> after_set;  ///< run after every set, before the prompt
};

/// Reads and checks a file. Returns what is wrong with it, a line each, or its sets.
[[nodiscard]] std::variant<std::vector<TransactionSet>, std::vector<std::string>> load_file(
    const std::string& file, std::uint32_t nodes, const BankConfig& bank);

/// What happens between a user and a runner: sets one after another, the prompt, the commands.
class Session {
 public:
  Session(Cluster& cluster, Runner& runner, Report& report, LineReader& lines,
          SessionConfig config);

  /// Set after set, with the prompt after each unless there is none.
  void run_file(const std::vector<TransactionSet>& sets);

  /// The prompt alone, until it is left.
  void run_manual();

  /// Drops the line that is being typed. Returns false if there is none.
  bool cancel_line() { return lines_.cancel(question_); }

  /// How many commands were wrong, and changed nothing.
  [[nodiscard]] std::uint64_t mistakes() const { return mistakes_; }
  /// The sets that were not run, as the run was left before them.
  [[nodiscard]] const std::vector<std::int64_t>& not_run() const { return not_run_; }

 private:
  enum class Place { manual, in_file };

  void take_turn();
  void take_meanwhile(const std::string& line, std::deque<ConsoleCommand>& later);
  void listen_meanwhile();
  void command_time();
  void run_sets(const std::vector<TransactionSet>& sets);
  void conclude();
  void prompt(Place place, const std::string& text);
  void end_input(Place place);
  void execute(const ConsoleCommand& command);
  void carry_out(const ConsoleCommand& command);
  void ask_sequence(PrintStatus& command);
  bool await_commands(const std::string& prompt);
  void await_line(const std::string& prompt);
  Input take_line();
  void run_typed_file(const std::string& file);
  void mistake(const std::string& what);

  void show(const PrintDb& command);
  void show(const PrintLog& command);
  void show(const PrintStatus& command);
  void show(const PrintView& command);
  void show_nodes();
  [[nodiscard]] SequenceNumber base(NodeId node) const;

  Cluster& cluster_;
  Runner& runner_;
  Report& report_;
  LineReader& lines_;
  SessionConfig config_;
  std::deque<ConsoleCommand> waiting_;  ///< what the prompt does next
  std::deque<ConsoleCommand> typed_;    ///< on a page, and not yet got to
  std::deque<ConsoleCommand> urgent_;   ///< what commands time: it waits for nothing else
  bool commanding_ = false;             ///< one of these is being done
  std::int64_t set_ = 0;
  std::uint64_t mistakes_ = 0;
  bool prompting_ = false;  ///< a line is waited for
  bool question_ = false;   ///< it answers one
  std::vector<std::int64_t> not_run_;
  bool quit_ = false;
  bool input_ended_ = false;
  bool over_ = false;
};

}  // namespace paxbank::scenario
