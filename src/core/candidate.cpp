#include "paxbank/core/candidate.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank {

Candidate::Candidate(Step& step, Ballot ballot, TimePoint give_up_at)
    : ballot_(ballot), give_up_at_(give_up_at), resend_at_(step.now + step.config.resend_min()) {
  PAXBANK_ASSERT(ballot.node == step.config.id, "a ballot is proposed by its owner alone");
  PAXBANK_ASSERT(ballot > step.acceptor.promised(), "a new ballot is above every promise");
  const SequenceNumber from = step.acceptor.log().committed().next();
  for (Vote& vote : votes_) vote.needed_from = from;
  step.report(StoodForElection{ballot});
  step.send(AllNodes{}, Prepare{ballot, from});
}

bool Candidate::well_formed(const Promise& promise, const Limits& limits) {
  SequenceNumber previous{promise.from_sequence.value - 1};
  // An honest acceptor's empty slots in a row are bounded by what it accepts ahead of its commit
  // point.
  const std::uint64_t stride = limits.slots_ahead;
  for (const AcceptedEntry& entry : promise.accept_log) {
    if (entry.sequence <= previous) return false;
    if (entry.sequence.value - previous.value > stride) return false;
    if (entry.ballot >= promise.ballot) return false;
    previous = entry.sequence;
  }
  return !promise.next_sequence || *promise.next_sequence > previous;
}

Candidate::Standing Candidate::handle(Step& step, const Promise& promise) {
  PAXBANK_ASSERT(promise.ballot == ballot_, "only promises for this ballot count (rule 3)");
  Vote& vote = votes_[promise.node.value];
  // What is committed here need not be told; a part that comes after a gap cannot be counted.
  const SequenceNumber needed = std::max(vote.needed_from, step.acceptor.log().committed().next());
  if (vote.complete || promise.from_sequence > needed) return standing(step);
  vote.refused = false;
  for (const AcceptedEntry& entry : promise.accept_log) merge(entry);
  if (promise.next_sequence) {
    vote.needed_from = std::max(vote.needed_from, *promise.next_sequence);
    give_up_at_ += step.config.resend_min();  // a long log on its way is progress, not silence
    step.send(promise.node, Prepare{ballot_, vote.needed_from});
  } else {
    vote.complete = true;
  }
  return standing(step);
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
  for (std::uint32_t n = 1; n <= step.config.nodes; ++n) {
    if (NodeId{n} == step.config.id || votes_[n].complete) continue;
    step.send(NodeId{n}, Prepare{ballot_, votes_[n].needed_from});
  }
}

std::vector<AcceptedEntry> Candidate::take_view(Step& step) {
  step.acceptor.promise(ballot_);
  const AcceptLog& log = step.acceptor.log();
  for (SequenceNumber s = log.committed().next(); s <= log.last(); s = s.next()) {
    if (const LogEntry* entry = log.find(s)) merge({entry->ballot, s, entry->command});
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
