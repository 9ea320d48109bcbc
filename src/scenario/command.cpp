#include "paxbank/scenario/command.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/scenario/csv.hpp"

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

NodeList read_nodes(const Context& in, std::size_t at) {
  const std::string expected = "a node from 1 to " + std::to_string(in.nodes) + " (or n1, or all)";
  if (at >= in.words.size()) throw Reject{in.words[0] + " needs " + expected};
  const std::string word = lowered(in.words[at]);
  if (word == "all") {
    NodeList all;
    for (std::uint32_t n = 1; n <= in.nodes; ++n) all.push_back({n});
    return all;
  }
  const auto number = whole(word.starts_with("n") ? std::string_view(word).substr(1) : word);
  if (!number || *number < 1 || *number > in.nodes) {
    throw Reject{"\"" + in.words[at] + "\" is not " + expected};
  }
  return {{static_cast<std::uint32_t>(*number)}};
}

void no_more(const Context& in, std::size_t count) {
  if (in.words.size() > count) {
    throw Reject{"\"" + in.words[count] + "\" is too much after \"" + in.words[count - 1] + "\""};
  }
}

template <class Command>
ConsoleCommand read_nodes_command(const Context& in) {
  const NodeList nodes = read_nodes(in, 1);
  no_more(in, 2);
  return Command{nodes};
}

template <class Command>
ConsoleCommand read_bare(const Context& in) {
  no_more(in, 1);
  return Command{};
}

ConsoleCommand read_print_status(const Context& in) {
  PrintStatus command{read_nodes(in, 1), std::nullopt};
  if (in.words.size() > 2) {
    const auto sequence = read_sequence(in.words[2]);
    if (const auto* error = std::get_if<CommandError>(&sequence)) throw Reject{error->message};
    command.sequence = std::get<SequenceNumber>(sequence);
  }
  no_more(in, 3);
  return command;
}

ConsoleCommand read_send(const Context& in) {
  if (in.words.size() != 4) throw Reject{"send needs two accounts and an amount: send A J 3"};
  try {
    return Send{
        read_transaction("(" + in.words[1] + "," + in.words[2] + "," + in.words[3] + ")", in.bank)};
  } catch (const CsvError& error) {
    throw Reject{error.message};
  }
}

ConsoleCommand read_run(const Context& in) {
  const auto at = in.line.find(in.words[0]) + in.words[0].size();
  std::string file(in.line.substr(at));
  file.erase(0, file.find_first_not_of(" \t"));
  file.erase(file.find_last_not_of(" \t\r") + 1);
  if (file.empty()) throw Reject{"run needs a file: run Testcases.csv"};
  return RunFile{file};
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
       {"printdb N", "balances on a node; all: one table, differences marked"}},
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
      {"check",
       read_bare<Check>,
       {"check", "agreement, order, exactly once and money, across all nodes"}},
      {"run", read_run, {"run FILE.csv", "runs a file, from manual mode"}},
      {"help", read_bare<Help>, {"help", "this list"}},
      {"quit", read_bare<Quit>, {"quit", "ends everything"}}};
  return known;
}

/// Edit distance (Levenshtein), for the nearest right command.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

const Known& nearest(std::string_view word) {
  const auto& known = known_commands();
  return *std::min_element(known.begin(), known.end(), [&](const Known& left, const Known& right) {
    return distance(word, left.name) < distance(word, right.name);
  });
}

ConsoleCommand read(std::string_view line, std::uint32_t nodes, const BankConfig& bank) {
  const Words words = split(line);
  PAXBANK_ASSERT(!words.empty(), "blank lines are skipped by the caller");
  const Context in{words, line, nodes, bank};
  if (words[0].front() == '(') {
    try {
      return Send{read_transaction(line, bank)};
    } catch (const CsvError& error) {
      throw Reject{error.message};
    }
  }
  const std::string name = lowered(words[0]);
  for (const Known& known : known_commands()) {
    if (known.name != name) continue;
    try {
      return known.read(in);
    } catch (const Reject& reject) {
      throw Reject{reject.message + "; the form is: " + std::string(known.help.form)};
    }
  }
  throw Reject{"\"" + words[0] + "\" is no command; the nearest is: " +
               std::string(nearest(name).help.form) + " (help lists them all)"};
}

}  // namespace

std::variant<ConsoleCommand, CommandError> read_command(std::string_view line, std::uint32_t nodes,
                                                        const BankConfig& bank) {
  try {
    return read(line, nodes, bank);
  } catch (const Reject& reject) {
    return CommandError{reject.message};
  }
}

std::variant<std::vector<ConsoleCommand>, CommandError> read_after_set(std::string_view text,
                                                                       std::uint32_t nodes,
                                                                       const BankConfig& bank) {
  std::vector<ConsoleCommand> commands;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (split(part).empty()) continue;
    auto command = read_command(part, nodes, bank);
    if (auto* error = std::get_if<CommandError>(&command)) return std::move(*error);
    auto& read = std::get<ConsoleCommand>(command);
    if (std::holds_alternative<Next>(read) || std::holds_alternative<Quit>(read) ||
        std::holds_alternative<RunFile>(read)) {
      return CommandError{"\"" + split(part)[0] + "\" cannot run after each set"};
    }
    const auto* status = std::get_if<PrintStatus>(&read);
    if (status != nullptr && !status->sequence) {
      return CommandError{"printstatus needs a sequence number here: printstatus all 1"};
    }
    commands.push_back(std::move(read));
  }
  return commands;
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
  Words words = split(line);
  const bool fresh = line.empty() || std::isspace(static_cast<unsigned char>(line.back())) != 0;
  if (fresh) words.emplace_back();
  const std::string begun = lowered(words.back());
  std::vector<std::string> options;
  if (words.size() == 1) {
    for (const Known& known : known_commands()) options.emplace_back(known.name);
  } else if (lowered(words[0]) == "send" && words.size() <= 3) {
    for (const AccountId& account : bank.accounts) options.push_back(account.value.str());
  } else if (words.size() == 2) {
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
