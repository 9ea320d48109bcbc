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

enum class Result { success, failed };

/// A client's line in the exactly-once table: its newest executed request and what came of it.
struct Session {
  Timestamp timestamp;
  Result result = Result::failed;
  SequenceNumber sequence;
  bool operator==(const Session&) const = default;
};

[[nodiscard]] constexpr std::string_view to_string(Result result) {
  return result == Result::success ? "success" : "failed";
}

}  // namespace paxbank
