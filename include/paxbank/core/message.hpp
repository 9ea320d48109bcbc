// The messages of the protocol, as plain values. How they look on the wire is `wire`'s
// business.
#pragma once

#include "paxbank/core/ballot.hpp"
#include "paxbank/core/command.hpp"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace paxbank {

/// One slot of an accept log, as PROMISE and NEW_VIEW carry it.
struct AcceptedEntry {
  Ballot ballot;
  SequenceNumber sequence;
  Command command;
  bool operator==(const AcceptedEntry&) const = default;
};

/// Phase 1a: the owner of `ballot` asks to lead, and needs the log from `from_sequence` on.
struct Prepare {
  Ballot ballot;
  SequenceNumber from_sequence;
  bool operator==(const Prepare&) const = default;
};

/// Phase 1b. Long logs go in parts: this one begins at `from_sequence`; `next_sequence` says where
/// the next part begins, and is empty in the last one.
struct Promise {
  Ballot ballot;
  NodeId node;
  SequenceNumber from_sequence;
  std::optional<SequenceNumber> next_sequence;
  std::vector<AcceptedEntry> accept_log;
  bool operator==(const Promise&) const = default;
};

/// Phase 2a for all that the promises named, gaps filled with no-ops. A long one goes in several,
/// each of them complete for the numbers it holds.
struct NewView {
  Ballot ballot;
  std::vector<AcceptedEntry> accept_log;
  bool operator==(const NewView&) const = default;
};

/// Phase 2a of one slot, or of several in a row: command i is for `sequence` + i. It also says up
/// to where everything is chosen: a COMMIT that travels along.
struct Accept {
  Ballot ballot;
  SequenceNumber sequence;
  std::vector<Command> commands;
  SequenceNumber committed = {};
  bool operator==(const Accept&) const = default;
};

/// Phase 2b of the slots from `sequence` to `through`, both included.
struct Accepted {
  Ballot ballot;
  SequenceNumber sequence;
  SequenceNumber through;
  NodeId node;
  bool operator==(const Accepted&) const = default;
};

/// The slots from `sequence` to `through` are chosen. `ballot` is the one its sender leads in,
/// which may be later than the one they were chosen in.
///
/// With commands (one for each slot) it teaches them. Without, it speaks of what its receiver
/// accepted in this very ballot; a receiver that did not is taught later (protocol.md rule 14).
struct Commit {
  Ballot ballot;
  SequenceNumber sequence;
  SequenceNumber through;
  std::vector<Command> commands;
  bool operator==(const Commit&) const = default;
};

struct Reply {
  Ballot ballot;
  ClientId client;
  Timestamp timestamp;
  Result result = Result::failed;
  SequenceNumber sequence;  ///< where it was executed
  /// With `Result::stale`: the client's newest executed timestamp. Only later ones count.
  std::optional<Timestamp> newest = {};
  bool operator==(const Reply&) const = default;
};

/// From a leader: I lead. From any other node: an answer that says how far it is, in the highest
/// ballot that it has promised. `in_view` is whether it has accepted that ballot's NEW_VIEW, which
/// proves that the ballot was won and not only stood for.
struct Heartbeat {
  Ballot ballot;
  NodeId node;
  SequenceNumber committed;
  SequenceNumber executed;
  bool in_view = true;
  /// From a leader: a quorum has executed everything up to here, so the log before it may go.
  SequenceNumber stable = {};
  bool operator==(const Heartbeat&) const = default;
};

/// The state after executing everything up to `sequence`, for a node that lacks slots which its
/// sender no longer has one by one.
struct Checkpoint {
  NodeId node;
  SequenceNumber sequence;
  std::vector<std::pair<AccountId, Amount>> balances;  ///< by account
  std::vector<std::pair<ClientId, Session>> sessions;  ///< by client
  bool operator==(const Checkpoint&) const = default;
};

using Message = std::variant<Prepare, Promise, NewView, Accept, Accepted, Commit, Request, Reply,
                             Heartbeat, Checkpoint>;

/// The node that a message says it comes from: the ballot's owner for what only that one may send,
/// the named node for answers; none for REQUEST and REPLY. The shell holds it against the
/// connection.
[[nodiscard]] std::optional<NodeId> claimed_sender(const Message& message);

/// All other nodes (from a client: all nodes).
struct AllNodes {
  auto operator<=>(const AllNodes&) const = default;
};
using Destination = std::variant<AllNodes, NodeId, ClientId>;

struct Envelope {
  Destination to;
  Message message;
};

}  // namespace paxbank
