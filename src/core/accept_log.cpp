#include "paxbank/core/accept_log.hpp"

#include "paxbank/core/assert.hpp"

namespace paxbank {

const LogEntry* AcceptLog::find(SequenceNumber sequence) const {
  if (sequence.value == 0 || sequence.value > slots_.size()) return nullptr;
  const LogEntry& entry = slots_[sequence.value - 1];
  return entry.status == Status::none ? nullptr : &entry;
}

Status AcceptLog::status(SequenceNumber sequence) const {
  const LogEntry* entry = find(sequence);
  return entry == nullptr ? Status::none : entry->status;
}

bool AcceptLog::contradicts(SequenceNumber sequence, Ballot ballot, const Command& command) const {
  const LogEntry* entry = find(sequence);
  if (entry == nullptr || entry->command == command) return false;
  return entry->status >= Status::committed || entry->ballot >= ballot;
}

LogEntry& AcceptLog::slot(SequenceNumber sequence) {
  PAXBANK_ASSERT(sequence.value > 0, "slots are numbered from 1");
  if (sequence.value > slots_.size()) slots_.resize(sequence.value);
  return slots_[sequence.value - 1];
}

void AcceptLog::accept(SequenceNumber sequence, Ballot ballot, const Command& command) {
  PAXBANK_ASSERT(!contradicts(sequence, ballot, command), "a chosen command never changes");
  LogEntry& entry = slot(sequence);
  PAXBANK_ASSERT(ballot >= entry.ballot, "an accepted ballot never goes back");
  entry.ballot = ballot;
  entry.command = command;
  if (entry.status == Status::none) entry.status = Status::accepted;
}

void AcceptLog::commit(SequenceNumber sequence, Ballot ballot, const Command& command) {
  PAXBANK_ASSERT(!contradicts(sequence, ballot, command), "one slot, one chosen command");
  LogEntry& entry = slot(sequence);
  if (entry.status >= Status::committed) return;
  if (ballot > entry.ballot) entry.ballot = ballot;
  entry.command = command;
  entry.status = Status::committed;
  advance_committed();
}

void AcceptLog::advance_committed() {
  while (committed_.value < slots_.size() && slots_[committed_.value].status >= Status::committed) {
    committed_ = committed_.next();
  }
}

const LogEntry& AcceptLog::execute_next() {
  PAXBANK_ASSERT(executed_ < committed_, "only what is committed without a gap is executed");
  LogEntry& entry = slots_[executed_.value];
  PAXBANK_ASSERT(entry.status == Status::committed, "each slot is executed once");
  entry.status = Status::executed;
  executed_ = executed_.next();
  return entry;
}

}  // namespace paxbank
