// How a single node must conduct itself, whatever comes of it: what it may promise, when it may
// speak as a leader, how much it may send. A breach of these may go unpunished for a long time.
#pragma once

#include "paxbank/core/invariants.hpp"
#include "paxbank/core/replica.hpp"

#include <array>
#include <optional>

namespace paxbank::sim {

/// Rules 4 and 11: a PROMISE says what its sender's log holds, and comes from no node that hears
/// another leader.
class PromiseCheck {
 public:
  PromiseCheck(const ReplicaConfig& config, OnViolation violated)
      : leader_timeout_min_(config.leader_timeout_min), violated_(std::move(violated)) {}

  /// A node is about to take a PREPARE, at this time of its own clock.
  void asked(NodeId node, const Replica& replica, const Prepare& prepare, TimePoint now);
  /// It has answered with this.
  void promised(NodeId node, const Acceptor& acceptor, const Promise& promise);

 private:
  /// What there was to know before the step that the last PREPARE led to.
  struct Asked {
    SequenceNumber from;
    std::optional<Ballot> hears;  ///< the leader that was heard just now
  };

  Duration leader_timeout_min_;
  OnViolation violated_;
  std::array<Asked, nodes_limit + 1> asked_;
};

/// Only a leader speaks as one, and in its own ballot.
class LeadershipCheck {
 public:
  explicit LeadershipCheck(OnViolation violated) : violated_(std::move(violated)) {}

  /// A node has this to send, after the step that led to it.
  void sends(NodeId node, const Replica& replica, const Message& message);

 private:
  OnViolation violated_;
};

/// Rule 18: what a message holds, and what is under way to a node that catches up.
class BoundsCheck {
 public:
  BoundsCheck(const Limits& limits, OnViolation violated)
      : limits_(limits), violated_(std::move(violated)) {}

  /// A node is about to take a HEARTBEAT.
  void heard(NodeId node, const Heartbeat& heartbeat);
  /// A message is about to leave a node with this log.
  void sending(NodeId node, const AcceptLog& log, const Envelope& envelope);

 private:
  void entries(NodeId node, std::string_view what, std::size_t count, std::size_t limit);

  Limits limits_;
  OnViolation violated_;
  /// The furthest that one node was told by another to have committed.
  std::array<std::array<SequenceNumber, nodes_limit + 1>, nodes_limit + 1> committed_;
};

}  // namespace paxbank::sim
