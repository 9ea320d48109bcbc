#include "paxbank/core/state_machine.hpp"

#include "paxbank/core/assert.hpp"

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
  } else if (sessions_.size() >= sessions_limit) {
    executed.result = Result::failed;
    return;
  }
  executed.result = bank_.apply(request.transaction);
  executed.applied = true;
  sessions_[request.client] = {request.timestamp, *executed.result, executed.sequence};
}

const Session* StateMachine::session(const ClientId& client) const {
  const auto known = sessions_.find(client);
  return known == sessions_.end() ? nullptr : &known->second;
}

}  // namespace paxbank
