#pragma once

#include "paxbank/core/accept_log.hpp"
#include "paxbank/core/config.hpp"
#include "paxbank/core/message.hpp"

namespace paxbank {

/// The acceptor's part (Lamport, "Paxos Made Simple", 2.2; protocol.md rule 2): what has been
/// promised, which view has been entered, what has been accepted. This is the state that durable
/// storage would keep; everything else in a replica can be lost without harm to safety.
class Acceptor {
 public:
  [[nodiscard]] Ballot promised() const { return promised_; }

  /// Whether the NEW_VIEW of the promised ballot has been accepted.
  [[nodiscard]] bool in_view() const { return view_ == promised_ && view_.round > 0; }

  [[nodiscard]] const AcceptLog& log() const { return log_; }
  [[nodiscard]] AcceptLog& log() { return log_; }

  /// Raises the promise. Requires `ballot` >= the promise.
  void promise(Ballot ballot);

  /// Enters the view of `ballot`, which raises the promise. Requires `ballot` >= the promise.
  void enter_view(Ballot ballot);

  /// Accepts, which raises the promise. Requires `ballot` >= the promise.
  void accept(Ballot ballot, SequenceNumber sequence, const Command& command);

  /// The PROMISE for `ballot`: everything accepted from `from` on, whatever its status (rule 4), at
  /// most `limits.entries_per_message` of it.
  [[nodiscard]] Promise report(NodeId self, Ballot ballot, SequenceNumber from,
                               const Limits& limits) const;

 private:
  Ballot promised_;
  Ballot view_;
  AcceptLog log_;
};

}  // namespace paxbank
