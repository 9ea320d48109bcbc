#pragma once

#include "paxbank/core/candidate.hpp"
#include "paxbank/core/leader.hpp"
#include "paxbank/core/pending_requests.hpp"
#include "paxbank/core/random.hpp"

#include <optional>
#include <variant>

namespace paxbank {

enum class RoleName { backup, candidate, leader };

[[nodiscard]] constexpr std::string_view to_string(RoleName role) {
  switch (role) {
    case RoleName::backup:
      return "backup";
    case RoleName::candidate:
      return "candidate";
    case RoleName::leader:
      return "leader";
  }
  return "?";
}

/// What a node says of itself from outside the protocol.
struct ReplicaStatus {
  RoleName role = RoleName::backup;
  bool connected = true;
  bool paused = false;
  Ballot promised;
  std::optional<Ballot> follows;  ///< the ballot of the leader that it heard last, or its own
  SequenceNumber committed;
  SequenceNumber executed;
  SequenceNumber last;          ///< the highest number in its log
  SequenceNumber base;          ///< its log begins after this one
  std::uint64_t in_flight = 0;  ///< proposed, not yet committed
  std::uint64_t pending = 0;    ///< requests taken, not yet executed
  bool operator==(const ReplicaStatus&) const = default;
};

/// One node of stable-leader Paxos: proposer, acceptor and learner in one, as a pure state machine.
///
/// It is a state machine and not a set of callbacks so that it can be driven by anything: by five
/// processes over TCP, by a simulator in virtual time, by a story in a text file. A step takes one
/// input (a message, or the time); what must be done about it is gathered in an Output until the
/// driver takes that by `flush()`, after one step or after many. No step blocks, none looks at a
/// clock, none throws; the only randomness is drawn from the seed. Between two steps nothing
/// happens.
///
/// A node is a *backup*, a *candidate* or a *leader*. What a role needs lives in the role's own
/// type, so it cannot outlive the role. What must outlive it lives here: the acceptor (what was
/// promised and accepted), the state machine (what was executed), and the requests not yet
/// executed.
///
/// What the driver owes it, in this order (as etcd's raft/doc.go has it):
///
///  1. Hand in every message and every order as it comes, and call `tick()` at `Output::wake_at`.
///  2. Now and then take what has gathered by `flush()`, all of it, and carry it out before the
///     next flush is carried out:
///  3. Put it into an Outbox, and store what that hands out, each batch all of it or nothing. A
///     driver that keeps nothing over a crash may skip the storing, and must not bring the node
///     back.
///  4. Send what the Outbox says is ready. A PROMISE, an ACCEPTED and a NEW_VIEW rest on what has
///     been stored, and so does the leader's own vote: that is an ACCEPTED to itself, which goes to
///     `take_own_vote()` when it is ready. Any of them may be lost.
///  5. Tell of `events` and of what was executed. Nothing waits for that, and it need not wait.
///  6. After a crash, make a replica of the acceptor that the stored changes add up to, in the
///     order in which they were stored (`Acceptor::apply`). Everything else is learned anew.
///
/// Numbers in comments ("rule 4") are those of docs/protocol.md.
class Replica {
 public:
  Replica(const ReplicaConfig& config, std::uint64_t seed, TimePoint now);

  /// The same node after a crash: with what durable storage kept, and nothing else.
  Replica(ReplicaConfig config, std::uint64_t seed, TimePoint now, Acceptor durable);

  /// A message from another node or a client. Whatever it says, it cannot break an assertion; what
  /// no honest peer sends is answered by the event `Refused`.
  void receive(const Message& message, TimePoint now);

  /// An ACCEPTED of this node to itself: what it speaks of has been stored, so the vote counts.
  void take_own_vote(const Accepted& vote, TimePoint now);

  /// To be called at `Output::wake_at`; calling it earlier does nothing.
  void tick(TimePoint now);

  /// Cut off: everything in and out is dropped, timers stand still.
  void disconnect(TimePoint now);
  /// Back, as a backup with the state it had; waits a full leader timeout before it stands.
  void reconnect(TimePoint now);
  /// Timers stand still; messages are still handled.
  void pause(TimePoint now);
  /// Timers start afresh.
  void resume(TimePoint now);

  /// What the steps since the last flush have led to so far.
  [[nodiscard]] const Output& output() const { return output_; }
  /// The same, to be carried out; it holds until the next flush. What is in it may be moved away.
  Output& flush();

