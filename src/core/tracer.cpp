#include "paxbank/core/tracer.hpp"

#include "paxbank/core/describe.hpp"
#include "paxbank/core/layout.hpp"

#include <algorithm>

namespace paxbank {
namespace {

/// What orders messages of one type on one way: a ballot, and the highest number that it speaks of.
struct Rank {
  ClientId client = {};
  Ballot ballot = {};
  std::uint64_t number = 0;
  bool repeats = true;  ///< whether to say it twice is to send it again
};

struct RankOf {
  Rank operator()(const Prepare& m) const { return {{}, m.ballot, m.from_sequence.value}; }
  Rank operator()(const Promise& m) const { return {{}, m.ballot, m.from_sequence.value}; }
  Rank operator()(const NewView& m) const {
    return {{}, m.ballot, m.accept_log.empty() ? 0 : m.accept_log.back().sequence.value};
  }
  Rank operator()(const Accept& m) const {
    return {{}, m.ballot, m.sequence.value + m.commands.size() - 1};
  }
  Rank operator()(const Accepted& m) const { return {{}, m.ballot, m.through.value}; }
  Rank operator()(const Commit& m) const { return {{}, m.ballot, m.through.value}; }
  Rank operator()(const Request& m) const { return {m.client, {}, number(m.timestamp)}; }
  Rank operator()(const Reply& m) const { return {m.client, {}, number(m.timestamp)}; }
  Rank operator()(const Heartbeat& /*m*/) const { return {.repeats = false}; }
  Rank operator()(const Checkpoint& m) const { return {{}, {}, m.sequence.value}; }

