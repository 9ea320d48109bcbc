// What the simulator can watch beyond the rules between nodes (core/invariants.hpp), because it
// sees every step: what a node promised and accepted, who accepted what, which answers went out,
// and what clients saw.
#pragma once

#include "paxbank/core/client.hpp"
#include "paxbank/core/invariants.hpp"
#include "paxbank/core/replica.hpp"

#include <set>
#include <unordered_map>
#include <vector>

namespace paxbank::sim {

/// Rule 2: promises and accepted ballots never go back, over crashes too; and the accept log says
/// so.
class AcceptorCheck {
 public:
  explicit AcceptorCheck(OnViolation violated) : violated_(std::move(violated)) {}

  void promised(NodeId node, Ballot ballot);
  void accepted(NodeId node, SequenceNumber sequence, Ballot ballot);

  /// A slot of the node's log was written; `stored`: in this ballot, and that outlives a crash.
  void logged(NodeId node, const AcceptLog& log, SequenceNumber sequence, Ballot stored = {});
  /// A node is back after a crash with this.
  void restarted(NodeId node, const AcceptLog& log);

 private:
  using Ballots = std::vector<Ballot>;  ///< by sequence number

  OnViolation violated_;
  std::array<Ballots, nodes_limit + 1> logged_;  ///< the highest that the log showed since a crash
  std::array<Ballots, nodes_limit + 1> stored_;
  std::array<Ballot, nodes_limit + 1> promised_;
  std::array<std::vector<Ballot>, nodes_limit + 1> accepted_;  ///< by node, by sequence number
};

/// What leaves a node rests on what it has stored: whatever it says must outlive its crash.
class DurabilityCheck {
 public:
  explicit DurabilityCheck(OnViolation violated) : violated_(std::move(violated)) {}

  /// A message is about to leave a node that would come back with `durable`.
  void sending(NodeId node, const Acceptor& durable, const Message& message);

 private:
  void promised(NodeId node, const Acceptor& durable, Ballot ballot, std::string_view what);
  void accepted(NodeId node, const Acceptor& durable, SequenceNumber sequence, Ballot ballot,
                std::string_view what);

  OnViolation violated_;
};

/// Rules 3 to 5: nothing is committed that no quorum accepted in one ballot.
class QuorumCheck {
 public:
  QuorumCheck(std::uint32_t nodes, OnViolation violated)
      : quorum_(quorum_of(nodes)), violated_(std::move(violated)) {}

  void accepted(NodeId node, SequenceNumber sequence, Ballot ballot, const Command& command);
  /// A checkpoint stands for the slots of a node up to here: it accepts them without writing them.
  void checkpointed(NodeId node, SequenceNumber base) { bases_.at(node.value) = base; }
  void committed(NodeId node, SequenceNumber sequence, const Command& command);
  /// The leader of `ballot` has counted acceptances and takes a slot for chosen: a quorum must have
  /// accepted it in that ballot, whatever was accepted in others.
  void counted(Ballot ballot, SequenceNumber sequence);

 private:
  struct Proposal {
    Ballot ballot;
    Command command;
    NodeSet accepted_by;
  };

  std::uint32_t quorum_;
  OnViolation violated_;
  std::vector<std::vector<Proposal>> proposals_;  ///< by sequence number
  std::array<SequenceNumber, nodes_limit + 1> bases_;
};

/// Rule 8: a reply says what executing the request gave, and where.
class ReplyCheck {
 public:
  explicit ReplyCheck(OnViolation violated) : violated_(std::move(violated)) {}

  void executed(const Executed& executed);
  void replied(NodeId node, SequenceNumber executed, const Reply& reply);
  /// What came of a request, if it was executed.
  [[nodiscard]] std::optional<Answer> answer_to(const Request& request) const;

 private:
  struct Line {
    Timestamp timestamp;
    Result result;
    SequenceNumber sequence;
  };

  OnViolation violated_;
  std::unordered_map<ClientId, std::vector<Line>, HashName> lines_;  ///< by time
  /// Where clients were refused, for whom the bank has no room: each time anew.
  std::unordered_map<ClientId, std::set<SequenceNumber>, HashName> refused_;
};

/// Rule 10, from requests and replies alone: the sequence numbers in the replies are the order in
/// which it all happened. That order must be one in which every result is right, and it must not
/// turn around what clients saw one after the other (Herlihy and Wing, "Linearizability", 1990).
class LinearizabilityCheck {
 public:
  LinearizabilityCheck(const BankConfig& bank, OnViolation violated)
      : bank_(bank), violated_(std::move(violated)) {}

  /// A request is sent; again, if it has not been answered.
  void invoked(const ClientId& client, Timestamp timestamp);
  void answered(const Answer& answer);
  /// Its client has died: nobody hears what came of it.
  void forgotten(const Request& request);
  /// Of those that nobody heard of, one was executed; so it belongs into the history.
  void executed_unheard(const Answer& answer) { history_.try_emplace(answer.sequence, answer); }
  /// At the end, when everything has been answered: the results in their order.
  void finish();

 private:
  BankConfig bank_;
  OnViolation violated_;
  /// For each request under way: the highest sequence number that anybody had seen when it was
  /// sent.
  std::map<std::pair<ClientId, Timestamp>, SequenceNumber> seen_before_;
  SequenceNumber seen_;
  std::map<SequenceNumber, Answer> history_;
};

}  // namespace paxbank::sim
