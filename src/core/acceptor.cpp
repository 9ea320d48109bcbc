#include "paxbank/core/acceptor.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank {

void Acceptor::promise(Ballot ballot) {
  PAXBANK_ASSERT(ballot >= promised_, "a promise never goes back");
  if (ballot == promised_) return;
  promised_ = ballot;
  changes_.promised = ballot;
}

void Acceptor::enter_view(Ballot ballot) {
  promise(ballot);
  if (ballot == view_) return;
  view_ = ballot;
  changes_.view = ballot;
}

void Acceptor::accept(Ballot ballot, SequenceNumber sequence, const Command& command) {
  promise(ballot);
  log_.accept(sequence, ballot, command);
  changes_.accepted.push_back({ballot, sequence, command});
}

bool Acceptor::commit(Ballot ballot, SequenceNumber sequence, const Command& command) {
  const LogEntry* known = log_.find(sequence);
  const bool accepted_here = known != nullptr && known->ballot >= ballot;
  if (!log_.commit(sequence, ballot, command)) return false;
  if (!accepted_here) changes_.learned.push_back({ballot, sequence, command});
  return true;
}

Promise Acceptor::promise_message(NodeId self, Ballot ballot, SequenceNumber from,
                                  const Limits& limits) const {
  PAXBANK_ASSERT(ballot == promised_, "a PROMISE says what was promised");
  from = std::max(from, log_.base().next());
  Promise promise{ballot, self, from, std::nullopt, {}};
  for (SequenceNumber s = from; s <= log_.last(); s = s.next()) {
    const LogEntry* entry = log_.find(s);
    if (entry == nullptr) continue;
    if (promise.accept_log.size() == limits.entries_per_message) {
      promise.next_sequence = s;
      break;
    }
    promise.accept_log.push_back({entry->ballot, s, entry->command});
  }
  return promise;
}

void Acceptor::compact(StateMachine checkpoint) {
  checkpoint_ = std::make_shared<const StateMachine>(std::move(checkpoint));
  changes_.checkpoint = checkpoint_;
  log_.compact(checkpoint_->executed());
}

void Acceptor::install(StateMachine checkpoint) {
  checkpoint_ = std::make_shared<const StateMachine>(std::move(checkpoint));
  changes_.checkpoint = checkpoint_;
  log_.install(checkpoint_->executed());
}

void Acceptor::apply(const Persist& changes) {
  if (changes.checkpoint != nullptr) {
    checkpoint_ = changes.checkpoint;
    log_.install(checkpoint_->executed());
  }
  if (changes.promised) promised_ = *changes.promised;
  if (changes.view) view_ = *changes.view;
  // The one in the highest ballot counts, and none of them where a checkpoint has taken their
  // place.
  for (const auto* entries : {&changes.accepted, &changes.learned}) {
    for (const AcceptedEntry& entry : *entries) {
      if (entry.sequence <= log_.base()) continue;
      const LogEntry* known = log_.find(entry.sequence);
      if (known != nullptr && known->ballot > entry.ballot) continue;
      log_.accept(entry.sequence, entry.ballot, entry.command);
    }
  }
}

void Acceptor::restart() {
  log_.forget_learned();
  changes_.clear();
}

void Acceptor::check_invariants() const {
  PAXBANK_ASSERT(view_ <= promised_, "entering a view raises the promise");
  PAXBANK_ASSERT(log_.base() == checkpoint_->executed(), "a checkpoint stands for what is gone");
  log_.check_invariants();
}

}  // namespace paxbank
