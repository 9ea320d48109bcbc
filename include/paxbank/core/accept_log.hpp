#pragma once

#include "paxbank/core/ballot.hpp"
#include "paxbank/core/command.hpp"

#include <cstdint>
#include <deque>

namespace paxbank {

/// What a node knows of a slot; it only ever moves to the right.
enum class Status : std::uint8_t { none, accepted, committed, executed };

/// X, A, C or E: the letters of `printstatus`.
[[nodiscard]] constexpr char to_letter(Status status) {
  constexpr char letters[] = {'X', 'A', 'C', 'E'};
  return letters[static_cast<std::uint8_t>(status)];
}

struct LogEntry {
  Ballot ballot;  ///< the highest in which this node accepted, or learned, the command
  Command command;
  Status status = Status::none;
};

/// The replicated log as one node has it: an acceptor's accept log and a learner's record of what
/// is chosen, in one place, because a slot's two lives must never contradict each other.
///
/// Slots are dense and found by index, so the cost of a transaction does not grow with the log
/// (protocol.md rule 17). Three points move over it: the slots up to `base()` are gone, a
/// checkpoint stands for them; everything up to `executed()` has been executed; everything up to
/// `committed()` is known to be chosen without a gap.
class AcceptLog {
 public:
  /// The entry at a slot, or nullptr if nothing was accepted there, or the slot is gone.
  [[nodiscard]] const LogEntry* find(SequenceNumber sequence) const;

  /// X for a slot that holds nothing; E for one that is gone.
  [[nodiscard]] Status status(SequenceNumber sequence) const;

  /// The highest slot that holds anything; `base()` if none does.
  [[nodiscard]] SequenceNumber last() const { return {base_.value + slots_.size()}; }
  [[nodiscard]] SequenceNumber base() const { return base_; }
  [[nodiscard]] SequenceNumber committed() const { return committed_; }
  [[nodiscard]] SequenceNumber executed() const { return executed_; }

  /// Whether an ACCEPT, NEW_VIEW or COMMIT of `ballot` for this command cannot come from an honest
  /// leader: the slot is chosen with another command, or the same or a later ballot proposed
  /// another.
  [[nodiscard]] bool contradicts(SequenceNumber sequence, Ballot ballot,
                                 const Command& command) const;

  /// Records that `command` was accepted in `ballot`. A lower ballot than the slot's own is refused
  /// by assertion, as is another command for a chosen slot: the acceptor's rules exclude both.
  void accept(SequenceNumber sequence, Ballot ballot, const Command& command);

  /// Records that `command` was chosen. A stale ballot does not lower the slot's own. Returns
  /// whether that was not known yet.
  bool commit(SequenceNumber sequence, Ballot ballot, const Command& command);

  /// Moves the executed point over the next slot and returns its entry. Requires executed <
  /// committed (rule 6: a gap below holds everything above it).
  const LogEntry& execute_next();

  /// Lets go of the slots up to `base`, all of them executed.
  void compact(SequenceNumber base);

  /// A checkpoint beyond the executed point has taken the place of the slots up to `base`.
  void install(SequenceNumber base);

  /// Asserts that the points are in order: base <= executed <= committed <= last.
  void check_invariants() const;

  /// What a crash takes: what is committed is not known any more, only what was accepted.
  void forget_learned();

 private:
  [[nodiscard]] const LogEntry& at(SequenceNumber sequence) const {
    return slots_[sequence.value - base_.value - 1];
  }
  [[nodiscard]] LogEntry& at(SequenceNumber sequence) {
    return slots_[sequence.value - base_.value - 1];
  }
  LogEntry& slot(SequenceNumber sequence);
  void advance_committed();
  void drop_until(SequenceNumber base);

  std::deque<LogEntry> slots_;  ///< the first is `base_` + 1
  SequenceNumber base_;
  SequenceNumber committed_;
  SequenceNumber executed_;
};

}  // namespace paxbank
