#include "paxbank/core/describe.hpp"

namespace paxbank {
namespace {

std::string number(SequenceNumber sequence) { return std::to_string(sequence.value); }

std::string slot(Ballot ballot, SequenceNumber sequence, const Command& command) {
  return describe(ballot) + " " + number(sequence) + ": " + describe(command);
}

std::string range(SequenceNumber from, SequenceNumber through) {
  return number(from) + (from == through ? "" : ".." + number(through));
}

/// The commands of slots in a row.
std::string slots(Ballot ballot, SequenceNumber from, const std::vector<Command>& commands) {
  std::string text = describe(ballot);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    text += (i == 0 ? " " : ", ") + number({from.value + i}) + ": " + describe(commands[i]);
  }
  return text;
}

struct DescribeMessage {
  std::string operator()(const Prepare& m) const {
    return "PREPARE " + describe(m.ballot) + " from " + number(m.from_sequence);
  }
  std::string operator()(const Promise& m) const {
    const std::string more = m.next_sequence ? " more from " + number(*m.next_sequence) : "";
    return "PROMISE " + describe(m.ballot) + " " + describe(m.accept_log) + more;
  }
  std::string operator()(const NewView& m) const {
    return "NEW_VIEW " + describe(m.ballot) + " " + describe(m.accept_log);
  }
  std::string operator()(const Accept& m) const {
    return "ACCEPT " + slots(m.ballot, m.sequence, m.commands) +
           (m.committed.value > 0 ? " committed " + number(m.committed) : "");
  }
  std::string operator()(const Accepted& m) const {
    return "ACCEPTED " + describe(m.ballot) + " " + range(m.sequence, m.through);
  }
  std::string operator()(const Commit& m) const {
    if (!m.commands.empty()) return "COMMIT " + slots(m.ballot, m.sequence, m.commands);
    return "COMMIT " + describe(m.ballot) + " " + range(m.sequence, m.through);
  }
  std::string operator()(const Request& m) const { return "REQUEST " + describe(Command{m}); }
  std::string operator()(const Reply& m) const {
    return "REPLY " + describe(m.ballot) + " " + m.client.value.str() + "#" +
           std::to_string(m.timestamp.value) + " " + std::string(to_string(m.result));
  }
  std::string operator()(const Heartbeat& m) const {
    return "HEARTBEAT " + describe(m.ballot) + " committed " + number(m.committed) +
           (m.in_view ? "" : " not in view");
  }
  std::string operator()(const Checkpoint& m) const {
    return "CHECKPOINT at " + number(m.sequence) + ", " + std::to_string(m.balances.size()) +
           " accounts, " + std::to_string(m.sessions.size()) + " clients";
  }
};

struct DescribeEvent {
  std::string operator()(const StoodForElection& e) const {
    return "stands for election in " + describe(e.ballot);
  }
  std::string operator()(const Promised& e) const { return "promises " + describe(e.ballot); }
  std::string operator()(const BecameLeader& e) const { return "leads in " + describe(e.ballot); }
  std::string operator()(const SteppedDown& e) const {
    return "steps down from " + describe(e.ballot) + ": " + std::string(e.reason);
  }
  std::string operator()(const FollowsLeader& e) const { return "follows " + describe(e.ballot); }
  std::string operator()(const SawNewView& e) const {
    return "new view " + describe(e.ballot) + " " + describe(e.entries);
  }
  std::string operator()(const Refused& e) const { return "refuses: " + e.reason; }
  std::string operator()(const Compacted& e) const {
    return (e.installed ? "installs another node's checkpoint at " : "lets its log go up to ") +
           number(e.base);
  }
};

}  // namespace

std::string describe(NodeId node) { return "n" + std::to_string(node.value); }

std::string describe(const Ballot& ballot) {
  return "(" + std::to_string(ballot.round) + "," + describe(ballot.node) + ")";
}

std::string describe(const Transaction& transaction) {
  return transaction.from.value.str() + "->" + transaction.to.value.str() + " " +
         std::to_string(transaction.amount.value);
}

std::string describe(const Command& command) {
  const auto* request = std::get_if<Request>(&command);
  if (request == nullptr) return "no-op";
  return describe(request->transaction) + " (" + request->client.value.str() + "#" +
         std::to_string(request->timestamp.value) + ")";
}

std::string describe(const std::vector<AcceptedEntry>& entries) {
  std::string text = "[";
  for (const AcceptedEntry& entry : entries) {
    if (text.size() > 1) text += ", ";
    text += slot(entry.ballot, entry.sequence, entry.command);
  }
  return text + "]";
}

std::string describe(const Message& message) { return std::visit(DescribeMessage{}, message); }

std::string describe(const Event& event) { return std::visit(DescribeEvent{}, event); }

std::string describe(const Executed& executed) {
  std::string text = "executes " + number(executed.sequence) + ": " + describe(executed.command);
  if (executed.result) text += " " + std::string(to_string(*executed.result));
  if (!executed.applied && std::holds_alternative<Request>(executed.command)) text += " (again)";
  return text;
}

}  // namespace paxbank
