#include "paxbank/sim/checkers.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank::sim {
namespace {

std::string at(SequenceNumber sequence) { return " at " + std::to_string(sequence.value); }

template <class Value>
Value& grown(std::vector<Value>& values, SequenceNumber sequence) {
  if (values.size() <= sequence.value) values.resize(sequence.value + 1);
  return values[sequence.value];
}

}  // namespace

void AcceptorCheck::promised(NodeId node, Ballot ballot) {
  Ballot& highest = promised_.at(node.value);
  if (ballot < highest) {
    violated_({"promise",
               describe(node) + " promises " + describe(ballot) + " after " + describe(highest),
               {node}});
  }
  highest = ballot;
}

void AcceptorCheck::accepted(NodeId node, SequenceNumber sequence, Ballot ballot) {
  Ballot& highest = grown(accepted_.at(node.value), sequence);
  if (ballot < highest || ballot < promised_.at(node.value)) {
    violated_({"acceptance",
               describe(node) + " accepts in " + describe(ballot) + at(sequence) +
                   " after it accepted in " + describe(highest) + " and promised " +
                   describe(promised_.at(node.value)),
               {node},
               sequence});
  }
  highest = ballot;
}

void AcceptorCheck::logged(NodeId node, const AcceptLog& log, SequenceNumber sequence,
                           Ballot stored) {
  Ballot& kept = grown(stored_.at(node.value), sequence);
  kept = std::max(kept, stored);
  if (sequence <= log.base()) return;  // a checkpoint stands for it
  Ballot& highest = grown(logged_.at(node.value), sequence);
  highest = std::max(highest, stored);
  const LogEntry* entry = log.find(sequence);
  if (entry == nullptr || entry->ballot < highest) {
    violated_({"accept log",
               "the log of " + describe(node) + " has " +
                   (entry == nullptr ? "nothing" : describe(entry->ballot)) + at(sequence) +
                   " after " + describe(highest),
               {node},
               sequence});
    return;
  }
  highest = entry->ballot;
}

void AcceptorCheck::restarted(NodeId node, const AcceptLog& log) {
  logged_.at(node.value) = stored_.at(node.value);
  const auto end = static_cast<std::uint64_t>(stored_.at(node.value).size());
  for (SequenceNumber s = log.base().next(); s.value < end; s = s.next()) {
    if (stored_.at(node.value)[s.value].round > 0) logged(node, log, s);
  }
}

void DurabilityCheck::promised(NodeId node, const Acceptor& durable, Ballot ballot,
                               std::string_view what) {
  if (durable.promised() >= ballot) return;
  violated_({"durability",
             describe(node) + " sends " + std::string(what) + " in " + describe(ballot) +
                 " and has stored a promise of " + describe(durable.promised()) + " only",
             {node}});
}

void DurabilityCheck::accepted(NodeId node, const Acceptor& durable, SequenceNumber sequence,
                               Ballot ballot, std::string_view what) {
  if (sequence <= durable.log().base()) return;  // a checkpoint stands for it
  const LogEntry* entry = durable.log().find(sequence);
  if (entry != nullptr && entry->ballot >= ballot) return;
  violated_({"durability",
             describe(node) + " sends " + std::string(what) + at(sequence) + " in " +
                 describe(ballot) + " and has not stored that",
             {node},
             sequence});
}

void DurabilityCheck::sending(NodeId node, const Acceptor& durable, const Message& message) {
  if (const auto* promise = std::get_if<Promise>(&message)) {
    promised(node, durable, promise->ballot, "PROMISE");
    for (const AcceptedEntry& entry : promise->accept_log) {
      accepted(node, durable, entry.sequence, entry.ballot, "PROMISE");
    }
  } else if (const auto* acceptance = std::get_if<Accepted>(&message)) {
    promised(node, durable, acceptance->ballot, "ACCEPTED");
    for (SequenceNumber s = acceptance->sequence; s <= acceptance->through; s = s.next()) {
      accepted(node, durable, s, acceptance->ballot, "ACCEPTED");
    }
  } else if (const auto* view = std::get_if<NewView>(&message)) {
    promised(node, durable, view->ballot, "NEW_VIEW");
  } else if (const auto* proposal = std::get_if<Accept>(&message)) {
    promised(node, durable, proposal->ballot, "ACCEPT");
  }
}

void QuorumCheck::accepted(NodeId node, SequenceNumber sequence, Ballot ballot,
                           const Command& command) {
  auto& proposals = grown(proposals_, sequence);
  auto proposal = std::find_if(proposals.begin(), proposals.end(),
                               [&](const Proposal& p) { return p.ballot == ballot; });
  if (proposal == proposals.end()) {
    proposals.push_back({ballot, command, {}});
    proposal = std::prev(proposals.end());
  } else if (proposal->command != command) {
    violated_({"one proposal a ballot",
               describe(ballot) + " proposes both " + describe(proposal->command) + " and " +
                   describe(command) + at(sequence),
               {node, ballot.node},
               sequence});
  }
  proposal->accepted_by.insert(node);
}

