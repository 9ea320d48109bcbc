#pragma once

#include "paxbank/core/accept_log.hpp"
#include "paxbank/core/config.hpp"
#include "paxbank/core/message.hpp"
#include "paxbank/core/state_machine.hpp"

namespace paxbank {

/// The acceptor's part (Lamport, "Paxos Made Simple", 2.2; protocol.md rule 2): what has been
/// promised, which view has been entered, what has been accepted; and the checkpoint that stands
/// for the part of the log that is gone. This is the state that durable storage would keep;
/// everything else in a replica can be lost without harm to safety.
class Acceptor {
 public:
  explicit Acceptor(const BankConfig& bank) : checkpoint_(bank) {}

  [[nodiscard]] Ballot promised() const { return promised_; }

  /// Whether the NEW_VIEW of the promised ballot has been accepted.
  [[nodiscard]] bool in_view() const { return view_ == promised_ && view_.round > 0; }

  [[nodiscard]] const AcceptLog& log() const { return log_; }
  [[nodiscard]] AcceptLog& log() { return log_; }

  /// The state after the last slot that is gone: at `log().base()`.
  [[nodiscard]] const StateMachine& checkpoint() const { return checkpoint_; }

  /// Raises the promise. Requires `ballot` >= the promise.
  void promise(Ballot ballot);

  /// Enters the view of `ballot`, which raises the promise. Requires `ballot` >= the promise.
  void enter_view(Ballot ballot);

  /// Accepts, which raises the promise. Requires `ballot` >= the promise.
  void accept(Ballot ballot, SequenceNumber sequence, const Command& command);

  /// The PROMISE for `ballot`: everything accepted from `from` on, whatever its status (rule 4), at
  /// most `limits.entries_per_message` of it. Where slots from `from` on are gone, it begins after
  /// them.
  [[nodiscard]] Promise report(NodeId self, Ballot ballot, SequenceNumber from,
                               const Limits& limits) const;

  /// The checkpoint takes the place of the slots that it stands for, all of them executed here.
  void compact(StateMachine checkpoint);
  /// The same for slots not executed here: another node's checkpoint, from further on.
  void install(StateMachine checkpoint);

  /// What is left after a crash.
  void restart();

 private:
  Ballot promised_;
  Ballot view_;
  AcceptLog log_;
  StateMachine checkpoint_;
};

}  // namespace paxbank
