#include "paxbank/core/candidate.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>
#include <utility>

namespace paxbank {
Candidate::Candidate(Step& step, Ballot ballot, TimePoint give_up_at)
    : ballot_(ballot), give_up_at_(give_up_at), resend_at_(step.now + step.config.resend_min()) {
  PAXBANK_ASSERT(ballot.node == step.config.id, "a ballot is proposed by its owner alone");
  PAXBANK_ASSERT(ballot > step.acceptor.promised(), "a new ballot is above every promise");
  const SequenceNumber from = step.acceptor.log().committed().next();
  for (Vote& vote : votes_) vote.needed_from = from;
  step.happened(StoodForElection{ballot});
  step.send(AllNodes{}, Prepare{ballot, from});
}

bool Candidate::well_formed(const Promise& promise, const Limits& limits) {
  SequenceNumber previous{promise.from_sequence.value - 1};
  std::uint64_t empty_slots = 0;
  for (const AcceptedEntry& entry : promise.accept_log) {
    if (entry.sequence <= previous || entry.ballot >= promise.ballot) return false;
    empty_slots += entry.sequence.value - previous.value - 1;
    previous = entry.sequence;
  }
  // Up to its commit point an honest acceptor's log is without gaps, and beyond that it accepts
  // only so far ahead.
  if (empty_slots > limits.slots_ahead) return false;
  // A part that is not the last one brings something.
  return !promise.next_sequence ||
         (!promise.accept_log.empty() && *promise.next_sequence > previous);
}

Candidate::Standing Candidate::handle(Step& step, const Promise& promise) {
  PAXBANK_ASSERT(promise.ballot == ballot_, "only promises for this ballot count (rule 3)");
  Vote& vote = votes_[promise.node.value];
  // What is committed here need not be told; a part that comes after a gap cannot be counted.
  const SequenceNumber needed = std::max(vote.needed_from, step.acceptor.log().committed().next());
  if (vote.complete || promise.from_sequence > needed) return standing(step);
  if (vote.accept_log.size() + promise.accept_log.size() > step.config.limits.entries_per_vote) {
    return standing(step);  // as if it were silent
  }
  vote.refused = false;
  take_part(vote, promise, needed);
  if (vote.empty_slots > step.config.limits.slots_ahead) {
    // Each part was possible when it was sent, all of them together are not at any one time. Asked
    // anew it may say all at once; what it said so far does not count.
    vote = Vote{.needed_from = step.acceptor.log().committed().next()};
  } else if (promise.next_sequence) {
    vote.needed_from = std::max(needed, *promise.next_sequence);
    // A long log on its way is progress, not silence. An honest part that is not the last is full:
    // crumbs put nothing off, and so many full ones as a vote may have come to an end.
    if (promise.accept_log.size() >= step.config.limits.entries_per_message) {
      give_up_at_ += step.config.resend_min();
      parts_come_ = true;
    }
    step.send(promise.node, Prepare{ballot_, vote.needed_from});
  } else {
    vote.complete = true;
    for (AcceptedEntry& entry : vote.accept_log) merge(std::move(entry));
    vote.accept_log.clear();
  }
  return standing(step);
}

/// Keeps the entries from `needed` on, and counts the slots that they leave empty: each of those
/// becomes a no-op in the view, and nobody can make this node write more of them than an acceptor
/// can have.
void Candidate::take_part(Vote& vote, const Promise& promise, SequenceNumber needed) {
  SequenceNumber expected = std::max(promise.from_sequence, needed);
  for (const AcceptedEntry& entry : promise.accept_log) {
    if (entry.sequence < expected) continue;
    vote.empty_slots += entry.sequence.value - expected.value;
    expected = entry.sequence.next();
    vote.accept_log.push_back(entry);
  }
}

void Candidate::merge(AcceptedEntry entry) {
  const auto [known, inserted] = merged_.try_emplace(entry.sequence, entry);
  if (!inserted && entry.ballot > known->second.ballot) known->second = std::move(entry);
}

Candidate::Standing Candidate::handle_refusal(const Step& step, NodeId node) {
  Vote& vote = votes_[node.value];
  if (!vote.complete) vote.refused = true;
  return standing(step);
}

Candidate::Standing Candidate::standing(const Step& step) const {
  const auto promises =
      std::count_if(votes_.begin(), votes_.end(), [](const Vote& vote) { return vote.complete; });
  const auto refusals =
      std::count_if(votes_.begin(), votes_.end(), [](const Vote& vote) { return vote.refused; });
  const std::uint32_t own = 1;
  if (promises + own >= step.config.quorum()) return Standing::won;
  if (step.config.nodes - refusals < step.config.quorum()) return Standing::lost;
  return Standing::undecided;
}

void Candidate::resend(Step& step) {
  if (step.now < resend_at_) return;
  resend_at_ = step.now + step.config.resend_min();
  // Who has said all must not lose its patience over a long log that somebody else has to tell.
  const bool all = std::exchange(parts_come_, false);
  for (std::uint32_t n = 1; n <= step.config.nodes; ++n) {
    if (NodeId{n} == step.config.id || (votes_[n].complete && !all)) continue;
    step.send(NodeId{n}, Prepare{ballot_, votes_[n].needed_from});
  }
}

std::vector<AcceptedEntry> Candidate::take_view(Step& step) {
  step.acceptor.promise(ballot_);
  const AcceptLog& log = step.acceptor.log();
  for (SequenceNumber s = log.committed().next(); s <= log.last(); s = s.next()) {
    const LogEntry* entry = log.find(s);
    if (entry == nullptr) continue;
    AcceptedEntry own{entry->ballot, s, entry->command};
    if (entry->status >= Status::committed) {
      merged_.insert_or_assign(s, std::move(own));  // chosen, whatever a PROMISE claims
    } else {
      merge(std::move(own));
    }
  }
  std::vector<AcceptedEntry> view;
  for (auto& [sequence, entry] : merged_) {
    if (sequence <= log.committed()) continue;
    SequenceNumber gap = view.empty() ? log.committed().next() : view.back().sequence.next();
    for (; gap < sequence; gap = gap.next()) view.push_back({ballot_, gap, NoOp{}});
    view.push_back(std::move(entry));
  }
  merged_.clear();
  return view;
}

}  // namespace paxbank
