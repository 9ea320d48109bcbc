#include "paxbank/core/leader.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>
#include <functional>

namespace paxbank {

Leader::Leader(Step& step, Ballot ballot, std::vector<AcceptedEntry> view)
    : ballot_(ballot), view_(std::move(view)) {
  PAXBANK_ASSERT(ballot.node == step.config.id, "only its owner leads a ballot");
  PAXBANK_ASSERT(ballot == step.acceptor.promised(), "a leader has promised its own ballot");
  const SequenceNumber committed = step.acceptor.log().committed();
  next_ = committed.next();
  announced_ = committed;
  step.happened(BecameLeader{ballot});
  step.acceptor.enter_view(ballot);
  for (const AcceptedEntry& entry : view_) {
    PAXBANK_ASSERT(entry.sequence == next_, "a view has no gaps");
    accept_own(step, entry.command);
    if (const auto* request = std::get_if<Request>(&entry.command)) {
      Timestamp& newest = proposed_[request->client];
      newest = std::max(newest, request->timestamp);
    }
  }
  PAXBANK_ASSERT(step.acceptor.log().last() < next_, "a view covers all that was accepted here");
  heartbeat_at_ = step.now + step.config.heartbeat;
  for_each_peer(step, [&](NodeId, Progress& peer) { peer.begin(step, committed); });
  step.happened(SawNewView{ballot, view_});
  send_view(step, AllNodes{});
}

template <class Visit>
void Leader::for_each_peer(const Step& step, Visit visit) {
  for (std::uint32_t n = 1; n <= step.config.nodes; ++n) {
    if (NodeId{n} != step.config.id) visit(NodeId{n}, peers_[n]);
  }
}

void Leader::propose(Step& step, const Request& request) {
  const auto known = proposed_.find(request.client);
  if (known != proposed_.end() && request.timestamp <= known->second) return;
  if (waiting_.size() >= step.config.limits.pending_requests) return;  // its client asks again
  proposed_[request.client] = request.timestamp;
  if (votes_.size() < step.config.limits.proposals_in_flight && waiting_.empty()) {
    propose_now(step, request);
  } else {
    waiting_.push_back(request);
  }
}

/// Accepts what it is about to propose at the next number. The vote is a message to itself, and is
/// counted when that comes back: when this has been stored.
void Leader::accept_own(Step& step, const Command& command) {
  step.acceptor.accept(ballot_, next_, command);
  step.output.send_accepted(step.config.id, ballot_, next_, step.config.id);
  votes_.emplace_back();
  next_ = next_.next();
}

void Leader::propose_now(Step& step, const Request& request) {
  const SequenceNumber sequence = next_;
  accept_own(step, request);
  // What is chosen by now travels along, and needs no COMMIT of its own.
  announced_ = step.acceptor.log().committed();
  commit_at_ = never;
  step.output.send_accept(AllNodes{}, ballot_, sequence, request, announced_);
  // Nothing was in flight, so nobody owed an answer until now.
  if (votes_.size() > 1) return;
  for_each_peer(step, [&](NodeId, Progress& peer) { peer.accepts.reset(step); });
}

void Leader::handle(Step& step, const Accepted& accepted) {
  PAXBANK_ASSERT(accepted.ballot == ballot_, "only this ballot's acceptances count (rule 5)");
  heard(accepted.node, step.now);
  const SequenceNumber first = first_in_flight();
  const SequenceNumber end = std::min(accepted.through.next(), next_);
  for (SequenceNumber s = std::max(accepted.sequence, first); s < end; s = s.next()) {
    NodeSet& votes = votes_[s.value - first.value];
    if (votes.insert(accepted.node) && votes.size() == step.config.quorum()) choose(step, s);
  }
  if (!votes_.empty() && accepted.sequence <= first && first < end) {
    peers_[accepted.node.value].accepts.reset(step);
  }
  if (step.acceptor.log().committed() >= first) advance(step);
}

/// A quorum has accepted what this leader proposed.
void Leader::choose(Step& step, SequenceNumber sequence) {
  const LogEntry* entry = step.acceptor.log().find(sequence);
  PAXBANK_ASSERT(entry != nullptr, "a leader has accepted what it proposes");
  PAXBANK_ASSERT(entry->ballot == ballot_, "what is counted was accepted in this ballot");
  const Command command = entry->command;
  step.commit(ballot_, sequence, command);
}

void Leader::advance(Step& step) {
  const AcceptLog& log = step.acceptor.log();
  PAXBANK_ASSERT(log.committed() < next_, "nothing is chosen that this leader does not know of");
  while (first_in_flight() <= log.committed()) {
    const SequenceNumber chosen = first_in_flight();
    votes_.pop_front();
    for_each_peer(step, [&](NodeId, Progress& peer) { peer.told(step, chosen); });
  }
  while (!waiting_.empty() && votes_.size() < step.config.limits.proposals_in_flight) {
    propose_now(step, waiting_.front());
    waiting_.pop_front();
  }
  if (step.config.commit_delay == Duration::zero() || step.paused) {
    announce(step);
  } else if (announced_ < log.committed() && commit_at_ == never) {
    commit_at_ = step.now + step.config.commit_delay;
  }
}

void Leader::announce(Step& step) {
  const AcceptLog& log = step.acceptor.log();
  // A quorum may have learned of it otherwise, and the log before that be gone.
  announced_ = std::max(announced_, log.base());
  while (announced_ < log.committed()) {
    announced_ = announced_.next();
    const LogEntry* chosen = log.find(announced_);
    PAXBANK_ASSERT(chosen != nullptr, "what is committed and not gone is there");
    step.output.send_commit(ballot_, announced_, chosen->command);
  }
  commit_at_ = never;
}

void Leader::forget(const Request& request) {
  const auto known = proposed_.find(request.client);
  if (known != proposed_.end() && known->second <= request.timestamp) proposed_.erase(known);
}

void Leader::handle(Step& step, const Heartbeat& heartbeat) {
  Progress& peer = peers_[heartbeat.node.value];
  const bool was_silent = peer.silent_for_longer_than(step.config.leader_timeout_min, step.now);
  peer.heard(step.now);
  if (heartbeat.ballot < ballot_) return;  // it has not heard of this ballot yet
  PAXBANK_ASSERT(heartbeat.ballot == ballot_, "a higher ballot is the replica's business");
  const SequenceNumber chosen = step.acceptor.log().committed();
  peer.answered(step, heartbeat, chosen);
  if (was_silent) {
    // Whatever was sent meanwhile is lost: there is nothing to wait for.
    peer.expire(step);
  }
  resend(step, heartbeat.node);
}

/// What a node has not acknowledged in time goes to it again, and what it lacks.
void Leader::resend(Step& step, NodeId node) {
  Progress& peer = peers_[node.value];
  if (owes_accepts(node) && peer.accepts.take_turn(step)) {
    if (peer.state() != Progress::State::in_view) send_view(step, node);
    send_accepts(step, node);
  }
  peer.take_back_lost(step, step.acceptor.log().committed());
  send_commits(step, node);
}

bool Leader::owes_accepts(NodeId node) const {
  return peers_[node.value].state() != Progress::State::in_view ||
         std::any_of(votes_.begin(), votes_.end(),
                     [node](const NodeSet& votes) { return !votes.contains(node); });
}

void Leader::send_view(Step& step, const Destination& to) const {
  const std::size_t limit = step.config.limits.entries_per_message;
  auto from = view_.begin();
  do {
    const auto count =
        std::min<std::ptrdiff_t>(view_.end() - from, static_cast<std::ptrdiff_t>(limit));
    step.send(to, NewView{ballot_, {from, from + count}});
    from += count;
  } while (from != view_.end());
}

void Leader::send_accepts(Step& step, NodeId node) const {
  const SequenceNumber view_end = view_.empty() ? SequenceNumber{} : view_.back().sequence;
  const std::size_t count = std::min<std::size_t>(votes_.size(), step.config.limits.accepts_resent);
  for (std::size_t i = 0; i < count; ++i) {
    const SequenceNumber sequence{first_in_flight().value + i};
    if (votes_[i].contains(node)) continue;
    // NEW_VIEW has just said it.
    if (peers_[node.value].state() != Progress::State::in_view && sequence <= view_end) continue;
    step.output.send_accept(node, ballot_, sequence, step.acceptor.log().find(sequence)->command,
                            step.acceptor.log().committed());
  }
}

/// Teaches a node what it lacks; from a checkpoint on where the slots that it lacks are gone.
void Leader::send_commits(Step& step, NodeId node) {
  Progress& peer = peers_[node.value];
  if (peer.state() == Progress::State::asked) return;  // what it lacks is not known
  const AcceptLog& log = step.acceptor.log();
  if (peer.sent() < log.base()) {
    step.send(node, step.acceptor.checkpoint().to_checkpoint(step.config.id));
    peer.taught(log.base());
  }
  const Limits& limits = step.config.limits;
  const std::uint64_t until = std::min(
      log.committed().value, std::max(peer.committed(), log.base()).value + limits.catch_up_window);
  while (peer.sent().value < until) {
    const SequenceNumber from = peer.sent().next();
    const SequenceNumber through{std::min(until, peer.sent().value + limits.commits_per_message)};
    Commit commit{.ballot = ballot_, .sequence = from, .through = through, .commands = {}};
    for (SequenceNumber s = from; s <= through; s = s.next()) {
      commit.commands.push_back(log.find(s)->command);
    }
    step.send(node, std::move(commit));
    peer.taught(through);
  }
}

/// What a quorum has executed, this node included: the highest such number.
SequenceNumber Leader::stable(const Step& step) {
  std::array<SequenceNumber, nodes_limit> executed{};
  std::size_t count = 0;
  executed[count++] = step.acceptor.log().executed();
  for_each_peer(step, [&](NodeId, const Progress& peer) { executed[count++] = peer.executed(); });
  std::sort(executed.begin(), executed.begin() + static_cast<std::ptrdiff_t>(count),
            std::greater<>());
  return executed[step.config.quorum() - 1];
}

void Leader::tick(Step& step) {
  if (step.now >= commit_at_) announce(step);
  if (step.now < heartbeat_at_) return;
  heartbeat_at_ = step.now + step.config.heartbeat;
  Heartbeat heartbeat = step.heartbeat(true);
  heartbeat.stable = stable(step);
  step.send(AllNodes{}, heartbeat);
  for_each_peer(step, [&](NodeId node, const Progress& peer) {
    // A node that is silent hears from us by HEARTBEAT; the rest follows when it answers.
    if (!peer.silent_for_longer_than(step.config.leader_timeout_max, step.now)) resend(step, node);
  });
}

bool Leader::hears_quorum(const Step& step) const {
  std::uint32_t heard = 1;
  for (std::uint32_t n = 1; n <= step.config.nodes; ++n) {
    if (NodeId{n} == step.config.id) continue;
    if (!peers_[n].silent_for_longer_than(step.config.leader_timeout_max, step.now)) ++heard;
  }
  return heard >= step.config.quorum();
}

void Leader::restart_timers(const Step& step) {
  heartbeat_at_ = step.now;
  for_each_peer(step, [&](NodeId, Progress& peer) { peer.restart_timers(step); });
}

void Leader::check_invariants(const AcceptLog& log, const ReplicaConfig& config) const {
  PAXBANK_ASSERT(log.committed() < next_, "nothing is chosen that this leader does not know of");
  PAXBANK_ASSERT(log.last() < next_, "a leader accepts what it proposes, and nothing else");
  PAXBANK_ASSERT(first_in_flight() == log.committed().next(), "in flight is what is not chosen");
  PAXBANK_ASSERT(announced_ <= log.committed(), "only what is chosen is announced");
  PAXBANK_ASSERT(waiting_.size() <= config.limits.pending_requests, "requests are bounded");
  for (const Progress& peer : peers_) peer.check_invariants();
}

}  // namespace paxbank
