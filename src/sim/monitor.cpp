#include "paxbank/sim/monitor.hpp"

namespace paxbank::sim {

Monitor::Monitor(const ReplicaConfig& config, const OnViolation& violated)
    : agreement_(violated),
      order_(violated),
      conservation_(config.bank, violated),
      exactly_once_(config.bank, violated),
      acceptor_(violated),
      durability_(violated),
      quorum_(config.nodes, violated),
      reply_(violated),
      linearizability_(config.bank, violated),
      promise_(config, violated),
      leadership_(violated),
      bounds_(config.limits, violated) {}

void Monitor::receiving(NodeId node, const Replica& replica, const Message& message,
                        TimePoint now) {
  counting_ = std::holds_alternative<Accepted>(message);
  if (const auto* prepare = std::get_if<Prepare>(&message)) {
    promise_.asked(node, replica, *prepare, now);
  } else if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
    bounds_.heard(node, *heartbeat);
  }
}

void Monitor::stepped(NodeId node, const Replica& replica, const Output& output) {
  Seen& seen = seen_.at(node.value);
  see_events(node, output, seen);
  see_commits(node, replica, output, seen);
  see_executions(node, replica, output, seen);
  see_messages(node, replica, output, seen);
  counting_ = false;
}

/// What was promised and accepted counts from here on: a crash takes what was not stored.
void Monitor::persisted(NodeId node, const Acceptor& acceptor, const Persist& persist) {
  for (const AcceptedEntry& entry : persist.accepted) {
    acceptor_.accepted(node, entry.sequence, entry.ballot);
    acceptor_.logged(node, acceptor.log(), entry.sequence, entry.ballot);
    quorum_.accepted(node, entry.sequence, entry.ballot, entry.command);
  }
  if (persist.checkpoint != nullptr) quorum_.checkpointed(node, persist.checkpoint->executed());
  for (const AcceptedEntry& entry : persist.learned) {
    acceptor_.logged(node, acceptor.log(), entry.sequence, entry.ballot);
  }
  if (persist.promised) acceptor_.promised(node, *persist.promised);
}

void Monitor::see_commits(NodeId node, const Replica& replica, const Output& output, Seen& seen) {
  const AcceptLog& log = replica.log();
  for (; seen.committed < output.committed.size(); ++seen.committed) {
    const SequenceNumber sequence = output.committed[seen.committed];
    const LogEntry* entry = log.find(sequence);
    if (entry == nullptr) continue;
    quorum_.committed(node, sequence, entry->command);
    agreement_.committed(node, sequence, entry->command);
    acceptor_.logged(node, log, sequence);
    if (counting_) quorum_.counted(replica.acceptor().promised(), sequence);
  }
}

void Monitor::see_executions(NodeId node, const Replica& replica, const Output& output,
                             Seen& seen) {
  const bool any = seen.executed < output.executed.size();
  advance_model();  // with what this step committed: nothing is executed that was not
  for (; seen.executed < output.executed.size(); ++seen.executed) {
    const Executed& executed = output.executed[seen.executed];
    order_.executed(node, executed.sequence);
    agreement_.committed(node, executed.sequence, executed.command);
    exactly_once_.node_executed(node, executed);
    reply_.executed(executed);
    ++counts_.executed;
    if (std::holds_alternative<NoOp>(executed.command))
      ++counts_.no_ops;
    else if (!executed.applied)
      ++counts_.duplicates;
  }
  if (!any) return;
  conservation_.balances(node, replica.bank().balances());
  // A node that is behind is compared when it has caught up.
  if (replica.log().executed() == exactly_once_.executed()) {
    exactly_once_.node_balances(node, replica.bank().balances());
  }
}

void Monitor::see_messages(NodeId node, const Replica& replica, const Output& output, Seen& seen) {
  for (; seen.messages < output.messages.size(); ++seen.messages) {
    const Message& message = output.messages[seen.messages].message;
    bounds_.sending(node, replica.log(), output.messages[seen.messages]);
    if (const auto* reply = std::get_if<Reply>(&message)) {
      reply_.replied(node, replica.log().executed(), *reply);
    } else if (const auto* promise = std::get_if<Promise>(&message)) {
      promise_.promised(node, replica.acceptor(), *promise);
    } else {
      leadership_.sends(node, replica, message);
    }
  }
}

/// The model executes whatever is known to be chosen without a gap.
void Monitor::advance_model() {
  while (true) {
    const auto next = agreement_.chosen().find(exactly_once_.executed().next());
    if (next == agreement_.chosen().end()) return;
    exactly_once_.execute(next->second);
  }
}

void Monitor::see_events(NodeId node, const Output& output, Seen& seen) {
  for (; seen.events < output.events.size(); ++seen.events) {
    const Event& event = output.events[seen.events];
    if (std::holds_alternative<StoodForElection>(event)) ++counts_.elections;
    if (std::holds_alternative<BecameLeader>(event)) ++counts_.leaders;
    if (std::holds_alternative<SteppedDown>(event)) ++counts_.stepped_down;
    if (const auto* compacted = std::get_if<Compacted>(&event)) {
      ++(compacted->installed ? counts_.installed : counts_.compacted);
      if (compacted->installed) order_.begins_after(node, compacted->base);
    }
  }
}

void Monitor::restarted(NodeId node, const Replica& replica) {
  order_.begins_after(node, replica.log().base());
  acceptor_.restarted(node, replica.log());
  flushed(node);
}

void Monitor::invoked(const ClientId& client, Timestamp timestamp) {
  linearizability_.invoked(client, timestamp);
}

void Monitor::answered(const Answer& answer) { linearizability_.answered(answer); }

void Monitor::forgotten(const std::vector<Request>& requests) {
  for (const Request& request : requests) {
    linearizability_.forgotten(request);
    forgotten_.push_back(request);
  }
}

void Monitor::finish() {
  for (const Request& request : forgotten_) {
    if (const auto answer = reply_.answer_to(request)) linearizability_.executed_unheard(*answer);
  }
  linearizability_.finish();
}

}  // namespace paxbank::sim
