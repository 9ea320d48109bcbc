#include "paxbank/scenario/session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace paxbank::scenario {
namespace {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overload(Cases...) -> Overload<Cases...>;

bool commands_time(const ConsoleCommand& command) {
  return std::holds_alternative<Pause>(command) || std::holds_alternative<Resume>(command) ||
         std::holds_alternative<Slow>(command) || std::holds_alternative<StepOn>(command) ||
         std::holds_alternative<LoseMessage>(command);
}

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace

std::variant<std::vector<TransactionSet>, std::vector<std::string>> load_file(
    const std::string& file, std::uint32_t nodes, const BankConfig& bank) {
  using Problems = std::vector<std::string>;
  if (std::filesystem::is_directory(file)) {
    return Problems{file + ": found a directory, expected a CSV file"};
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return Problems{file + ": cannot be read: " + std::strerror(errno)};
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CsvResult result = read_csv(text, nodes, bank);
  if (auto* sets = std::get_if<std::vector<TransactionSet>>(&result)) return std::move(*sets);
  Problems problems;
  for (const CsvError& error : std::get<std::vector<CsvError>>(result)) {
    problems.push_back(file + ":" + std::to_string(error.line) + ":" +
                       std::to_string(error.column) + ": " + error.message);
  }
  return problems;
}

Session::Session(Cluster& cluster, Runner& runner, Report& report, LineReader& lines,
                 SessionConfig config)
    : cluster_(cluster),
      runner_(runner),
      report_(report),
      lines_(lines),
      config_(std::move(config)) {
  runner_.on_turn([this] { take_turn(); });
}

// --- What is typed while something goes on

void Session::take_turn() {
  for (const std::string& line : cluster_.take_typed()) {
    report_(Notice{"(page) " + line});
    take_meanwhile(line, typed_);
  }
  listen_meanwhile();
  command_time();
}

/// What commands time is carried out whatever goes on; all else waits for the prompt, and with it
/// what follows in its line.
void Session::take_meanwhile(const std::string& line, std::deque<ConsoleCommand>& later) {
  const auto commands = read_commands(line, runner_.nodes(), runner_.bank());
  if (const auto* error = std::get_if<CommandError>(&commands)) {
    report_(Notice{error->message});
    return;
  }
  bool waits = false;
  for (const ConsoleCommand& command : std::get<std::vector<ConsoleCommand>>(commands)) {
    waits = waits || !commands_time(command);
    if (over_) {
      report_(Notice{"the run has ended: that is not done"});
    } else if (!waits) {
      urgent_.push_back(command);
    } else if (config_.batch) {
      report_(Notice{"--batch has no prompt at which that could be done"});
    } else {
      later.push_back(command);
    }
  }
}

/// A person can command time in the middle of everything.
void Session::listen_meanwhile() {
  if (!lines_.at_terminal() || !cluster_.commands_time()) return;
  if (prompting_ || input_ended_ || quit_ || over_) return;
  if (!lines_.asked()) lines_.ask("");
  if (!lines_.ready()) return;
  const Input input = lines_.take();
  if (const auto* line = std::get_if<std::string>(&input)) take_meanwhile(*line, waiting_);
  input_ended_ = std::holds_alternative<InputEnded>(input);
}

/// One after the other: what comes in while one is being done waits for its end.
void Session::command_time() {
  if (std::exchange(commanding_, true)) return;
  while (!urgent_.empty()) {
    const ConsoleCommand command = std::move(urgent_.front());
    urgent_.pop_front();
    carry_out(command);
  }
  commanding_ = false;
}

// --- Sets and the prompt

void Session::run_file(const std::vector<TransactionSet>& sets) {
  run_sets(sets);
  conclude();
}

void Session::run_sets(const std::vector<TransactionSet>& sets) {
  for (const TransactionSet& set : sets) {
    if (quit_ || !runner_.can_go_on()) {
      not_run_.push_back(set.number);
      continue;
    }
    set_ = set.number;
    runner_.run_set(set);
    for (const ConsoleCommand& command : config_.after_set) execute(command);
    if (config_.batch) continue;
    if (lines_.at_terminal() && &set == &sets.back()) {
      report_(Notice{"this was the last set: next ends the file"});
    }
    prompt(Place::in_file, "set " + std::to_string(set.number) + "> ");
  }
}

void Session::run_manual() {
  runner_.open();
  if (lines_.at_terminal()) {
    report_(
        Notice{"send A J 3 transfers 3 from A to J; then printdb all shows what the nodes hold, lf "
               "fails the leader; help lists all commands, quit ends"});
  }
  prompt(Place::manual, "paxbank> ");
  conclude();
}

/// What can be done no more is not passed over in silence.
void Session::conclude() {
  over_ = true;
  const std::size_t left = waiting_.size() + typed_.size();
  if (left == 0) return;
  report_(Notice{"the run has ended: " + std::to_string(left) + " of the commands typed " +
                 (left == 1 ? "is" : "are") + " not done"});
}

/// Waits for commands, and what is wrong with a line that has none. Returns false when no more will
/// come.
bool Session::await_commands(const std::string& prompt) {
  await_line(prompt);
  if (!lines_.ready() && !typed_.empty()) return true;  // what is being typed here stays
  const Input input = take_line();
  if (std::holds_alternative<TooLong>(input)) {
    mistake("a line of more than " + std::to_string(LineReader::line_limit) +
            " bytes is no command");
  }
  const auto* line = std::get_if<std::string>(&input);
  if (line == nullptr) return !std::holds_alternative<InputEnded>(input);
  auto commands = read_commands(*line, runner_.nodes(), runner_.bank());
  if (const auto* error = std::get_if<CommandError>(&commands)) {
    mistake(error->message);
  } else {
    const auto& read = std::get<std::vector<ConsoleCommand>>(commands);
    waiting_.assign(read.begin(), read.end());
  }
  return true;
}

/// Reads and runs commands until one of them leaves the prompt. What a line has after that waits
/// for the next prompt.
void Session::prompt(Place place, const std::string& text) {
  while (!quit_ && runner_.can_go_on()) {
    if (waiting_.empty()) waiting_.swap(typed_);
    if (waiting_.empty()) {
      if (!input_ended_ && await_commands(text)) continue;
      end_input(place);
      return;
    }
    ConsoleCommand known = std::move(waiting_.front());
    waiting_.pop_front();
    const bool moves =
        std::holds_alternative<Next>(known) || std::holds_alternative<RunFile>(known);
    if (moves && cluster_.time_stands()) {
      mistake("time stands still: resume first");
    } else if (std::holds_alternative<Next>(known)) {
      if (place == Place::in_file) return;
      mistake("there is no next set in manual mode; run FILE.csv runs a file");
    } else if (const auto* run = std::get_if<RunFile>(&known)) {
      if (place == Place::manual) {
        run_typed_file(run->file);
      } else {
        mistake("a file is being run; next goes on with it, quit ends it");
      }
    } else {
      if (auto* status = std::get_if<PrintStatus>(&known)) ask_sequence(*status);
      execute(known);
    }
  }
}

/// A script that ends lets the file run on, also if it has stopped time; a person who ends the
/// input wants out.
void Session::end_input(Place place) {
  const bool first = !std::exchange(input_ended_, true);
  quit_ = quit_ || lines_.at_terminal() || place == Place::manual;
  if (!first || lines_.at_terminal() || !cluster_.time_stands() || !runner_.can_go_on()) return;
  report_(Notice{"the input has ended while time stood still: it goes on"});
  runner_.go_on();
}

void Session::mistake(const std::string& what) {
  ++mistakes_;
  report_(Notice{what});
}

void Session::run_typed_file(const std::string& file) {
  const auto loaded = load_file(file, runner_.nodes(), runner_.bank());
  if (const auto* problems = std::get_if<std::vector<std::string>>(&loaded)) {
    for (const std::string& problem : *problems) mistake(problem);
    return;
  }
  run_sets(std::get<std::vector<TransactionSet>>(loaded));
}

void Session::ask_sequence(PrintStatus& command) {
  if (!command.sequence && !lines_.at_terminal()) {
    mistake("printstatus needs a sequence number here, as in printstatus all 1");
    return;
  }
  while (!command.sequence) {
    question_ = true;
    await_line("sequence number: ");
    question_ = false;
    const Input input = take_line();
    const auto* line = std::get_if<std::string>(&input);
    if (line == nullptr || is_blank(*line)) return;
    const auto sequence = read_sequence(*line);
    if (const auto* error = std::get_if<CommandError>(&sequence)) {
      mistake(error->message);
    } else {
      command.sequence = std::get<SequenceNumber>(sequence);
    }
  }
}

/// Asks for a line, and waits until it or, unless it is to answer a question, a command from a page
/// is there. Meanwhile the runner tells what comes up.
void Session::await_line(const std::string& prompt) {
  lines_.ask(prompt);
  prompting_ = true;
  runner_.until(Duration::max(), [&] { return lines_.ready() || (!question_ && !typed_.empty()); });
  prompting_ = false;
}

/// The line that was asked for. The input ends if the run does.
Input Session::take_line() {
  if (!lines_.ready()) lines_.dismiss();
  return lines_.take();
}

void Session::execute(const ConsoleCommand& command) {
  if (commands_time(command)) {
    urgent_.push_back(command);
    command_time();
  } else {
    carry_out(command);
  }
}

void Session::carry_out(const ConsoleCommand& command) {
  std::visit(
      Overload{[&](const PrintDb& c) { show(c); }, [&](const PrintLog& c) { show(c); },
               [&](const PrintStatus& c) { show(c); }, [&](const PrintView& c) { show(c); },
               [&](const ShowLeader&) {
                 report_(LeaderShown{set_, runner_.leader(), runner_.believers()});
               },
               [&](const ShowStatus&) { show_nodes(); },
               [&](const Check&) { report_(CheckShown{runner_.audit()}); },
               [&](const Send& c) { runner_.send(c.transaction); },
               [&](const FailLeader&) { runner_.fail_leader(); },
               [&](const Disconnect& c) { runner_.disconnect(c.nodes); },
               [&](const Reconnect& c) { runner_.reconnect(c.nodes); },
               [&](const Kill& c) {
                 if (c.clients) {
                   runner_.kill_clients();
                 } else {
                   runner_.kill(c.nodes);
                 }
               },
               [&](const Restart& c) {
                 if (c.clients) {
                   runner_.restart_clients();
                 } else {
                   runner_.restart(c.nodes);
                 }
               },
               [&](const Slow& c) { runner_.slow(c.times); },
               [&](const Pause&) { runner_.pause(); }, [&](const Resume&) { runner_.resume(); },
               [&](const StepOn& c) { runner_.step(c.count); },
               [&](const LoseMessage& c) { runner_.lose(c.send); },
               [&](const Help&) { report_(HelpShown{}); }, [&](const Quit&) { quit_ = true; },
               // These move the run itself; prompt() has dealt with them.
               [](const Next&) {}, [](const RunFile&) {}},
      command);
  runner_.take_in();
}

void Session::show(const PrintDb& command) { report_(DbShown{runner_.balances(command.nodes)}); }

/// After which number the node's log begins.
SequenceNumber Session::base(NodeId node) const {
  return cluster_.states()[node.value].status.base;
}

void Session::show(const PrintLog& command) {
  cluster_.refresh();
  for (const NodeId node : command.nodes) {
    LogShown shown{node, base(node), std::vector<LogLine>{}, {}};
    SequenceNumber from{1};
    while (shown.log) {
      const auto page = cluster_.log(node, from);
      if (!page) {
        shown.log.reset();
      } else if (page->empty()) {
        break;
      } else {
        shown.log->insert(shown.log->end(), page->begin(), page->end());
        from = page->back().sequence.next();
      }
    }
    if (shown.log) shown.messages = cluster_.messages(node).value_or(MessageHistory{});
    report_(shown);
  }
}

void Session::show(const PrintStatus& command) {
  if (!command.sequence) return;
  cluster_.refresh();
  StatusShown shown{*command.sequence, {}};
  for (const NodeId node : command.nodes) {
    StatusShown::Line line{node, base(node), std::nullopt};
    if (const auto lines = cluster_.log(node, *command.sequence)) {
      const bool there = !lines->empty() && lines->front().sequence == *command.sequence;
      line.status = there ? lines->front().entry.status : Status::none;
      if (*command.sequence <= line.base) line.status = Status::executed;
    }
    shown.statuses.push_back(line);
  }
  report_(shown);
}

void Session::show(const PrintView& command) {
  for (const NodeId node : command.nodes) report_(ViewShown{node, cluster_.views(node)});
}

void Session::show_nodes() {
  cluster_.refresh();
  NodesShown shown;
  for (const NodeId node : runner_.all_nodes()) {
    shown.nodes.emplace_back(node, cluster_.states()[node.value]);
    if (const auto store = cluster_.store(node)) shown.stores[node] = *store;
  }
  report_(shown);
}

}  // namespace paxbank::scenario
