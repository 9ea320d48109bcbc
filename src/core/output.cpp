#include "paxbank/core/output.hpp"

#include <algorithm>

namespace paxbank {

/// The message at an index, if it goes the same way.
template <class Type>
Type* Output::going_the_same_way(std::optional<std::size_t> index, const Destination& to) {
  if (!index || messages[*index].to != to) return nullptr;
  return &std::get<Type>(messages[*index].message);
}

void Output::send_accept(Destination to, Ballot ballot, SequenceNumber sequence,
                         const Command& command, SequenceNumber chosen_until) {
  auto* accept = going_the_same_way<Accept>(last_accept_, to);
  if (accept != nullptr && accept->ballot == ballot &&
      accept->commands.size() < accepts_per_message_ &&
      accept->sequence.value + accept->commands.size() == sequence.value) {
    accept->commands.push_back(command);
    accept->committed = std::max(accept->committed, chosen_until);
    return;
  }
  last_accept_ = messages.size();
  send(std::move(to), Accept{ballot, sequence, {command}, chosen_until});
}

void Output::send_accepted(NodeId to, Ballot ballot, SequenceNumber sequence, NodeId self) {
  auto* accepted = going_the_same_way<Accepted>(last_accepted_, to);
  if (accepted != nullptr && accepted->ballot == ballot && accepted->through.next() == sequence) {
    accepted->through = sequence;
    return;
  }
  last_accepted_ = messages.size();
  send(to, Accepted{ballot, sequence, sequence, self});
}

void Output::send_commit(Ballot ballot, SequenceNumber sequence, const Command& command) {
  auto* commit = going_the_same_way<Commit>(last_commit_, AllNodes{});
  if (commit != nullptr && commit->ballot == ballot && commit->through.next() == sequence) {
    commit->commands.clear();
    commit->through = sequence;
    return;
  }
  last_commit_ = messages.size();
  send(AllNodes{}, Commit{ballot, sequence, sequence, {command}});
}

void Output::clear() {
  persist.clear();
  messages.clear();
  committed.clear();
  executed.clear();
  events.clear();
  last_accept_.reset();
  last_accepted_.reset();
  last_commit_.reset();
}

}  // namespace paxbank
