#include "paxbank/core/accept_log.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank {

const LogEntry* AcceptLog::find(SequenceNumber sequence) const {
  if (sequence <= base_ || sequence > last()) return nullptr;
  const LogEntry& entry = at(sequence);
  return entry.status == Status::none ? nullptr : &entry;
}

Status AcceptLog::status(SequenceNumber sequence) const {
  if (sequence.value > 0 && sequence <= base_) return Status::executed;
  const LogEntry* entry = find(sequence);
  return entry == nullptr ? Status::none : entry->status;
}

bool AcceptLog::contradicts(SequenceNumber sequence, Ballot ballot, const Command& command) const {
  const LogEntry* entry = find(sequence);
  if (entry == nullptr || entry->command == command) return false;
  return entry->status >= Status::committed || entry->ballot >= ballot;
}

LogEntry& AcceptLog::slot(SequenceNumber sequence) {
  PAXBANK_ASSERT(sequence > base_, "what is executed and gone is not written again");
  if (sequence > last()) slots_.resize(sequence.value - base_.value);
  return at(sequence);
}

void AcceptLog::accept(SequenceNumber sequence, Ballot ballot, const Command& command) {
  PAXBANK_ASSERT(!contradicts(sequence, ballot, command), "a chosen command never changes");
  LogEntry& entry = slot(sequence);
  PAXBANK_ASSERT(ballot >= entry.ballot, "an accepted ballot never goes back");
  entry.ballot = ballot;
  entry.command = command;
  if (entry.status == Status::none) entry.status = Status::accepted;
}

bool AcceptLog::commit(SequenceNumber sequence, Ballot ballot, const Command& command) {
  if (sequence <= base_) return false;
  PAXBANK_ASSERT(!contradicts(sequence, ballot, command), "one slot, one chosen command");
  LogEntry& entry = slot(sequence);
  if (entry.status >= Status::committed) return false;
  if (ballot > entry.ballot) entry.ballot = ballot;
  entry.command = command;
  entry.status = Status::committed;
  advance_committed();
  return true;
}

void AcceptLog::advance_committed() {
  while (committed_ < last() && at(committed_.next()).status >= Status::committed) {
    committed_ = committed_.next();
  }
}

const LogEntry& AcceptLog::execute_next() {
  PAXBANK_ASSERT(executed_ < committed_, "only what is committed without a gap is executed");
  executed_ = executed_.next();
  LogEntry& entry = at(executed_);
  PAXBANK_ASSERT(entry.status == Status::committed, "each slot is executed once");
  entry.status = Status::executed;
  return entry;
}

void AcceptLog::drop_until(SequenceNumber base) {
  const std::uint64_t count = std::min<std::uint64_t>(base.value - base_.value, slots_.size());
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(count));
  base_ = base;
}

void AcceptLog::compact(SequenceNumber base) {
  PAXBANK_ASSERT(base >= base_ && base <= executed_, "only what is executed may go");
  drop_until(base);
}

void AcceptLog::install(SequenceNumber base) {
  PAXBANK_ASSERT(base > executed_, "a checkpoint never takes back what was executed");
  drop_until(base);
  executed_ = base;
  committed_ = std::max(committed_, base);
  advance_committed();
}

void AcceptLog::check_invariants() const {
  PAXBANK_ASSERT(base_ <= executed_, "what is gone has been executed");
  PAXBANK_ASSERT(executed_ <= committed_, "what is executed is committed");
  PAXBANK_ASSERT(committed_ <= last(), "what is committed is there");
}

void AcceptLog::forget_learned() {
  for (LogEntry& entry : slots_) entry.status = std::min(entry.status, Status::accepted);
  committed_ = executed_ = base_;
}

}  // namespace paxbank