  [[nodiscard]] const AcceptLog& log() const { return acceptor_.log(); }
  [[nodiscard]] const Acceptor& acceptor() const { return acceptor_; }
  [[nodiscard]] const StateMachine& state_machine() const { return machine_; }
  [[nodiscard]] const Bank& bank() const { return machine_.bank(); }
  [[nodiscard]] ReplicaStatus status() const;
  [[nodiscard]] NodeId id() const { return config_.id; }
  [[nodiscard]] bool connected() const { return connected_; }

  /// The leader that this node heard last, and when; itself, if it leads, for ever.
  struct LeaderHeard {
    Ballot ballot;
    TimePoint at;
  };
  [[nodiscard]] std::optional<LeaderHeard> leader_heard() const;

 private:
  /// Follows a leader, or waits for one.
  struct Backup {
    std::optional<Ballot> leader;  ///< the ballot in which a leader was heard last
    TimePoint heard_at;
    TimePoint stand_at;  ///< when to stand for election, if no leader is heard until then
  };
  using Role = std::variant<Backup, Candidate, Leader>;

  // replica.cpp: phase 2 and requests.
  void handle(Step& step, const NewView& message);
  void handle(Step& step, const Accept& message);
  void handle(Step& step, const Accepted& message);
  void handle(Step& step, const Request& message);
  void handle(Step& step, const Reply& message);
  // election.cpp: phase 1, and who leads.
  void handle(Step& step, const Prepare& message);
  void handle(Step& step, const Promise& message);
  void handle(Step& step, const Heartbeat& message);

  // catch_up.cpp: what was missed, and what may go.
  void handle(Step& step, const Commit& message);
  void handle(Step& step, const Checkpoint& message);

  template <class Work>
  void run(TimePoint now, Work work);
  void tick_role(Step& step);
  void check_invariants() const;
  void execute_committed(Step& step);
  void answer_executed(Step& step, const Executed& executed);
  void learn(Step& step, const Commit& message);
  bool learn_own(Step& step, Ballot ballot, SequenceNumber sequence);
  void learn_through(Step& step, Ballot ballot, SequenceNumber through);
  void compact(Step& step, SequenceNumber stable);
  void answer_progress(Step& step);
  void accept(Step& step, Ballot ballot, SequenceNumber sequence, const Command& command);
  [[nodiscard]] bool acceptable(Step& step, Ballot ballot, SequenceNumber sequence,
                                const Command& command);
  [[nodiscard]] bool within_reach(SequenceNumber sequence) const;
  [[nodiscard]] Ballot reply_ballot() const;
  void reply(Step& step, const Request& request, Result result, SequenceNumber where) const;
  [[nodiscard]] bool out_of_reach(Step& step, const Message& message, Ballot ballot);
  void refuse(Step& step, NodeId peer, std::string reason);

  void handle_from_leader(Step& step, const Heartbeat& message);
  void stand(Step& step);
  void lead(Step& step);
  void conclude(Step& step, Candidate::Standing standing);
  void step_down(Step& step, std::string_view reason);
  void become_backup(Step& step);
  void follow(Step& step, Ballot ballot);
  void hear(Step& step, Ballot ballot);
  void forward(Step& step, NodeId leader, PendingRequests::Taken& taken);
  [[nodiscard]] bool hears_leader(const Backup& backup, TimePoint now) const;
  [[nodiscard]] std::optional<Ballot> next_ballot();
  [[nodiscard]] TimePoint draw_stand_at(TimePoint now);
  [[nodiscard]] TimePoint wake_at() const;

  ReplicaConfig config_;
  Random random_;
  Acceptor acceptor_;
  StateMachine machine_;
  PendingRequests pending_;
  Role role_;
  /// Taken at the last multiple of `checkpoint_interval`; waits until a quorum has executed as
  /// much.
  std::optional<StateMachine> next_checkpoint_;
  Output output_{config_.limits.accepts_per_message};
  Output flushed_{config_.limits.accepts_per_message};
  bool connected_ = true;
  bool paused_ = false;
  Ballot seen_;     ///< the highest ballot that anybody was heard to have promised or won
  Ballot attempt_;  ///< the ballot that this node stood in last; used again while it is high enough
  std::uint32_t failures_ = 0;     ///< candidacies lost in a row: back-off (rule 13)
  SequenceNumber told_committed_;  ///< the committed point in the last HEARTBEAT that was sent
};

}  // namespace paxbank
