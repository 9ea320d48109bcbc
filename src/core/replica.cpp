#include "paxbank/core/replica.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank {
namespace {

void check_config(const ReplicaConfig& config) {
  PAXBANK_ASSERT(config.nodes >= 3 && config.nodes <= nodes_limit, "3 to 9 nodes");
  PAXBANK_ASSERT(config.nodes % 2 == 1, "2f+1 nodes");
  PAXBANK_ASSERT(config.id.value >= 1 && config.id.value <= config.nodes, "a node of the cluster");
  PAXBANK_ASSERT(config.heartbeat < config.leader_timeout_min, "a leader is heard in time");
  PAXBANK_ASSERT(config.leader_timeout_min <= config.leader_timeout_max, "a range of timeouts");
  const Limits& limits = config.limits;
  PAXBANK_ASSERT(limits.proposals_in_flight >= 1 && limits.entries_per_message >= 1 &&
                     limits.accepts_per_message >= 1 && limits.catch_up_window >= 1 &&
                     limits.commits_per_message >= 1 && limits.commits_per_answer >= 1 &&
                     limits.accepts_resent >= 1 && limits.checkpoint_interval >= 1 &&
                     limits.pending_requests >= 1 && limits.entries_unstored >= 1,
                 "a limit lets something through");
  PAXBANK_ASSERT(limits.slots_ahead >= limits.proposals_in_flight,
                 "a backup accepts all that its leader may have in flight");
}

}  // namespace

Replica::Replica(const ReplicaConfig& config, std::uint64_t seed, TimePoint now)
    : Replica(config, seed, now, Acceptor(config.bank)) {}

Replica::Replica(ReplicaConfig config, std::uint64_t seed, TimePoint now, Acceptor durable)
    : config_(std::move(config)),
      random_(seed),
      acceptor_(std::move(durable)),
      machine_(acceptor_.checkpoint()),
      pending_(config_.limits.pending_requests),
      role_(Backup{std::nullopt, now, now}) {
  check_config(config_);
  acceptor_.restart();
  std::get<Backup>(role_).stand_at = draw_stand_at(now);
}

/// The frame of every step: do the work, then execute what became executable.
template <class Work>
void Replica::run(TimePoint now, Work work) {
  Step step{config_, acceptor_, output_, now, paused_};
  work(step);
  execute_committed(step);
  answer_progress(step);
  check_invariants();
}

/// Relations between what the roles and the acceptor know: cheap enough to hold after every step.
void Replica::check_invariants() const {
  acceptor_.check_invariants();
  PAXBANK_ASSERT(machine_.executed() == log().executed(), "what is executed is in the state");
  PAXBANK_ASSERT(pending_.size() <= config_.limits.pending_requests, "requests are bounded");
  if (const auto* leader = std::get_if<Leader>(&role_)) {
    PAXBANK_ASSERT(leader->ballot() == acceptor_.promised(), "a leader follows nobody else");
    leader->check_invariants(acceptor_.log(), config_);
  } else if (const auto* candidate = std::get_if<Candidate>(&role_)) {
    PAXBANK_ASSERT(candidate->ballot() > acceptor_.promised(), "a candidate promises last");
  }
}

Output& Replica::flush() {
  acceptor_.take_changes(output_.persist);
  output_.wake_at = wake_at();
  std::swap(output_, flushed_);
  output_.clear();
  return flushed_;
}

void Replica::receive(const Message& message, TimePoint now) {
  run(now, [&](Step& step) {
    if (!connected_ || claimed_sender(message) == config_.id) return;
    std::visit(
        [&](const auto& m) {
          if constexpr (requires { m.ballot.round; }) {
            if (out_of_reach(step, message, m.ballot)) return;
          }
          handle(step, m);
        },
        message);
  });
}

void Replica::take_own_vote(const Accepted& vote, TimePoint now) {
  run(now, [&](Step& step) { handle(step, vote); });
}

void Replica::tick(TimePoint now) {
  run(now, [&](Step& step) {
    if (connected_ && !paused_) tick_role(step);
  });
}

void Replica::disconnect(TimePoint now) {
  run(now, [&](Step& step) {
    if (!connected_) return;
    if (std::holds_alternative<Leader>(role_)) step_down(step, "disconnected");
    become_backup(step);
    connected_ = false;
  });
}

void Replica::reconnect(TimePoint now) {
  run(now, [&](Step& step) {
    if (connected_) return;
    connected_ = true;
    failures_ = 0;
    become_backup(step);
  });
}

void Replica::pause(TimePoint now) {
  run(now, [&](Step& step) {
    paused_ = true;
    if (auto* leader = std::get_if<Leader>(&role_)) leader->announce(step);
  });
}

