#pragma once

#include "paxbank/core/config.hpp"
#include "paxbank/core/message.hpp"
#include "paxbank/core/persist.hpp"
#include "paxbank/core/state_machine.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace paxbank {

// Events: what happened inside, for readers' eyes. They are values, never log lines: one event
// feeds the log file, printview, the stories and the checkers.

struct StoodForElection {
  Ballot ballot;
};
struct Promised {
  Ballot ballot;
};
struct BecameLeader {
  Ballot ballot;
};
struct SteppedDown {
  Ballot ballot;
  std::string_view reason;
};
/// The node heard the owner of `ballot` lead, and follows it.
struct FollowsLeader {
  Ballot ballot;
};
/// The node accepted a NEW_VIEW (its owner: sent it).
struct SawNewView {
  Ballot ballot;
  std::vector<AcceptedEntry> entries;
};
/// A peer sent what no honest peer sends; the shell closes the connection.
struct Refused {
  NodeId peer;
  std::string reason;
};

/// A checkpoint took the place of the log up to `base`; `installed`: it came from another node, and
/// this one had not executed all of that.
struct Compacted {
  SequenceNumber base;
  bool installed = false;
};

using Event = std::variant<StoodForElection, Promised, BecameLeader, SteppedDown, FollowsLeader,
                           SawNewView, Refused, Compacted>;

/// What the shell must carry out, in the order of obligation: persist, send, report.
class Output {
 public:
  /// `accepts_per_message`: as in Limits.
  explicit Output(std::uint64_t accepts_per_message = Limits{}.accepts_per_message)
      : accepts_per_message_(accepts_per_message) {}

  Persist persist;
  std::vector<Envelope> messages;
  std::vector<SequenceNumber> committed;  ///< slots that became known to be chosen
  std::vector<Executed> executed;
  std::vector<Event> events;
  /// Call `tick()` then, at the latest.
  TimePoint wake_at = never;

  void send(Destination to, Message message) {
    messages.push_back({std::move(to), std::move(message)});
  }

  // What goes out for each slot in turn leaves as one message for many, where they go the same way
  // since the last clear(). Order between messages of different kinds is not kept; no network keeps
  // it either.
  void send_accept(Destination to, Ballot ballot, SequenceNumber sequence, const Command& command,
                   SequenceNumber chosen_until);
  void send_accepted(NodeId to, Ballot ballot, SequenceNumber sequence, NodeId self);
  /// One alone carries its command; several in a row only say how far.
  void send_commit(Ballot ballot, SequenceNumber sequence, const Command& command);

  /// Empties it; room that was taken stays.
  void clear();

 private:
  template <class Type>
  Type* going_the_same_way(std::optional<std::size_t> index, const Destination& to);

  std::uint64_t accepts_per_message_;
  std::optional<std::size_t> last_accept_;
  std::optional<std::size_t> last_accepted_;
  std::optional<std::size_t> last_commit_;
};

}  // namespace paxbank
