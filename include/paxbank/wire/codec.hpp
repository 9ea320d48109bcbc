// Messages <-> JSON Lines. What each field means is in docs/protocol.md.
#pragma once

#include "paxbank/core/message.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace paxbank::wire {

/// The first line on a connection says whose it is: a node's, or that of some clients.
struct Hello {
  std::variant<NodeId, std::vector<ClientId>> who;
};

/// Why a line is refused, in words for a log.
struct Fault {
  std::string reason;
};

using Decoded = std::variant<Message, Hello, Fault>;

/// The highest sequence number on the wire: JSON carries it exactly.
inline constexpr std::uint64_t sequence_limit = std::uint64_t{1} << 52U;

/// Whether a text can be the name of a client or an account.
[[nodiscard]] bool is_name(std::string_view text);

/// Appends one line, its `\n` included.
void append(std::string& out, const Message& message);

/// One line, its `\n` included.
[[nodiscard]] std::string encode(const Message& message);
[[nodiscard]] std::string encode(const Hello& hello);

/// Reads one line (without its `\n`) as a node of a cluster of `nodes` gets it. Anything that is
/// not exactly a message becomes a Fault; nothing throws, and no line makes it use memory beyond a
/// small multiple of the line's own size.
[[nodiscard]] Decoded decode(std::string_view line, std::uint32_t nodes);

// The same values for the control channel and for what a person reads.
[[nodiscard]] nlohmann::ordered_json to_json(const Message& message);
[[nodiscard]] nlohmann::ordered_json to_json(const Command& command);
[[nodiscard]] nlohmann::ordered_json to_json(const Ballot& ballot);
[[nodiscard]] nlohmann::ordered_json to_json(const Transaction& transaction);
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<AcceptedEntry>& entries);

}  // namespace paxbank::wire
