#pragma once

#include "paxbank/core/acceptor.hpp"
#include "paxbank/core/config.hpp"
#include "paxbank/core/output.hpp"

namespace paxbank {

/// What one step of a replica works on: lent to the role's code for the length of a call, so that a
/// role owns only what dies with it.
struct Step {
  const ReplicaConfig& config;
  Acceptor& acceptor;
  Output& output;
  TimePoint now;
  bool paused = false;  ///< timers stand still: nothing can be put off

  void send(Destination to, Message message) { output.send(std::move(to), std::move(message)); }

  /// Notes that a command is chosen.
  void commit(Ballot ballot, SequenceNumber sequence, const Command& command) {
    if (acceptor.commit(ballot, sequence, command)) output.committed.push_back(sequence);
  }

  void happened(Event event) { output.events.push_back(std::move(event)); }

  /// This node's HEARTBEAT: how far it is, in the highest ballot that it has promised. One that has
  /// promised its own ballot and does not lead (any more) does not claim its view: that would read
  /// as "I lead".
  [[nodiscard]] Heartbeat heartbeat(bool leading = false) const {
    const AcceptLog& log = acceptor.log();
    const Ballot promised = acceptor.promised();
    const bool in_view = leading || (acceptor.in_view() && promised.node != config.id);
    return {promised, config.id, log.committed(), log.executed(), in_view, {}};
  }
};

}  // namespace paxbank
