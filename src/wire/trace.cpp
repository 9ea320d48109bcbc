#include "paxbank/wire/trace.hpp"

#include "paxbank/core/describe.hpp"
#include "paxbank/wire/codec.hpp"
#include "paxbank/wire/writer.hpp"

namespace paxbank::wire {
namespace {

/// Left out where there is nothing to say.
void add(Writer& out, auto key, std::string_view text) {
  if (!text.empty()) out.field(key, text);
}

void add_names(Writer& out, const std::vector<std::string>& names) {
  out.raw('[');
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out.raw(',');
    out.value(names[i]);
  }
  out.raw(']');
}

// --- Events

struct EventFields {
  Writer& out;

  void operator()(const StoodForElection& e) const { with_ballot("stands", e.ballot); }
  void operator()(const Promised& e) const { with_ballot("promises", e.ballot); }
  void operator()(const BecameLeader& e) const { with_ballot("leads", e.ballot); }
  void operator()(const FollowsLeader& e) const { with_ballot("follows", e.ballot); }
  void operator()(const SteppedDown& e) const {
    with_ballot("steps_down", e.ballot);
    out.field("reason"_key, e.reason);
  }
  void operator()(const SawNewView& e) const {
    with_ballot("new_view", e.ballot);
    out.field("accept_log"_key, e.entries);
  }
  void operator()(const Refused& e) const {
    out.field("event"_key, std::string_view("refuses"));
    out.field("peer"_key, describe(e.peer));
    out.field("reason"_key, e.reason);
  }
  void operator()(const Compacted& e) const {
    out.field("event"_key, std::string_view(e.installed ? "installs" : "compacts"));
    out.field("base"_key, e.base);
  }

  void with_ballot(std::string_view event, const Ballot& ballot) const {
    out.field("event"_key, event);
    out.field("ballot"_key, ballot);
  }
};

void add_state(Writer& out, const StateChange& change) {
  const ReplicaStatus* before = change.before;
  const ReplicaStatus& after = *change.after;
  if (before == nullptr) out.field("whole"_key, true);
  const auto changed = [&](auto key, auto member) {
    if (before == nullptr || before->*member != after.*member) out.field(key, after.*member);
  };
  if (before == nullptr || before->role != after.role) {
    out.field("role"_key, to_string(after.role));
  }
  changed("connected"_key, &ReplicaStatus::connected);
  changed("paused"_key, &ReplicaStatus::paused);
  changed("promised"_key, &ReplicaStatus::promised);
  changed("follows"_key, &ReplicaStatus::follows);
  changed("base"_key, &ReplicaStatus::base);
  changed("committed"_key, &ReplicaStatus::committed);
  changed("executed"_key, &ReplicaStatus::executed);
  changed("last"_key, &ReplicaStatus::last);
  changed("in_flight"_key, &ReplicaStatus::in_flight);
  changed("pending"_key, &ReplicaStatus::pending);
  if (!change.accepted->empty()) out.field("accepted"_key, *change.accepted);
  if (!change.learned->empty()) out.field("learned"_key, *change.learned);
  if (!change.chosen->empty()) out.field("chosen"_key, *change.chosen);
  if (change.balances != nullptr) {
    out.field("balances"_key, std::vector<std::pair<AccountId, Amount>>(change.balances->begin(),
                                                                        change.balances->end()));
  }
}

void add_links(Writer& out, const std::vector<std::pair<std::string, std::string>>& links) {
  if (links.empty()) return;
  out.raw("links"_key.with_comma);
  out.raw('[');
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (i > 0) out.raw(',');
    add_names(out, {links[i].first, links[i].second});
  }
  out.raw(']');
}

/// What a line says beside what all lines can say.
struct Detail {
  Writer& out;
  const TraceEvent& line;

  void operator()(std::monostate /*none*/) const {}
  void operator()(const TraceWord& word) const {
    if (line.kind == "order") {
      out.field("order"_key, word.text);
    } else if (line.kind == "lost") {
      out.field("reason"_key, word.text);
    } else {
      add(out, "what"_key, word.text);
    }
  }
  void operator()(const Event* event) const {
    std::visit(EventFields{out}, *event);
    out.field("what"_key, describe(*event));
  }
  void operator()(const Executed* executed) const {
    out.field("sequence_number"_key, executed->sequence);
    out.field("command"_key, executed->command);
    out.optional("result"_key, executed->result);
    out.field("applied"_key, executed->applied);
  }
  void operator()(const Answer* answer) const {
    out.field("timestamp"_key, answer->request.timestamp);
    out.field("transaction"_key, answer->request.transaction);
    out.field("result"_key, answer->result);
    out.field("sequence_number"_key, answer->sequence);
  }
  void operator()(const Request* request) const {
    out.field("timestamp"_key, request->timestamp);
    out.field("transaction"_key, request->transaction);
  }
  void operator()(const StateChange* change) const { add_state(out, *change); }
  void operator()(const std::vector<std::string>* inputs) const {
    out.raw("inputs"_key.with_comma);
    add_names(out, *inputs);
  }
  void operator()(const TraceFault* fault) const {
    out.field("fault"_key, fault->fault);
    add_links(out, fault->links);
    out.field("what"_key, fault->what);
  }
  void operator()(const TraceMark& mark) const {
    out.raw("mark"_key.with_comma);
    out.raw(mark.json);
  }
  void operator()(const Violation* violation) const {
    out.field("rule"_key, violation->rule);
    std::vector<std::string> nodes;
    for (const NodeId node : violation->nodes) nodes.push_back(describe(node));
    out.raw("nodes"_key.with_comma);
    add_names(out, nodes);
    if (violation->sequence.value > 0) out.field("sequence_number"_key, violation->sequence);
    out.field("what"_key, violation->what);
  }
};

}  // namespace

void append(std::string& text, const TraceEvent& event) {
  Writer out(text);
  out.raw("{\"time_us\":");
  out.value(event.time.time_since_epoch().count());
  out.field("node"_key, event.node);
  out.field("kind"_key, event.kind);
  add(out, "id"_key, event.id);
  add(out, "peer"_key, event.peer);
  add(out, "send"_key, event.send);
  if (event.message != nullptr) {
    out.raw("message"_key.with_comma);
    std::visit([&](const auto& message) { out.typed(message); }, *event.message);
  }
  add(out, "same_as"_key, event.same_as);
  if (event.again) out.field("again"_key, true);
  std::visit(Detail{out, event}, event.detail);
  add(out, "cause"_key, event.cause);
  add(out, "why"_key, event.why);
  out.raw("}\n");
}

std::string encode(const TraceEvent& event) {
  std::string line;
  append(line, event);
  return line;
}

std::string encode(const TraceHead& head) {
  std::string line;
  {
    Writer out(line);
    out.raw("{\"paxbank_trace\":");
    out.value(trace_version);
    out.field("by"_key, head.by);
    out.field("run"_key, head.run);
    out.field("seed"_key, head.seed);
    out.field("nodes"_key, head.nodes);
    out.field("clients"_key, head.bank.accounts);
    out.field("opening_balance"_key, head.bank.initial_balance);
    out.raw("}\n");
  }
  return line;
}

}  // namespace paxbank::wire
