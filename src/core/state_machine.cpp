#include "paxbank/core/state_machine.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank {

Executed StateMachine::execute(SequenceNumber sequence, const Command& command) {
  PAXBANK_ASSERT(sequence == executed_.next(), "strictly in order, each once (rule 6)");
  executed_ = sequence;
  Executed executed{sequence, command, std::nullopt, false};
  if (const auto* request = std::get_if<Request>(&command)) execute(*request, executed);
  return executed;
}

void StateMachine::execute(const Request& request, Executed& executed) {
  const auto known = sessions_.find(request.client);
  if (known != sessions_.end()) {
    // Chosen twice, or late: the first execution counts (rule 7).
    if (request.timestamp < known->second.timestamp) return;
    if (request.timestamp == known->second.timestamp) {
      executed.result = known->second.result;
      return;
    }
  } else if (full()) {
    executed.result = Result::failed;
    return;
  }
  executed.result = bank_.apply(request.transaction);
  executed.applied = true;
  const Session session{request.timestamp, *executed.result, executed.sequence};
  if (known != sessions_.end()) {
    known->second = session;
  } else {
    sessions_.emplace(request.client, session);
  }
}

const Session* StateMachine::session(const ClientId& client) const {
  const auto known = sessions_.find(client);
  return known == sessions_.end() ? nullptr : &known->second;
}

Checkpoint StateMachine::to_checkpoint(NodeId node) const {
  Checkpoint checkpoint{node,
                        executed_,
                        {bank_.balances().begin(), bank_.balances().end()},
                        {sessions_.begin(), sessions_.end()}};
  // The table's own order differs between libraries; what leaves a node must not.
  std::sort(checkpoint.sessions.begin(), checkpoint.sessions.end(),
            [](const auto& left, const auto& right) { return left.first < right.first; });
  return checkpoint;
}

bool StateMachine::restore(const Checkpoint& checkpoint) {
  if (checkpoint.sessions.size() > clients_limit_) return false;
  if (std::any_of(checkpoint.sessions.begin(), checkpoint.sessions.end(),
                  [](const auto& line) { return line.second.result == Result::stale; })) {
    return false;
  }
  const std::map<AccountId, Amount> balances(checkpoint.balances.begin(),
                                             checkpoint.balances.end());
  decltype(sessions_) sessions(checkpoint.sessions.begin(), checkpoint.sessions.end());
  // Whoever is named twice has two states, and no node has that.
  if (sessions.size() != checkpoint.sessions.size()) return false;
  if (balances.size() != checkpoint.balances.size() || !bank_.restore(balances)) return false;
  sessions_ = std::move(sessions);
  executed_ = checkpoint.sequence;
  return true;
}

}  // namespace paxbank