void Replica::resume(TimePoint now) {
  run(now, [&](Step& step) {
    if (!paused_) return;
    paused_ = false;
    failures_ = 0;
    if (auto* backup = std::get_if<Backup>(&role_)) {
      backup->heard_at = now;
      backup->stand_at = draw_stand_at(now);
    } else if (auto* leader = std::get_if<Leader>(&role_)) {
      leader->restart_timers(step);
    } else {
      become_backup(step);
    }
  });
}

ReplicaStatus Replica::status() const {
  ReplicaStatus status;
  status.connected = connected_;
  status.paused = paused_;
  status.promised = acceptor_.promised();
  status.committed = log().committed();
  status.executed = log().executed();
  status.last = log().last();
  status.base = log().base();
  status.pending = pending_.size();
  if (const auto* leader = std::get_if<Leader>(&role_)) {
    status.role = RoleName::leader;
    status.follows = leader->ballot();
    status.in_flight = leader->in_flight();
  } else if (const auto* backup = std::get_if<Backup>(&role_)) {
    status.follows = backup->leader;
  } else {
    status.role = RoleName::candidate;
  }
  return status;
}

std::optional<Replica::LeaderHeard> Replica::leader_heard() const {
  if (const auto* leader = std::get_if<Leader>(&role_)) return LeaderHeard{leader->ballot(), never};
  const auto* backup = std::get_if<Backup>(&role_);
  if (backup == nullptr || !backup->leader) return std::nullopt;
  return LeaderHeard{*backup->leader, backup->heard_at};
}

TimePoint Replica::wake_at() const {
  if (!connected_ || paused_) return never;
  if (const auto* leader = std::get_if<Leader>(&role_)) return leader->wake_at();
  if (const auto* candidate = std::get_if<Candidate>(&role_)) return candidate->wake_at();
  return std::get<Backup>(role_).stand_at;
}

void Replica::execute_committed(Step& step) {
  while (log().executed() < log().committed()) {
    const SequenceNumber sequence = log().executed().next();
    Executed executed = machine_.execute(sequence, acceptor_.execute_next().command);
    answer_executed(step, executed);
    step.output.executed.push_back(std::move(executed));
    if (sequence.value % config_.limits.checkpoint_interval == 0 && !next_checkpoint_) {
      next_checkpoint_ = machine_;
    }
  }
}

/// Rule 8: only now, and only what is known. Beside the leader, whoever took the request from its
/// client answers: that node may be the only one that the client is connected to.
void Replica::answer_executed(Step& step, const Executed& executed) {
  const auto* request = std::get_if<Request>(&executed.command);
  if (request == nullptr) return;
  const bool taken_here = pending_.executed(*request);
  auto* leader = std::get_if<Leader>(&role_);
  if (leader != nullptr) leader->forget(*request);
  if (!executed.result || (leader == nullptr && !taken_here)) return;
  // Chosen twice: it happened where it was executed first.
  const Session* first = executed.applied ? nullptr : machine_.session(request->client);
  reply(step, *request, *executed.result, first == nullptr ? executed.sequence : first->sequence);
}

/// Rounds are counted up by candidacies, one at a time, and are bounded: one that is far beyond all
/// that anybody was heard of would use up those that are left.
bool Replica::out_of_reach(Step& step, const Message& message, Ballot ballot) {
  const std::uint64_t known = std::max(seen_, acceptor_.promised()).round;
  if (ballot.round <= known + config_.limits.rounds_ahead) return false;
  const NodeId peer = claimed_sender(message).value_or(ballot.node);
  refuse(step, peer,
         describe(peer) + " names " + describe(ballot) + ", far beyond round " +
             std::to_string(known));
  return true;
}

void Replica::refuse(Step& step, NodeId peer, std::string reason) {
  step.happened(Refused{peer, std::move(reason)});
}

bool Replica::within_reach(SequenceNumber sequence) const {
  return sequence.value <= log().committed().value + config_.limits.slots_ahead;
}

/// The checks that ACCEPT and each entry of NEW_VIEW must pass before anything is changed by them.
bool Replica::acceptable(Step& step, Ballot ballot, SequenceNumber sequence,
                         const Command& command) {
  if (!log().contradicts(sequence, ballot, command)) return true;
  refuse(step, ballot.node,
         describe(ballot.node) + " proposes another command for sequence number " +
             std::to_string(sequence.value));
  return false;
}

