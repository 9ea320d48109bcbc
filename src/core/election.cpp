// Who leads: phase 1, following, stepping down. The rest of Replica is in replica.cpp.
#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/core/replica.hpp"

#include <algorithm>

namespace paxbank {

/// A leader timeout from now, drawn anew at each use; after lost candidacies from twice the range,
/// so that two candidates do not meet again (rule 13).
TimePoint Replica::draw_stand_at(TimePoint now) {
  const Duration drawn{
      random_.between(config_.leader_timeout_min.count(), config_.leader_timeout_max.count())};
  return now + (failures_ > 1 ? drawn * 2 : drawn);
}

bool Replica::hears_leader(const Backup& backup, TimePoint now) const {
  return backup.leader && now - backup.heard_at < config_.leader_timeout_min;
}

/// The ballot of the last candidacy again while nobody is known to have gone above it, so that a
/// node that stands in vain does not inflate its round (rule 11). Using it again is safe: it was
/// never led in (leading promises it, which makes it seen), and a promise once given for it still
/// holds.
std::optional<Ballot> Replica::next_ballot() {
  seen_ = std::max(seen_, acceptor_.promised());
  if (attempt_ > seen_) return attempt_;
  if (seen_.round + 1 >= round_limit) return std::nullopt;
  attempt_ = {seen_.round + 1, config_.id};
  return attempt_;
}

void Replica::tick_role(Step& step) {
  if (auto* leader = std::get_if<Leader>(&role_)) {
    if (!leader->hears_quorum(step)) {
      step_down(step, "no quorum is heard");  // rule 12
    } else {
      leader->tick(step);
      compact(step, leader->stable(step));
    }
  } else if (auto* candidate = std::get_if<Candidate>(&role_)) {
    if (step.now >= candidate->give_up_at()) {
      conclude(step, Candidate::Standing::lost);
    } else {
      candidate->resend(step);
    }
  } else if (step.now >= std::get<Backup>(role_).stand_at) {
    stand(step);
  }
}

void Replica::stand(Step& step) {
  const std::optional<Ballot> ballot = next_ballot();
  if (!ballot) {
    if (std::holds_alternative<Leader>(role_)) {
      step_down(step, "no rounds are left");
    } else {
      become_backup(step);
    }
    return;
  }
  role_ = Candidate(step, *ballot, draw_stand_at(step.now));
}

void Replica::conclude(Step& step, Candidate::Standing standing) {
  if (standing == Candidate::Standing::won) {
    lead(step);
  } else if (standing == Candidate::Standing::lost) {
    ++failures_;
    become_backup(step);
  }
}

void Replica::lead(Step& step) {
  Candidate& candidate = std::get<Candidate>(role_);
  const Ballot ballot = candidate.ballot();
  std::vector<AcceptedEntry> view = candidate.take_view(step);
  failures_ = 0;
  Leader& leader = role_.emplace<Leader>(step, ballot, std::move(view));
  for (const PendingRequests::Taken* taken : pending_.all()) leader.propose(step, taken->request);
}

void Replica::step_down(Step& step, std::string_view reason) {
  step.happened(SteppedDown{std::get<Leader>(role_).ballot(), reason});
  become_backup(step);
}

void Replica::become_backup(Step& step) {
  role_ = Backup{std::nullopt, step.now, draw_stand_at(step.now)};
}

/// A leader in the highest ballot that this node knows of was heard.
void Replica::follow(Step& step, Ballot ballot) {
  PAXBANK_ASSERT(ballot.node != config_.id, "a node does not follow itself");
  acceptor_.promise(ballot);
  hear(step, ballot);
}

/// A leader was heard; it need not be one that this node may accept from.
void Replica::hear(Step& step, Ballot ballot) {
  if (std::holds_alternative<Leader>(role_)) step_down(step, "a later ballot leads");
  failures_ = 0;
  const auto* backup = std::get_if<Backup>(&role_);
  const bool news = backup == nullptr || backup->leader != ballot;
  role_ = Backup{ballot, step.now, draw_stand_at(step.now)};
  if (!news) return;
  step.happened(FollowsLeader{ballot});
  for (PendingRequests::Taken* taken : pending_.all()) {
    taken->forwarded_at = TimePoint::min();
    forward(step, ballot.node, *taken);
  }
}

void Replica::handle(Step& step, const Prepare& message) {
  const NodeId candidate = message.ballot.node;
  seen_ = std::max(seen_, message.ballot);
  // A node that leads or hears its leader gives no PROMISE; it says who leads (rule 11). The leader
  // itself may prepare anew.
  const auto* backup = std::get_if<Backup>(&role_);
  const bool led_by_another =
      backup != nullptr && hears_leader(*backup, step.now) && backup->leader->node != candidate;
  if (std::holds_alternative<Leader>(role_) || led_by_another ||
      message.ballot < acceptor_.promised()) {
    step.send(candidate, step.heartbeat(std::holds_alternative<Leader>(role_)));
    return;
  }
  // Of two candidates the one with the higher ballot goes on. If that is this node, it need not
  // answer: its own PREPARE reaches the other, which then promises it and stops.
  if (const auto* own = std::get_if<Candidate>(&role_); own && own->ballot() > message.ballot)
    return;
  if (message.ballot > acceptor_.promised()) step.happened(Promised{message.ballot});
  acceptor_.promise(message.ballot);
  const TimePoint patience =
      step.now + std::max(config_.leader_timeout_min / 2, config_.resend_min() * 3 / 2);
  if (backup == nullptr) become_backup(step);
  auto& waiting = std::get<Backup>(role_);
  if (waiting.leader && waiting.leader->node != candidate) waiting.leader.reset();
  // Long enough for the candidate to win; not a full timeout, lest one that nobody else hears keep
  // this node from standing.
  waiting.stand_at = std::max(waiting.stand_at, patience);
  if (message.from_sequence <= log().base()) {
    step.send(candidate, acceptor_.checkpoint().to_checkpoint(config_.id));
  }
  step.send(candidate, acceptor_.promise_message(config_.id, message.ballot, message.from_sequence,
                                                 config_.limits));
}

void Replica::handle(Step& step, const Promise& message) {
  auto* candidate = std::get_if<Candidate>(&role_);
  if (candidate == nullptr || message.ballot != candidate->ballot()) return;  // rule 3
  if (!Candidate::well_formed(message, config_.limits)) {
    refuse(step, message.node, describe(message.node) + " promises an accept log out of order");
    return;
  }
  for (const AcceptedEntry& entry : message.accept_log) {
    // What is chosen here was not proposed otherwise in the same or a later ballot, to anybody.
    const LogEntry* own = log().find(entry.sequence);
    if (own == nullptr || own->status < Status::committed || own->command == entry.command ||
        entry.ballot < own->ballot) {
      continue;
    }
    refuse(step, message.node,
           describe(message.node) + " has accepted another command at " +
               std::to_string(entry.sequence.value));
    return;
  }
  conclude(step, candidate->handle(step, message));
}

void Replica::handle(Step& step, const Heartbeat& message) {
  seen_ = std::max(seen_, message.ballot);
  if (auto* leader = std::get_if<Leader>(&role_)) {
    if (message.ballot <= leader->ballot()) {
      leader->handle(step, message);
      return;
    }
    if (!message.in_view) {
      // That node has promised more than this leader's ballot, to somebody who did not win. To have
      // it back in the quorums, prepare above that, and go on leading (rule 11).
      stand(step);
      return;
    }
    step_down(step, "a later ballot leads");
  }
  if (message.node == message.ballot.node && message.in_view) {
    handle_from_leader(step, message);
  } else if (auto* candidate = std::get_if<Candidate>(&role_);
             candidate != nullptr && message.ballot.node != config_.id) {
    // A HEARTBEAT that names one of this node's own ballots refuses nothing: it is a late answer
    // from the time when this node led in that ballot.
    conclude(step, candidate->handle_refusal(step, message.node));
  }
}

void Replica::handle_from_leader(Step& step, const Heartbeat& message) {
  const auto* backup = std::get_if<Backup>(&role_);
  if (message.ballot >= acceptor_.promised()) {
    follow(step, message.ballot);
  } else if (!acceptor_.in_view() && !(backup != nullptr && hears_leader(*backup, step.now) &&
                                       *backup->leader > message.ballot)) {
    hear(step, message.ballot);
  }
  compact(step, message.stable);
  told_committed_ = log().committed();
  step.send(message.node, step.heartbeat());
}

}  // namespace paxbank
