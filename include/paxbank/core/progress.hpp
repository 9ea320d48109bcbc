#pragma once

#include "paxbank/core/step.hpp"

namespace paxbank {

/// When to send again what was not acknowledged.
class Backoff {
 public:
  /// Something new was sent, or acknowledged: the shortest wait again.
  void reset(const Step& step) {
    after_ = step.config.resend_min();
    at_ = step.now + after_;
  }
  /// It is time now, however long was to be waited.
  void expire(const Step& step) { at_ = step.now; }
  /// Whether it is time; if so, the next wait is twice as long.
  bool take_turn(const Step& step) {
    if (step.now < at_) return false;
    after_ = std::min(after_ * 2, step.config.resend_max());
    at_ = step.now + after_;
    return true;
  }

 private:
  Duration after_{};
  TimePoint at_;
};

/// What a leader knows of another node, and what it has sent it (as `tracker/progress.go` in etcd's
/// raft). It only ever moves forward through its states:
///
///   asked      has not answered in this ballot: nothing is known of it but that NEW_VIEW was sent
///   answered   has said in this ballot how far it is, but not that it has entered the view:
///   NEW_VIEW is
///              sent again until it has
///   in_view    has entered the view
///
/// COMMITs are sent in order, each once, from where the node said that it is: what lies between
/// `committed` and `sent` is on its way. Where nothing comes of that in time it is taken for lost,
/// and `sent` goes back to `committed`.
class Progress {
 public:
  enum class State { asked, answered, in_view };

  /// At the beginning of a leadership that knows everything up to `committed` to be chosen. The
  /// node is taken to know as much until it says otherwise: most do.
  void begin(const Step& step, SequenceNumber committed);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] SequenceNumber committed() const { return committed_; }
  [[nodiscard]] SequenceNumber executed() const { return executed_; }
  [[nodiscard]] SequenceNumber sent() const { return sent_; }

  void heard(TimePoint now) { heard_at_ = now; }
  [[nodiscard]] bool silent_for_longer_than(Duration limit, TimePoint now) const {
    return now - heard_at_ > limit;
  }

  /// The node says how far it is, in this leader's ballot; `chosen` is how far the leader knows.
  void answered(const Step& step, const Heartbeat& heartbeat, SequenceNumber chosen);

  /// All are being told that a slot is chosen; to this node that is the next one, or it is taught
  /// later with what it lacks before.
  void told(const Step& step, SequenceNumber sequence);
  /// COMMITs, or a checkpoint, up to here have been sent to this node alone.
  void taught(SequenceNumber through);
  /// COMMITs that nothing has come of in time are taken for lost: they are to be sent again.
  void take_back_lost(const Step& step, SequenceNumber chosen);

  /// What has not been acknowledged need not be waited for any longer.
  void expire(const Step& step);
  /// After a pause: as if the node had been heard just now.
  void restart_timers(const Step& step);

  Backoff accepts;  ///< for NEW_VIEW and ACCEPT

  void check_invariants() const;

 private:
  State state_ = State::asked;
  TimePoint heard_at_;
  SequenceNumber committed_;  ///< how far it said it is
  SequenceNumber executed_;   ///< the highest that it said it has executed
  SequenceNumber sent_;       ///< COMMITs up to here are on their way, or there
  Backoff commits_;           ///< for COMMIT
};

}  // namespace paxbank
