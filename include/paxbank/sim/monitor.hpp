#pragma once

#include "paxbank/sim/checkers.hpp"
#include "paxbank/sim/conduct.hpp"

#include <array>
#include <cstdint>

namespace paxbank::sim {

/// What the nodes did, for the summary.
struct NodeCounts {
  std::uint64_t elections = 0;  ///< candidacies
  std::uint64_t leaders = 0;    ///< of those, won
  std::uint64_t stepped_down = 0;
  std::uint64_t executed = 0;
  std::uint64_t no_ops = 0;
  std::uint64_t duplicates = 0;  ///< requests chosen again
  std::uint64_t compacted = 0;
  std::uint64_t installed = 0;  ///< checkpoints of other nodes
};

/// All checkers, and what each of them is shown of every step.
class Monitor {
 public:
  Monitor(const ReplicaConfig& config, const OnViolation& violated);

  /// A node is about to take a message, at this time of its own clock.
  void receiving(NodeId node, const Replica& replica, const Message& message, TimePoint now);
  /// After a step of a node; `output` is what has gathered since its last flush.
  void stepped(NodeId node, const Replica& replica, const Output& output);
  /// What a node's output asked to be stored has been.
  void persisted(NodeId node, const Acceptor& acceptor, const Persist& persist);
  /// A message is about to leave a node.
  void sending(NodeId node, const Acceptor& durable, const Envelope& envelope) {
    durability_.sending(node, durable, envelope.message);
  }
  /// After a node's output was flushed.
  void flushed(NodeId node) { seen_.at(node.value) = {}; }
  /// A node is back after a crash.
  void restarted(NodeId node, const Replica& replica);

  void invoked(const ClientId& client, Timestamp timestamp);
  void answered(const Answer& answer);
  /// A client has died with these requests under way, or still to be sent.
  void forgotten(const std::vector<Request>& requests);

  /// At the end, when everything has been answered.
  void finish();

  [[nodiscard]] const NodeCounts& counts() const { return counts_; }

 private:
  /// How much of a node's output has been shown already.
  struct Seen {
    std::size_t committed = 0;
    std::size_t executed = 0;
    std::size_t events = 0;
    std::size_t messages = 0;
  };

  void see_commits(NodeId node, const Replica& replica, const Output& output, Seen& seen);
  void see_executions(NodeId node, const Replica& replica, const Output& output, Seen& seen);
  void see_messages(NodeId node, const Replica& replica, const Output& output, Seen& seen);
  void see_events(NodeId node, const Output& output, Seen& seen);
  void advance_model();

  AgreementCheck agreement_;
  OrderCheck order_;
  ConservationCheck conservation_;
  ExactlyOnceCheck exactly_once_;
  AcceptorCheck acceptor_;
  DurabilityCheck durability_;
  QuorumCheck quorum_;
  ReplyCheck reply_;
  LinearizabilityCheck linearizability_;
  PromiseCheck promise_;
  LeadershipCheck leadership_;
  BoundsCheck bounds_;
  std::array<Seen, nodes_limit + 1> seen_;
  std::vector<Request> forgotten_;
  bool counting_ = false;  ///< the step under way is that of an ACCEPTED
  NodeCounts counts_;
};

}  // namespace paxbank::sim