void Replica::handle(Step& step, const NewView& message) {
  if (message.ballot < acceptor_.promised()) {  // rule 2
    step.send(message.ballot.node, step.heartbeat());
    return;
  }
  SequenceNumber previous;
  for (const AcceptedEntry& entry : message.accept_log) {
    if (entry.sequence <= previous) {
      refuse(step, message.ballot.node,
             describe(message.ballot.node) + " sends a view out of order");
      return;
    }
    if (!acceptable(step, message.ballot, entry.sequence, entry.command)) return;
    previous = entry.sequence;
  }
  follow(step, message.ballot);
  acceptor_.enter_view(message.ballot);
  step.happened(SawNewView{message.ballot, message.accept_log});
  // Two kinds of answer. The HEARTBEAT says that the view as such has arrived, which matters where
  // it is empty; the ACCEPTED of each entry is the vote for that entry.
  step.send(message.ballot.node, step.heartbeat());
  for (const AcceptedEntry& entry : message.accept_log) {
    accept(step, message.ballot, entry.sequence, entry.command);
  }
}

void Replica::handle(Step& step, const Accept& message) {
  if (message.ballot < acceptor_.promised()) {  // rule 2
    step.send(message.ballot.node, step.heartbeat());
    return;
  }
  SequenceNumber sequence = message.sequence;
  for (const Command& command : message.commands) {
    if (!acceptable(step, message.ballot, sequence, command)) return;
    sequence = sequence.next();
  }
  follow(step, message.ballot);
  // First, as it may bring within reach what is to be accepted.
  learn_through(step, message.ballot, message.committed);
  sequence = message.sequence;
  for (const Command& command : message.commands) {
    accept(step, message.ballot, sequence, command);
    sequence = sequence.next();
  }
}

/// Accepts, and says so. What is too far ahead is sent again when this node has caught up; what a
/// checkpoint stands for is chosen, so there is nothing left to write down.
void Replica::accept(Step& step, Ballot ballot, SequenceNumber sequence, const Command& command) {
  if (!within_reach(sequence)) return;
  if (sequence > log().base()) acceptor_.accept(ballot, sequence, command);
  step.output.send_accepted(ballot.node, ballot, sequence, config_.id);
}

void Replica::handle(Step& step, const Accepted& message) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader != nullptr && message.ballot == leader->ballot()) leader->handle(step, message);
}

void Replica::handle(Step& step, const Request& message) {
  if (const Session* session = machine_.session(message.client)) {
    if (message.timestamp < session->timestamp) {  // its client has moved on, or lost count
      step.send(message.client, Reply{.ballot = reply_ballot(),
                                      .client = message.client,
                                      .timestamp = message.timestamp,
                                      .result = Result::stale,
                                      .sequence = {},
                                      .newest = session->timestamp});
      return;
    }
    if (message.timestamp == session->timestamp) {  // rule 7: the recorded answer
      reply(step, message, session->result, session->sequence);
      return;
    }
  }
  PendingRequests::Taken* taken = pending_.take(message);
  if (taken == nullptr) return;
  if (auto* leader = std::get_if<Leader>(&role_)) {
    leader->propose(step, message);
  } else if (const auto* backup = std::get_if<Backup>(&role_);
             backup != nullptr && backup->leader) {
    forward(step, backup->leader->node, *taken);
  }
}

/// The ballot of the leader that this node knows: it tells the client whom to ask next. One that
/// has never heard of any stands for election in its own.
Ballot Replica::reply_ballot() const {
  if (const auto* leader = std::get_if<Leader>(&role_)) return leader->ballot();
  if (const auto* backup = std::get_if<Backup>(&role_); backup != nullptr && backup->leader) {
    return *backup->leader;
  }
  return acceptor_.promised().round > 0 ? acceptor_.promised() : Ballot{1, config_.id};
}

/// Answers a client.
void Replica::reply(Step& step, const Request& request, Result result, SequenceNumber where) const {
  step.send(request.client, Reply{.ballot = reply_ballot(),
                                  .client = request.client,
                                  .timestamp = request.timestamp,
                                  .result = result,
                                  .sequence = where});
}

/// A node has no use for another node's answer to a client.
void Replica::handle(Step& /*step*/, const Reply& /*message*/) {}

/// Hands a request on to the leader. The same one not again until an answer could have come: where
/// two nodes for a moment believe in each other, a request must not go round at the speed of the
/// wire.
void Replica::forward(Step& step, NodeId leader, PendingRequests::Taken& taken) {
  if (taken.forwarded_at != TimePoint::min() &&
      step.now - taken.forwarded_at < config_.resend_min()) {
    return;
  }
  taken.forwarded_at = step.now;
  step.send(leader, taken.request);
}

}  // namespace paxbank