void QuorumCheck::committed(NodeId node, SequenceNumber sequence, const Command& command) {
  const auto& proposals = grown(proposals_, sequence);
  const bool chosen = std::any_of(proposals.begin(), proposals.end(), [&](const Proposal& p) {
    return p.command == command && p.accepted_by.size() >= quorum_;
  });
  if (chosen) return;
  violated_({"quorum",
             describe(node) + " commits " + describe(command) + at(sequence) +
                 ", which no quorum has accepted",
             {node},
             sequence});
}

void QuorumCheck::counted(Ballot ballot, SequenceNumber sequence) {
  NodeSet accepted_by;
  for (const Proposal& proposal : grown(proposals_, sequence)) {
    if (proposal.ballot == ballot) accepted_by = proposal.accepted_by;
  }
  for (std::uint32_t n = 1; n <= nodes_limit; ++n) {
    if (sequence <= bases_[n]) accepted_by.insert({n});
  }
  if (accepted_by.size() >= quorum_) return;
  violated_({"quorum",
             describe(ballot.node) + " counts a quorum" + at(sequence) + " in " + describe(ballot) +
                 ", in which no quorum has accepted",
             {ballot.node},
             sequence});
}

void ReplyCheck::executed(const Executed& executed) {
  const auto* request = std::get_if<Request>(&executed.command);
  if (request == nullptr) return;
  auto& lines = lines_[request->client];
  if (lines.empty() && !executed.applied) refused_[request->client].insert(executed.sequence);
  if (!executed.applied) return;
  if (!lines.empty() && lines.back().timestamp >= request->timestamp) return;  // another node's
  lines.push_back({request->timestamp, *executed.result, executed.sequence});
}

std::optional<Answer> ReplyCheck::answer_to(const Request& request) const {
  const auto lines = lines_.find(request.client);
  if (lines == lines_.end()) return std::nullopt;
  for (const Line& line : lines->second) {
    if (line.timestamp == request.timestamp) return Answer{request, line.result, line.sequence};
  }
  return std::nullopt;
}

void ReplyCheck::replied(NodeId node, SequenceNumber executed, const Reply& reply) {
  const auto& lines = lines_[reply.client];
  if (reply.result == Result::stale) {
    if (reply.newest > reply.timestamp && !lines.empty() &&
        lines.back().timestamp >= *reply.newest) {
      return;
    }
  }
  if (reply.result == Result::failed && reply.sequence <= executed &&
      refused_[reply.client].contains(reply.sequence)) {
    return;
  }
  const auto line =
      std::lower_bound(lines.begin(), lines.end(), reply.timestamp,
                       [](const Line& l, Timestamp timestamp) { return l.timestamp < timestamp; });
  const bool known = line != lines.end() && line->timestamp == reply.timestamp;
  if (known && line->result == reply.result && line->sequence == reply.sequence &&
      reply.sequence <= executed) {
    return;
  }
  violated_({"reply",
             describe(node) + " answers " + describe(Message{reply}) + at(reply.sequence) +
                 (known ? ", which is not what its execution gave" : ", which nobody has executed"),
             {node},
             reply.sequence});
}

void LinearizabilityCheck::invoked(const ClientId& client, Timestamp timestamp) {
  seen_before_.try_emplace({client, timestamp}, seen_);
}

void LinearizabilityCheck::answered(const Answer& answer) {
  const auto before = seen_before_.find({answer.request.client, answer.request.timestamp});
  if (before == seen_before_.end()) {
    violated_({"linearizability",
               "an answer to " + describe(Command{answer.request}) + ", which is not under way",
               {}});
    return;
  }
  if (answer.sequence <= before->second) {
    violated_({"linearizability",
               describe(Command{answer.request}) + " was sent after the answer" +
                   at(before->second) + " had been seen, and yet it happened" + at(answer.sequence),
               {},
               answer.sequence});
  }
  seen_before_.erase(before);
  seen_ = std::max(seen_, answer.sequence);
  if (!history_.try_emplace(answer.sequence, answer).second) {
    violated_(
        {"linearizability", "two requests happened" + at(answer.sequence), {}, answer.sequence});
  }
}

void LinearizabilityCheck::forgotten(const Request& request) {
  seen_before_.erase({request.client, request.timestamp});
}

void LinearizabilityCheck::finish() {
  ExactlyOnceCheck model(bank_, violated_);
  for (const auto& [sequence, answer] : history_) {
    const auto outcome = model.execute(answer.request);
    // Who found the table of clients full is refused, and nothing is remembered of it.
    const bool refused = !model.sessions().contains(answer.request.client);
    if (outcome.result == answer.result && (outcome.applied || refused)) continue;
    violated_({"linearizability",
               "the answer to " + describe(Command{answer.request}) + at(sequence) +
                   " does not follow from those before it",
               {},
               sequence});
  }
}

}  // namespace paxbank::sim