  static std::uint64_t number(Timestamp timestamp) {
    return static_cast<std::uint64_t>(timestamp.value);
  }
};

std::string type_of(const Message& message) {
  return std::visit([]<class Type>(const Type&) { return std::string(Layout<Type>::type); },
                    message);
}

bool moved_by_checkpoint(const Output& output) {
  return std::any_of(output.events.begin(), output.events.end(), [](const Event& event) {
    const auto* compacted = std::get_if<Compacted>(&event);
    return compacted != nullptr && compacted->installed;
  });
}

std::vector<AcceptedEntry> entries_of(const AcceptLog& log) {
  std::vector<AcceptedEntry> entries;
  for (SequenceNumber s = log.base().next(); s <= log.last(); s = s.next()) {
    if (const LogEntry* entry = log.find(s)) entries.push_back({entry->ballot, s, entry->command});
  }
  return entries;
}

}  // namespace

bool SentBefore::note(std::string_view peer, const Message& message) {
  const Rank rank = std::visit(RankOf(), message);
  if (!rank.repeats) return false;
  const std::pair now(rank.ballot, rank.number);
  const auto [known, first] =
      furthest_.try_emplace({std::string(peer), message.index(), rank.client}, now);
  if (first) return false;
  const bool again = known->second.first == now.first && now.second <= known->second.second;
  known->second = std::max(known->second, now);
  return again;
}

// --- Inputs

void Tracer::write(TimePoint now, TraceEvent event) {
  last_ = std::max(last_, now);
  event.time = last_;
  event.node = node_;
  sink_(event);
}

void Tracer::input(TimePoint now, TraceEvent event, std::string why) {
  inputs_.push_back(next_id());
  cause_ = inputs_.back();
  why_ = std::move(why);
  event.id = cause_;
  write(now, event);
}

void Tracer::order(TimePoint now, std::string_view what) {
  input(now, {.kind = "order", .detail = TraceWord{what}}, std::string(what));
}

void Tracer::stored(TimePoint now) { input(now, {.kind = "stored"}, "stored"); }

void Tracer::submit(TimePoint now, const Request& request) {
  input(now, {.kind = "submit", .detail = &request}, "submit");
}

void Tracer::receive(TimePoint now, const Destination& from, const Message& message,
                     std::string_view send) {
  const std::string peer = name_of(from);
  input(
      now,
      {.kind = "receive", .peer = peer, .send = send, .message = send.empty() ? &message : nullptr},
      type_of(message) + " from " + peer);
}

void Tracer::drop(TimePoint now, const Destination& from, const Message& message,
                  std::string_view send) {
  const std::string peer = name_of(from);
  write(now,
        {.kind = "drop", .peer = peer, .send = send, .message = send.empty() ? &message : nullptr});
}

/// Something came of what has been taken in: says what that was, if it is not one input that has
/// been written already.
void Tracer::settle_cause(TimePoint now) {
  if (timer_due_) {
    timer_due_ = false;
    input(now, {.kind = "timer"}, "timer");
  }
  if (inputs_.size() < 2) return;
  const std::vector<std::string> inputs = std::exchange(inputs_, {});
  input(now, {.kind = "burst", .detail = &inputs}, "burst");
}

void Tracer::done() {
  inputs_.clear();
  cause_.clear();
  why_.clear();
  timer_due_ = false;
}

// --- What came of them

void Tracer::output(TimePoint now, const Output& output, const Replica& replica) {
  if (!output.messages.empty() || !output.events.empty() || !output.executed.empty() ||
      !output.persist.empty()) {
    settle_cause(now);
  }
  for (const Event& event : output.events) {
    write(now, {.kind = "event", .detail = &event, .cause = cause_, .why = why_});
  }
  for (const Executed& executed : output.executed) {
    write(now, {.kind = "execute", .detail = &executed, .cause = cause_, .why = why_});
  }
  tell_state(now, output, replica);
}

void Tracer::tell_state(TimePoint now, const Output& output, const Replica& replica) {
  const ReplicaStatus status = replica.status();
  const bool whole = !told_;
  if (!whole && *told_ == status && output.persist.accepted.empty() &&
      output.persist.learned.empty() && output.committed.empty()) {
    return;
  }
  settle_cause(now);
  const auto log = whole ? entries_of(replica.log()) : std::vector<AcceptedEntry>();
  const auto balances = whole || moved_by_checkpoint(output) ? replica.bank().balances()
                                                             : std::map<AccountId, Amount>();
  const StateChange change{.before = whole ? nullptr : &*told_,
                           .after = &status,
                           .accepted = whole ? &log : &output.persist.accepted,
                           .learned = &output.persist.learned,
                           .chosen = &output.committed,
                           .balances = balances.empty() ? nullptr : &balances};
  write(now, {.kind = "state", .detail = &change, .cause = cause_, .why = why_});
  told_ = status;
}

void Tracer::output(TimePoint now, const ClientOutput& output) {
  if (!output.messages.empty() || output.answer) settle_cause(now);
  if (output.answer) {
    write(now, {.kind = "answer", .detail = &*output.answer, .cause = cause_, .why = why_});
  }
}

void Tracer::send(TimePoint now, std::string_view peer, const Message& message, std::string_view id,
                  bool copy) {
  write(now, {.kind = "send",
              .id = id,
              .peer = peer,
              .message = copy ? nullptr : &message,
              .same_as = copy ? std::string_view(said_in_) : std::string_view(),
              .again = sent_before_.note(peer, message),
              .cause = cause_,
              .why = why_});
  if (!copy) said_in_ = id;
}

void Tracer::lost(TimePoint now, std::string_view peer, std::string_view send,
                  std::string_view reason) {
  write(now, {.kind = "lost", .peer = peer, .send = send, .detail = TraceWord{reason}});
}

void Tracer::fault(TimePoint now, const TraceFault& what) {
  write(now, {.kind = "fault", .detail = &what});
}

void Tracer::crash(TimePoint now, std::string_view what) {
  write(now, {.kind = "crash", .detail = TraceWord{what}});
  done();
}

void Tracer::restart(TimePoint now) {
  told_.reset();
  sent_before_ = {};
  done();
  input(now, {.kind = "restart"}, "restart");
}

}  // namespace paxbank
