#pragma once

#include "paxbank/core/ids.hpp"

#include <string_view>
#include <variant>

namespace paxbank {

struct Transaction {
  AccountId from;
  AccountId to;
  Amount amount;
  bool operator==(const Transaction&) const = default;
};

/// What a client asks for; (client, timestamp) is its identity.
struct Request {
  ClientId client;
  Timestamp timestamp;
  Transaction transaction;
  bool operator==(const Request&) const = default;
};

/// Fills a slot in which nothing was chosen, so that execution can go past it.
struct NoOp {
  bool operator==(const NoOp&) const = default;
};

/// What a slot of the log holds.
using Command = std::variant<NoOp, Request>;

enum class Result {
  success,
  failed,
  /// Older than its client's newest executed request: what came of it is no longer known. Only a
  /// REPLY says so; nothing is ever executed to that.
  stale,
};

/// A client's line in the exactly-once table: its newest executed request and what came of it.
struct Session {
  Timestamp timestamp;
  Result result = Result::failed;
  SequenceNumber sequence;
  bool operator==(const Session&) const = default;
};

[[nodiscard]] constexpr std::string_view to_string(Result result) {
  constexpr std::string_view words[] = {"success", "failed", "stale"};
  return words[static_cast<int>(result)];
}

}  // namespace paxbank
