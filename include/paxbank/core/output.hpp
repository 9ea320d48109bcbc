#pragma once

#include "paxbank/core/message.hpp"
#include "paxbank/core/state_machine.hpp"

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

using Event = std::variant<StoodForElection, Promised, BecameLeader, SteppedDown, FollowsLeader,
                           SawNewView, Refused>;

/// Acceptor state that must be on disk before `messages` leave. Empty until durable storage comes.
struct Persist {};

/// What the shell must carry out after a step, in the order of obligation: persist, send, report.
struct Output {
  Persist persist;
  std::vector<Envelope> messages;
  std::vector<Executed> executed;
  std::vector<Event> events;
  /// Call `tick()` then, at the latest.
  TimePoint wake_at = never;

  void send(Destination to, Message message) {
    messages.push_back({std::move(to), std::move(message)});
  }
};

}  // namespace paxbank
