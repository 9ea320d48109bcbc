#include "paxbank/core/progress.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank {

void Progress::begin(const Step& step, SequenceNumber committed) {
  committed_ = sent_ = committed;
  restart_timers(step);
}

void Progress::restart_timers(const Step& step) {
  heard_at_ = step.now;
  accepts.reset(step);
  commits_.reset(step);
}

void Progress::expire(const Step& step) {
  accepts.expire(step);
  commits_.expire(step);
}

void Progress::answered(const Step& step, const Heartbeat& heartbeat, SequenceNumber chosen) {
  const SequenceNumber committed = std::min(heartbeat.committed, chosen);
  if (committed > committed_) commits_.reset(step);
  // It is further back than was taken for granted: nothing of what it lacks has been sent.
  if (state_ == State::asked && committed < committed_) sent_ = committed;
  state_ = heartbeat.in_view ? State::in_view : std::max(state_, State::answered);
  executed_ = std::max(executed_, heartbeat.executed);
  committed_ = committed;
  sent_ = std::max(sent_, committed);
}

void Progress::told(const Step& step, SequenceNumber sequence) {
  if (sent_.next() != sequence) return;
  if (sent_ == committed_) commits_.reset(step);  // nothing was owed until now
  sent_ = sequence;
}

void Progress::taught(SequenceNumber through) {
  PAXBANK_ASSERT(through >= sent_, "COMMITs are sent in order");
  sent_ = through;
}

void Progress::take_back_lost(const Step& step, SequenceNumber chosen) {
  if (committed_ < chosen && commits_.take_turn(step)) sent_ = committed_;
}

void Progress::check_invariants() const {
  PAXBANK_ASSERT(committed_ <= sent_, "what a node has need not be sent");
}

}  // namespace paxbank
