#pragma once

#include "paxbank/core/progress.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <unordered_map>
#include <vector>

namespace paxbank {

/// Phase 2: proposing in one ballot, counting what is accepted, and bringing every node up to date.
///
/// All of this is volatile and dies with the leadership: which requests are in flight, who
/// acknowledged what. The next leader learns everything that could have been chosen from the
/// promises.
class Leader {
 public:
  /// Proposes `view` (Candidate::take_view) in NEW_VIEW to all, itself included.
  Leader(Step& step, Ballot ballot, std::vector<AcceptedEntry> view);

  [[nodiscard]] Ballot ballot() const { return ballot_; }
  [[nodiscard]] TimePoint wake_at() const { return std::min(heartbeat_at_, commit_at_); }
  [[nodiscard]] std::uint64_t in_flight() const { return votes_.size(); }

  /// The first number that has not been proposed in this ballot.
  [[nodiscard]] SequenceNumber next() const { return next_; }

  /// Proposes a request at the next number, without waiting for earlier ones (rule 16), unless this
  /// very one is proposed already. Where too many are in flight it waits for its turn.
  void propose(Step& step, const Request& request);

  /// Counts an ACCEPTED of this ballot, each node once per number (rule 5); this node's own too.
  void handle(Step& step, const Accepted& accepted);

  /// Takes note of how far a node is, and sends it what it lacks.
  void handle(Step& step, const Heartbeat& heartbeat);

  /// Commits whatever is chosen without a gap, and tells all. Called after anything that may have
  /// marked a slot as committed.
  void advance(Step& step);

  /// Tells all what is chosen and has not travelled with an ACCEPT.
  void announce(Step& step);

  /// A request has been executed: it is no longer in flight.
  void forget(const Request& request);

  void heard(NodeId node, TimePoint now) { peers_[node.value].heard(now); }

  /// HEARTBEATs, and what was not acknowledged again.
  void tick(Step& step);

  /// Whether a quorum, this node included, was heard within the longest leader timeout (rule 12).
  [[nodiscard]] bool hears_quorum(const Step& step) const;

  /// What a quorum, this node included, has executed.
  [[nodiscard]] SequenceNumber stable(const Step& step);

  /// After a pause: as if every node had been heard just now.
  void restart_timers(const Step& step);

  void check_invariants(const AcceptLog& log, const ReplicaConfig& config) const;

 private:
  template <class Visit>
  void for_each_peer(const Step& step, Visit visit);
  void choose(Step& step, SequenceNumber sequence);
  void accept_own(Step& step, const Command& command);
  void propose_now(Step& step, const Request& request);
  void send_view(Step& step, const Destination& to) const;
  void send_accepts(Step& step, NodeId node) const;
  void send_commits(Step& step, NodeId node);
  void resend(Step& step, NodeId node);
  [[nodiscard]] bool owes_accepts(NodeId node) const;
  [[nodiscard]] SequenceNumber first_in_flight() const { return {next_.value - votes_.size()}; }

  Ballot ballot_;
  std::vector<AcceptedEntry> view_;  ///< what NEW_VIEW said
  SequenceNumber next_;
  TimePoint heartbeat_at_;
  SequenceNumber announced_;     ///< all have been told, once, that everything up to here is chosen
  TimePoint commit_at_ = never;  ///< when to tell the rest, if nothing goes out that it can go with
  /// Who accepted, for each slot after the committed point: votes_[0] is the first of them.
  std::deque<NodeSet> votes_;
  /// The newest proposed request of each client, until it is executed.
  std::unordered_map<ClientId, Timestamp, HashName> proposed_;
  /// Requests for which there was no room in flight, oldest first; as many as there may be pending.
  std::deque<Request> waiting_;
  std::array<Progress, nodes_limit + 1> peers_;  ///< by node number
};

}  // namespace paxbank
