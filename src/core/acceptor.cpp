#include "paxbank/core/acceptor.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank {

void Acceptor::promise(Ballot ballot) {
  PAXBANK_ASSERT(ballot >= promised_, "a promise never goes back");
  promised_ = ballot;
}

void Acceptor::enter_view(Ballot ballot) {
  promise(ballot);
  view_ = ballot;
}

void Acceptor::accept(Ballot ballot, SequenceNumber sequence, const Command& command) {
  promise(ballot);
  log_.accept(sequence, ballot, command);
}

Promise Acceptor::report(NodeId self, Ballot ballot, SequenceNumber from,
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
  log_.compact(checkpoint.executed());
  checkpoint_ = std::move(checkpoint);
}

void Acceptor::install(StateMachine checkpoint) {
  log_.install(checkpoint.executed());
  checkpoint_ = std::move(checkpoint);
}

void Acceptor::restart() { log_.forget_learned(); }

}  // namespace paxbank
