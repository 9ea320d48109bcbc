#pragma once

#include "paxbank/core/ballot.hpp"
#include "paxbank/core/bank.hpp"
#include "paxbank/core/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace paxbank::scenario {

// What can be typed at the prompt, as values.

/// `N`: one node, several, or all of them.
using NodeList = std::vector<NodeId>;

struct PrintDb {
  NodeList nodes;
};
struct PrintLog {
  NodeList nodes;
};
struct PrintStatus {
  NodeList nodes;
  std::optional<SequenceNumber> sequence;  ///< to be asked for, if it was not given
};
struct PrintView {
  NodeList nodes;
};
struct ShowLeader {};
struct ShowStatus {};
struct Check {};
struct Next {};
struct Send {
  Transaction transaction;
};
struct FailLeader {};
struct Disconnect {
  NodeList nodes;
};
struct Reconnect {
  NodeList nodes;
};
/// Ends processes at once; `clients`: that of the clients.
struct Kill {
  NodeList nodes;
  bool clients = false;
};
struct Restart {
  NodeList nodes;
  bool clients = false;
};
/// Everything takes so many times as long.
struct Slow {
  std::int64_t times = 1;
};
struct Pause {};
struct Resume {};
/// Lets so many things happen, one after the other.
struct StepOn {
  std::uint64_t count = 1;
};
/// Loses a message on its way, by its id in the trace.
struct LoseMessage {
  std::string send;
};
struct RunFile {
  std::string file;
};
struct Help {};
struct Quit {};

using ConsoleCommand =
    std::variant<PrintDb, PrintLog, PrintStatus, PrintView, ShowLeader, ShowStatus, Check, Next,
                 Send, FailLeader, Disconnect, Reconnect, Kill, Restart, Slow, Pause, Resume,
                 StepOn, LoseMessage, RunFile, Help, Quit>;

/// The most that time can be stretched.
inline constexpr std::uint64_t slow_limit = 100;

/// A line that is no command: what is wrong, and the nearest right one.
struct CommandError {
  std::string message;
};

using CommandsResult = std::variant<std::vector<ConsoleCommand>, CommandError>;

/// Reads one line, `cmd; cmd; …`: all of its commands, or what is wrong with one of them. None for
/// a blank line and for a comment, which `#` begins. Case does not matter, not even of accounts, as
/// long as the bank has no two that differ in nothing else.
[[nodiscard]] CommandsResult read_commands(std::string_view line, std::uint32_t nodes,
                                           const BankConfig& bank);

/// The same as `--after-set` takes it: only commands that can run without being asked anything and
/// leave the run's course alone.
[[nodiscard]] CommandsResult read_after_set(std::string_view text, std::uint32_t nodes,
                                            const BankConfig& bank);

/// Reads a sequence number as typed when asked for.
[[nodiscard]] std::variant<SequenceNumber, CommandError> read_sequence(std::string_view text);

struct CommandHelp {
  std::string_view form;
  std::string_view what;
};

/// Every command with one line each, in the order in which `help` shows them.
[[nodiscard]] const std::vector<CommandHelp>& command_help();

/// The words that a line beginning like this may go on with, for Tab.
[[nodiscard]] std::vector<std::string> complete(std::string_view line, std::uint32_t nodes,
                                                const BankConfig& bank);

}  // namespace paxbank::scenario
