// Messages <-> JSON Lines. What each field means is in docs/protocol.md, which fields there are in
// core/layout.hpp.
#pragma once

#include "paxbank/core/layout.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace paxbank::wire {

/// The first line on a connection says whose it is: a node's, or that of some clients; and to which
/// run it belongs.
struct Hello {
  std::uint64_t run = 0;      ///< drawn anew by each launcher; 0: not said
  std::uint32_t version = 0;  ///< of the protocol; 0: not said
  std::uint32_t nodes = 0;    ///< how many the cluster has; 0: not said
  /// Which of the connections that its sender has made to this port, from 1; 0: not said. With the
  /// lines counted on it, every line has a name that both ends know (docs/trace.md).
  std::uint64_t connection = 0;
  std::optional<NodeId> node = {};
  std::vector<ClientId> clients = {};
  bool operator==(const Hello&) const = default;
};

/// The version of the protocol on the wire.
inline constexpr std::uint32_t protocol_version = 1;
/// Names in one HELLO.
inline constexpr std::size_t hello_limit = 65'536;

/// Why a line is refused, in words for a log.
struct Fault {
  std::string reason;
};

using Decoded = std::variant<Message, Hello, Fault>;

/// The highest sequence number on the wire: JSON carries it exactly.
inline constexpr std::uint64_t sequence_limit = std::uint64_t{1} << 52U;

/// Whether a text can be the name of a client or an account.
[[nodiscard]] bool is_name(std::string_view text);

/// A text from outside as it may stand in a log: in one line, nothing in it acted on by a terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// Appends one line, its `\n` included.
void append(std::string& out, const Message& message);

/// One line, its `\n` included.
[[nodiscard]] std::string encode(const Message& message);
[[nodiscard]] std::string encode(const Hello& hello);

/// What a peer is told that is refused: one line, its `\n` included. Nobody answers it.
[[nodiscard]] std::string error_line(std::string_view reason);

/// Reads one line (without its `\n`) as a node of a cluster of `nodes` gets it. Anything that is
/// not exactly a message becomes a Fault; nothing throws, and no line makes it use memory beyond a
/// small multiple of the line's own size.
[[nodiscard]] Decoded decode(std::string_view line, std::uint32_t nodes);

// The same values as they are written, for what a person reads.
[[nodiscard]] nlohmann::ordered_json to_json(const Message& message);
[[nodiscard]] nlohmann::ordered_json to_json(const Command& command);
[[nodiscard]] nlohmann::ordered_json to_json(const Ballot& ballot);
[[nodiscard]] nlohmann::ordered_json to_json(const Transaction& transaction);
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<AcceptedEntry>& entries);

}  // namespace paxbank::wire

namespace paxbank {

template <>
struct Layout<wire::Hello> {
  static constexpr std::string_view type = "HELLO";
  static void fields(auto& v, auto& hello) {
    v.field_or("run"_key, hello.run, std::uint64_t{0});
    v.field_or("version"_key, hello.version, std::uint32_t{0});
    v.field_or("nodes"_key, hello.nodes, std::uint32_t{0});
    v.field_or("connection"_key, hello.connection, std::uint64_t{0});
    if (v.chooses("node_id"_key, hello.node.has_value())) {
      v.optional("node_id"_key, hello.node);
      return;
    }
    v.field("client_ids"_key, hello.clients);
    v.check(hello.clients.size() <= wire::hello_limit, "client_ids"_key, "a list of at most 65536");
  }
};

}  // namespace paxbank
