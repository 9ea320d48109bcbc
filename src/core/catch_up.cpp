// Learning what was missed, and letting go of what nobody needs. The rest of Replica is in
// replica.cpp.
#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/core/replica.hpp"

#include <algorithm>

namespace paxbank {

void Replica::handle(Step& step, const Commit& message) {
  auto* leader = std::get_if<Leader>(&role_);
  SequenceNumber sequence = message.sequence;
  for (const Command& command : message.commands) {
    const bool unknown_to_leader =
        leader != nullptr && message.ballot < leader->ballot() && sequence >= leader->next();
    if (log().contradicts(sequence, message.ballot, command) || unknown_to_leader) {
      refuse(step, message.ballot.node,
             describe(message.ballot.node) + " commits another command at " +
                 std::to_string(sequence.value));
      return;
    }
    sequence = sequence.next();
  }
  // What is chosen is chosen, whoever says it: a stale COMMIT teaches its command and nothing else.
  if (message.ballot >= acceptor_.promised()) {
    follow(step, message.ballot);
    leader = nullptr;
  }
  learn(step, message);
  if (leader != nullptr) leader->advance(step);
}

void Replica::learn(Step& step, const Commit& message) {
  SequenceNumber sequence = message.sequence;
  for (const Command& command : message.commands) {
    if (!within_reach(sequence)) return;
    step.commit(message.ballot, sequence, command);
    sequence = sequence.next();
  }
  if (!message.commands.empty()) return;
  const SequenceNumber end = std::min(message.through, log().last());
  for (SequenceNumber s = std::max(sequence, log().base().next()); s <= end; s = s.next()) {
    learn_own(step, message.ballot, s);
  }
}

/// The leader of `ballot` says that a slot is chosen, but not what is in it: that is known only if
/// it was accepted here in this very ballot. Returns whether it was.
bool Replica::learn_own(Step& step, Ballot ballot, SequenceNumber sequence) {
  const LogEntry* entry = log().find(sequence);
  if (entry == nullptr || entry->ballot != ballot) return false;
  const Command command = entry->command;
  step.commit(ballot, sequence, command);
  return true;
}

/// An ACCEPT says that everything up to `through` is chosen. Where something is missing here there
/// is no point in going on: it must be taught first, and what comes after it with it (rule 14).
void Replica::learn_through(Step& step, Ballot ballot, SequenceNumber through) {
  while (log().committed() < through && learn_own(step, ballot, log().committed().next())) {
  }
}

/// A node that learns much at a time says so on the way: the leader keeps a bounded number of
/// COMMITs under way, so a long catch-up runs at the speed of the link and not of the heartbeat.
void Replica::answer_progress(Step& step) {
  const auto* backup = std::get_if<Backup>(&role_);
  if (!connected_ || backup == nullptr || !backup->leader) return;
  if (log().committed().value - told_committed_.value < config_.limits.commits_per_answer) return;
  told_committed_ = log().committed();
  step.send(backup->leader->node, step.heartbeat());
}

/// A leader learns what is chosen by proposing it; everybody else takes the shorter way.
void Replica::handle(Step& step, const Checkpoint& message) {
  if (std::holds_alternative<Leader>(role_) || message.sequence <= log().executed()) return;
  StateMachine checkpoint = machine_;
  if (!checkpoint.restore(message)) {
    refuse(step, message.node, describe(message.node) + " sends a checkpoint of another bank");
    return;
  }
  machine_ = checkpoint;
  next_checkpoint_.reset();
  acceptor_.install(std::move(checkpoint));
  step.happened(Compacted{log().base(), true});
  for (const Request& request : pending_.drop_executed(machine_)) {
    const Session* session = machine_.session(request.client);
    reply(step, request, session->result, session->sequence);
  }
}

/// What a quorum has executed need not be kept slot by slot: whoever lacks it gets the checkpoint.
void Replica::compact(Step& step, SequenceNumber stable) {
  if (!next_checkpoint_ || next_checkpoint_->executed() > stable) return;
  acceptor_.compact(std::move(*next_checkpoint_));
  next_checkpoint_.reset();
  step.happened(Compacted{log().base(), false});
}

}  // namespace paxbank
