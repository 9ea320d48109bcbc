#pragma once

#include "paxbank/core/step.hpp"

#include <array>
#include <map>
#include <vector>

namespace paxbank {

/// Phase 1: collecting promises for one ballot.
///
/// The candidate gives its own promise last, when those of the others complete a quorum. Until then
/// it has promised nothing: a candidate that nobody answers does not raise its own promise, and can
/// follow the working leader the moment it hears it again (protocol.md rule 11).
class Candidate {
 public:
  enum class Standing { undecided, won, lost };

  /// Sends PREPARE to all. `give_up_at` is when an undecided candidacy ends.
  Candidate(Step& step, Ballot ballot, TimePoint give_up_at);

  [[nodiscard]] Ballot ballot() const { return ballot_; }
  [[nodiscard]] TimePoint give_up_at() const { return give_up_at_; }
  [[nodiscard]] TimePoint wake_at() const { return std::min(give_up_at_, resend_at_); }

  /// Counts a PROMISE: each node once, only for this ballot (rule 3), only when all of its parts
  /// are in.
  Standing handle(Step& step, const Promise& promise);

  /// A node answered the PREPARE with a HEARTBEAT instead: it hears a leader, or promised more.
  Standing handle_refusal(const Step& step, NodeId node);

  /// Asks again those that have not answered, and, while a long log is on its way, all: an acceptor
  /// that is asked does not stand itself for a while.
  void resend(Step& step);

  /// What NEW_VIEW must hold (rule 4): from the first number that is not committed here to the last
  /// that any promise of the quorum names, the command of the highest ballot, or a no-op where none
  /// is named. Includes this node's own accept log as it is now: calling this is giving its own
  /// promise.
  std::vector<AcceptedEntry> take_view(Step& step);

  /// Whether the entries of a PROMISE are in order, and leave no more slots empty than an acceptor
  /// can.
  [[nodiscard]] static bool well_formed(const Promise& promise, const Limits& limits);

 private:
  struct Vote {
    SequenceNumber needed_from;  ///< everything below has been received from this node
    std::vector<AcceptedEntry> accept_log = {};  ///< of its parts so far; merged when all are in
    std::uint64_t empty_slots = 0;               ///< between those entries
    bool complete = false;
    bool refused = false;
  };

  [[nodiscard]] Standing standing(const Step& step) const;
  static void take_part(Vote& vote, const Promise& promise, SequenceNumber needed);
  void merge(AcceptedEntry entry);

  Ballot ballot_;
  TimePoint give_up_at_;
  TimePoint resend_at_;
  bool parts_come_ = false;                  ///< a full part has come since all were asked
  std::array<Vote, nodes_limit + 1> votes_;  ///< by node number
  std::map<SequenceNumber, AcceptedEntry> merged_;
};

}  // namespace paxbank
