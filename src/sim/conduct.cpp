#include "paxbank/sim/conduct.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank::sim {
namespace {

/// The ballot in which a message says that its sender leads; nullopt if it does not say so.
std::optional<Ballot> claimed_leadership(NodeId sender, const Message& message) {
  if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
    const bool leads = heartbeat->in_view && heartbeat->ballot.node == sender;
    return leads ? std::optional(heartbeat->ballot) : std::nullopt;
  }
  if (const auto* view = std::get_if<NewView>(&message)) return view->ballot;
  if (const auto* accept = std::get_if<Accept>(&message)) return accept->ballot;
  if (const auto* commit = std::get_if<Commit>(&message)) return commit->ballot;
  return std::nullopt;
}

}  // namespace

void PromiseCheck::asked(NodeId node, const Replica& replica, const Prepare& prepare,
                         TimePoint now) {
  Asked& asked = asked_.at(node.value);
  asked = {prepare.from_sequence, std::nullopt};
  const auto heard = replica.leader_heard();
  if (heard && now - heard->at < leader_timeout_min_) asked.hears = heard->ballot;
}

void PromiseCheck::promised(NodeId node, const Acceptor& acceptor, const Promise& promise) {
  const Asked& asked = asked_.at(node.value);
  if (asked.hears && asked.hears->node != promise.ballot.node) {
    violated_({"stable leader",
               describe(node) + " promises " + describe(promise.ballot) + " while it hears " +
                   describe(*asked.hears) + " lead",
               {node, promise.ballot.node}});
  }
  const AcceptLog& log = acceptor.log();
  std::vector<AcceptedEntry> held;
  const SequenceNumber end = promise.next_sequence.value_or(log.last().next());
  for (SequenceNumber s = promise.from_sequence; s < end; s = s.next()) {
    if (const LogEntry* entry = log.find(s)) held.push_back({entry->ballot, s, entry->command});
  }
  if (acceptor.promised() == promise.ballot &&
      promise.from_sequence == std::max(asked.from, log.base().next()) &&
      promise.accept_log == held) {
    return;
  }
  violated_({"promise",
             describe(node) + " sends " + describe(Message{promise}) +
                 ", which is not what it has promised and accepted",
             {node}});
}

void LeadershipCheck::sends(NodeId node, const Replica& replica, const Message& message) {
  const auto claimed = claimed_leadership(node, message);
  if (!claimed) return;
  const auto leads = replica.leader_heard();
  if (leads && leads->ballot == *claimed && claimed->node == node) return;
  violated_({"leadership",
             describe(node) + " sends " + describe(message) + " and does not lead in " +
                 describe(*claimed),
             {node}});
}

void BoundsCheck::heard(NodeId node, const Heartbeat& heartbeat) {
  SequenceNumber& committed = committed_.at(node.value).at(heartbeat.node.value);
  committed = std::max(committed, heartbeat.committed);
}

void BoundsCheck::entries(NodeId node, std::string_view what, std::size_t count,
                          std::size_t limit) {
  if (count <= limit) return;
  violated_({"bounds",
             describe(node) + " sends " + std::string(what) + " with " + std::to_string(count) +
                 " entries, more than " + std::to_string(limit),
             {node}});
}

void BoundsCheck::sending(NodeId node, const AcceptLog& log, const Envelope& envelope) {
  if (const auto* promise = std::get_if<Promise>(&envelope.message)) {
    entries(node, "PROMISE", promise->accept_log.size(), limits_.entries_per_message);
  } else if (const auto* view = std::get_if<NewView>(&envelope.message)) {
    entries(node, "NEW_VIEW", view->accept_log.size(), limits_.entries_per_message);
  } else if (const auto* commit = std::get_if<Commit>(&envelope.message)) {
    entries(node, "COMMIT", commit->commands.size(), limits_.commits_per_message);
    const auto* to = std::get_if<NodeId>(&envelope.to);
    if (to == nullptr) return;
    const SequenceNumber known = std::max(committed_.at(node.value).at(to->value), log.base());
    if (commit->through.value <= known.value + limits_.catch_up_window) return;
    violated_({"bounds",
               describe(node) + " sends " + describe(*to) + " " + describe(envelope.message) +
                   ", more than " + std::to_string(limits_.catch_up_window) + " beyond " +
                   std::to_string(known.value),
               {node, *to}});
  }
}

}  // namespace paxbank::sim
