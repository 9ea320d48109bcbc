#pragma once

#include "paxbank/core/accept_log.hpp"
#include "paxbank/core/config.hpp"
#include "paxbank/core/message.hpp"
#include "paxbank/core/persist.hpp"
#include "paxbank/core/state_machine.hpp"

#include <memory>
#include <utility>

namespace paxbank {

/// The acceptor's part (Lamport, "Paxos Made Simple", 2.2; protocol.md rule 2): what has been
/// promised, which view has been entered, what has been accepted; and the checkpoint that stands
/// for the part of the log that is gone. This is the state that durable storage keeps; everything
/// else in a replica can be lost without harm to safety.
///
/// Whatever changes it is noted down in the same call, so that nothing can be forgotten:
/// `take_changes()` hands out what must be stored, `apply()` makes the same acceptor of it.
class Acceptor {
 public:
  explicit Acceptor(const BankConfig& bank)
      : checkpoint_(std::make_shared<const StateMachine>(bank)) {}

  [[nodiscard]] Ballot promised() const { return promised_; }

  /// Whether the NEW_VIEW of the promised ballot has been accepted.
  [[nodiscard]] bool in_view() const { return view_ == promised_ && view_.round > 0; }
  /// The ballot whose NEW_VIEW was accepted last.
  [[nodiscard]] Ballot view() const { return view_; }

  [[nodiscard]] const AcceptLog& log() const { return log_; }

  /// The state after the last slot that is gone: at `log().base()`.
  [[nodiscard]] const StateMachine& checkpoint() const { return *checkpoint_; }

  /// Raises the promise. Requires `ballot` >= the promise.
  void promise(Ballot ballot);

  /// Enters the view of `ballot`, which raises the promise. Requires `ballot` >= the promise.
  void enter_view(Ballot ballot);

  /// Accepts, which raises the promise. Requires `ballot` >= the promise.
  void accept(Ballot ballot, SequenceNumber sequence, const Command& command);

  /// Records that `command` was chosen, as the owner of `ballot` says. Returns whether that is
  /// news.
  bool commit(Ballot ballot, SequenceNumber sequence, const Command& command);

  /// See AcceptLog. What has been executed is learned anew after a crash, and not stored.
  const LogEntry& execute_next() { return log_.execute_next(); }

  /// The PROMISE for `ballot`: everything accepted from `from` on, whatever its status (rule 4), at
  /// most `limits.entries_per_message` of it. Where slots from `from` on are gone, it begins after
  /// them.
  [[nodiscard]] Promise promise_message(NodeId self, Ballot ballot, SequenceNumber from,
                                        const Limits& limits) const;

  /// The checkpoint takes the place of the slots that it stands for, all of them executed here.
  void compact(StateMachine checkpoint);
  /// The same for slots not executed here: another node's checkpoint, from further on.
  void install(StateMachine checkpoint);

  /// Moves what changed since the last call into `changes`, whose own room is used again.
  void take_changes(Persist& changes) {
    changes.clear();
    std::swap(changes, changes_);
  }
  /// Makes the changes that another acceptor handed out. Done for all of them in turn, this one
  /// becomes what that one is, but for what was learned or executed.
  void apply(const Persist& changes);

  /// What is left after a crash: what is chosen is not known any more, only what was accepted.
  void restart();

  /// Asserts what always holds.
  void check_invariants() const;

 private:
  Ballot promised_;
  Ballot view_;
  AcceptLog log_;
  std::shared_ptr<const StateMachine> checkpoint_;  ///< never empty; shared with what is stored
  Persist changes_;
};

}  // namespace paxbank
