#include "paxbank/scenario/command.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/scenario/csv.hpp"
#include "paxbank/scenario/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace paxbank::scenario {
namespace {

using Words = std::vector<std::string>;

struct Reject {
  std::string message;
};

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

Words split(std::string_view line) {
  Words words;
  std::string word;
  for (const char c : line) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::optional<std::uint64_t> whole(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What a command needs to be read.
struct Context {
  const Words& words;
  std::string_view line;
  std::uint32_t nodes;
  const BankConfig& bank;
};

NodeId read_node(const Context& in, std::string_view word, const std::string& expected) {
  const std::string name = lowered(word);
  const auto number = whole(name.starts_with("n") ? std::string_view(name).substr(1) : name);
  if (!number || *number < 1 || *number > in.nodes) {
    throw Reject{"\"" + std::string(word) + "\" is not " + expected};
  }
  return {static_cast<std::uint32_t>(*number)};
}

/// The nodes that the words from 1 up to `end` name, blanks or commas between them, each once.
NodeList read_nodes(const Context& in, std::size_t end) {
  const std::string expected = "a node from 1 to " + std::to_string(in.nodes) + " (or n1, or all)";
  std::string names;
  for (std::size_t i = 1; i < end; ++i) names += in.words[i] + " ";
  std::replace(names.begin(), names.end(), ',', ' ');
  NodeList nodes;
  const auto add = [&](NodeId node) {
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
  };
  for (const std::string& word : split(names)) {
    if (lowered(word) == "all") {
      for (std::uint32_t n = 1; n <= in.nodes; ++n) add({n});
    } else {
      add(read_node(in, word, expected));
    }
  }
  if (nodes.empty()) throw Reject{in.words[0] + " needs " + expected};
  return nodes;
}

void no_more(const Context& in, std::size_t count) {
  if (in.words.size() > count) {
    throw Reject{"\"" + in.words[count] + "\" is too much after \"" + in.words[count - 1] + "\""};
  }
}

template <class Command>
ConsoleCommand read_nodes_command(const Context& in) {
  return Command{read_nodes(in, in.words.size())};
}

template <class Command>
ConsoleCommand read_processes(const Context& in) {
  if (in.words.size() == 2 && lowered(in.words[1]) == "clients") return Command{{}, true};
  return Command{read_nodes(in, in.words.size()), false};
}

template <class Command>
ConsoleCommand read_bare(const Context& in) {
  no_more(in, 1);
  return Command{};
}

/// The last word is the sequence number, unless it can only be a node.
ConsoleCommand read_print_status(const Context& in) {
  const std::string last = lowered(in.words.back());
  const bool numbered = in.words.size() > 2 && !last.starts_with('n') && last != "all" &&
                        last.find(',') == std::string::npos &&
                        !in.words[in.words.size() - 2].ends_with(',');
  PrintStatus command{read_nodes(in, in.words.size() - (numbered ? 1 : 0)), std::nullopt};
  if (numbered) {
    const auto sequence = read_sequence(in.words.back());
    if (const auto* error = std::get_if<CommandError>(&sequence)) throw Reject{error->message};
    command.sequence = std::get<SequenceNumber>(sequence);
  }
  return command;
}

ConsoleCommand read_parenthesized(std::string_view text, const BankConfig& bank) {
  try {
    return Send{read_transaction(text, bank)};
  } catch (const CsvError& error) {
    throw Reject{error.message};
  }
}

/// What stands behind the command's name, without blanks around it.
std::string behind_name(const Context& in) {
  std::string rest(in.line.substr(in.line.find(in.words[0]) + in.words[0].size()));
  rest.erase(0, rest.find_first_not_of(" \t"));
  rest.erase(rest.find_last_not_of(" \t\r") + 1);
  return rest;
}

ConsoleCommand read_send(const Context& in) {
  const std::string rest = behind_name(in);
  if (rest.starts_with('(')) return read_parenthesized(rest, in.bank);
  if (in.words.size() != 4) throw Reject{"send needs two accounts and an amount: send A J 3"};
  return read_parenthesized("(" + in.words[1] + "," + in.words[2] + "," + in.words[3] + ")",
                            in.bank);
}

ConsoleCommand read_run(const Context& in) {
  const std::string file = behind_name(in);
  if (file.empty()) throw Reject{"run needs a file: run Testcases.csv"};
  return RunFile{file};
}

std::uint64_t read_number(const Context& in, std::uint64_t low, std::uint64_t high) {
  no_more(in, 2);
  const auto number = in.words.size() == 2 ? whole(in.words[1]) : std::nullopt;
  if (!number || *number < low || *number > high) {
    throw Reject{in.words[0] + " needs a number from " + std::to_string(low) + " to " +
                 std::to_string(high)};
  }
  return *number;
}

ConsoleCommand read_slow(const Context& in) {
  return Slow{static_cast<std::int64_t>(read_number(in, 1, slow_limit))};
}

ConsoleCommand read_step(const Context& in) {
  constexpr std::uint64_t steps_limit = 1'000;
  return StepOn{in.words.size() == 1 ? 1 : read_number(in, 1, steps_limit)};
}

ConsoleCommand read_lose(const Context& in) {
  no_more(in, 2);
  if (in.words.size() != 2) throw Reject{"lose needs a message's id, as the trace has it"};
  return LoseMessage{in.words[1]};
}

struct Known {
  std::string_view name;
  ConsoleCommand (*read)(const Context&);
  CommandHelp help;
};

const std::vector<Known>& known_commands() {
  static const std::vector<Known> known{
      {"printdb",
       read_nodes_command<PrintDb>,
       {"printdb N", "balances on a node, or of several in one table"}},
      {"printlog",
       read_nodes_command<PrintLog>,
       {"printlog N", "a node's log, and the messages it sent and received"}},
      {"printstatus",
       read_print_status,
       {"printstatus N [SEQ]", "status of a sequence number there: A, C, E or X"}},
      {"printview",
       read_nodes_command<PrintView>,
       {"printview N", "every NEW_VIEW that a node has seen"}},
      {"next", read_bare<Next>, {"next", "goes on to the next set"}},
      {"leader", read_bare<ShowLeader>, {"leader", "who leads, in which ballot"}},
      {"status",
       read_bare<ShowStatus>,
       {"status", "each node's state, executed and committed points"}},
      {"send", read_send, {"send A J 3", "one transaction now; (A, J, 3) does the same"}},
      {"lf", read_bare<FailLeader>, {"lf", "disconnects the leader"}},
      {"disconnect", read_nodes_command<Disconnect>, {"disconnect N", "cuts a node off"}},
      {"reconnect", read_nodes_command<Reconnect>, {"reconnect N", "brings a node back"}},
      {"kill",
       read_processes<Kill>,
       {"kill N", "ends a node's process at once, as kill -9 does; also: kill clients"}},
      {"restart",
       read_processes<Restart>,
       {"restart N", "a dead node comes back with what it has kept; also: restart clients"}},
      {"check",
       read_bare<Check>,
       {"check", "agreement, order, exactly once and money, across all nodes"}},
      {"slow", read_slow, {"slow 20", "messages and timers take 20 times as long (with --slow)"}},
      {"pause", read_bare<Pause>, {"pause", "the cluster stands still, also while you look"}},
      {"resume", read_bare<Resume>, {"resume", "it runs on while you look"}},
      {"step", read_step, {"step", "the next message or timer happens (with --slow)"}},
      {"lose", read_lose, {"lose ID", "a message on its way does not arrive (with --slow)"}},
      {"run", read_run, {"run FILE.csv", "runs a file, from manual mode"}},
      {"help", read_bare<Help>, {"help", "this list"}},
      {"quit", read_bare<Quit>, {"quit", "ends everything"}}};
  return known;
}

/// Other words that mean a command.
std::string meant(std::string name) {
  if (name == "exit" || name == "q") return "quit";
  if (name == "?") return "help";
  return name;
}

[[noreturn]] void reject_unknown(const std::string& word) {
  std::vector<std::string> names;
  for (const Known& known : known_commands()) names.emplace_back(known.name);
  std::string message = "\"" + word + "\" is no command; ";
  const auto near = nearest(lowered(word), names);
  for (const Known& known : known_commands()) {
    if (near != known.name) continue;
    throw Reject{message + "the nearest is: " + std::string(known.help.form) +
                 " (help lists them all)"};
  }
  throw Reject{message + "help lists them all"};
}

ConsoleCommand read(std::string_view line, std::uint32_t nodes, const BankConfig& bank) {
  const Words words = split(line);
  PAXBANK_ASSERT(!words.empty(), "blank parts of a line are no commands");
  const Context in{words, line, nodes, bank};
  if (words[0].front() == '(') return read_parenthesized(line, bank);
  const std::string name = meant(lowered(words[0]));
  for (const Known& known : known_commands()) {
    if (known.name != name) continue;
    try {
      return known.read(in);
    } catch (const Reject& reject) {
      throw Reject{reject.message + "; the form is: " + std::string(known.help.form)};
    }
  }
  reject_unknown(words[0]);
}

void allow_after_set(const ConsoleCommand& command) {
  if (std::holds_alternative<Next>(command)) throw Reject{"\"next\" cannot run after each set"};
  if (std::holds_alternative<Quit>(command)) throw Reject{"\"quit\" cannot run after each set"};
  if (std::holds_alternative<RunFile>(command)) throw Reject{"\"run\" cannot run after each set"};
  const bool stops =
      std::holds_alternative<Pause>(command) || std::holds_alternative<StepOn>(command);
  if (stops) {
    throw Reject{
        "\"pause\" and \"step\" cannot run after each set: the next one would not go on; type them "
        "at "
        "the prompt, or on a page"};
  }
  const auto* status = std::get_if<PrintStatus>(&command);
  if (status != nullptr && !status->sequence) {
    throw Reject{"printstatus needs a sequence number here: printstatus all 1"};
  }
}

}  // namespace

CommandsResult read_commands(std::string_view line, std::uint32_t nodes, const BankConfig& bank) {
  std::vector<ConsoleCommand> commands;
  const Words words = split(line);
  if (!words.empty() && words[0].front() == '#') return commands;
  try {
    while (!line.empty()) {
      const auto end = std::min(line.find(';'), line.size());
      const std::string_view part = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
      if (!split(part).empty()) commands.push_back(read(part, nodes, bank));
    }
  } catch (const Reject& reject) {
    return CommandError{reject.message};
  }
  return commands;
}

CommandsResult read_after_set(std::string_view text, std::uint32_t nodes, const BankConfig& bank) {
  CommandsResult result = read_commands(text, nodes, bank);
  const auto* commands = std::get_if<std::vector<ConsoleCommand>>(&result);
  if (commands == nullptr) return result;
  try {
    std::for_each(commands->begin(), commands->end(), allow_after_set);
  } catch (const Reject& reject) {
    return CommandError{reject.message};
  }
  return result;
}

std::variant<SequenceNumber, CommandError> read_sequence(std::string_view text) {
  const Words words = split(text);
  const auto number = words.size() == 1 ? whole(words[0]) : std::nullopt;
  if (!number || *number == 0) {
    return CommandError{"\"" + std::string(text) + "\" is not a sequence number (1, 2, 3, …)"};
  }
  return SequenceNumber{*number};
}

const std::vector<CommandHelp>& command_help() {
  static const std::vector<CommandHelp> help = [] {
    std::vector<CommandHelp> lines;
    for (const Known& known : known_commands()) lines.push_back(known.help);
    return lines;
  }();
  return help;
}

std::vector<std::string> complete(std::string_view line, std::uint32_t nodes,
                                  const BankConfig& bank) {
  line.remove_prefix(line.rfind(';') + 1);  // npos + 1 is 0
  Words words = split(line);
  const bool fresh = line.empty() || std::isspace(static_cast<unsigned char>(line.back())) != 0;
  if (fresh) words.emplace_back();
  const std::string begun = lowered(words.back());
  std::vector<std::string> options;
  if (words.size() == 1) {
    for (const Known& known : known_commands()) options.emplace_back(known.name);
  } else if (lowered(words[0]) == "send" && words.size() <= 3) {
    for (const AccountId& account : bank.accounts) options.push_back(account.value.str());
  } else {
    for (const Known& known : known_commands()) {
      if (known.name != lowered(words[0]) || known.help.form.find(" N") == std::string_view::npos) {
        continue;
      }
      for (std::uint32_t n = 1; n <= nodes; ++n) options.push_back("n" + std::to_string(n));
      options.emplace_back("all");
    }
  }
  std::erase_if(options, [&](const std::string& o) { return !lowered(o).starts_with(begun); });
  return options;
}

}  // namespace paxbank::scenario
