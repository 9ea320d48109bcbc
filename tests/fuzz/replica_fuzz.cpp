// Whatever peers say, and in whatever order, no assertion of a replica breaks. The bytes are read
// as a sequence of inputs over small ranges, so that they meet.
#include "paxbank/core/replica.hpp"

#include "core/at_once.hpp"
#include "core/same_acceptor.hpp"
#include <cstdint>
#include <memory>

namespace {

using namespace paxbank;

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  [[nodiscard]] bool done() const { return at_ >= size_; }
  std::uint64_t next(std::uint64_t range) { return done() ? 0 : data_[at_++] % range; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

NodeId node(Bytes& in) { return {static_cast<std::uint32_t>(1 + in.next(5))}; }

Ballot ballot(Bytes& in) {
  const std::uint64_t round = in.next(16);
  return {round == 15 ? round_limit - 1 : 1 + round % 6, node(in)};
}

SequenceNumber sequence(Bytes& in) {
  const std::uint64_t drawn = in.next(64);
  return {drawn == 63 ? std::uint64_t{1} << 52U : 1 + drawn % 16};
}

Command command(Bytes& in) {
  const std::uint64_t drawn = in.next(8);
  if (drawn == 0) return NoOp{};
  const char* const names[] = {"A", "B", "C", "X"};
  const char* client = names[drawn % 4];
  return Request{{client},
                 {static_cast<std::int64_t>(in.next(4))},
                 {{client}, {"J"}, {static_cast<std::int64_t>(in.next(12)) - 1}}};
}

std::vector<Command> commands(Bytes& in) {
  std::vector<Command> all(1 + in.next(4));
  for (Command& one : all) one = command(in);
  return all;
}

std::vector<AcceptedEntry> entries(Bytes& in) {
  std::vector<AcceptedEntry> all(in.next(5));
  for (AcceptedEntry& entry : all) entry = {ballot(in), sequence(in), command(in)};
  return all;
}

Checkpoint checkpoint(Bytes& in) {
  StateMachine machine(default_bank());
  const std::uint64_t executed = in.next(12);
  for (std::uint64_t s = 1; s <= executed; ++s) machine.execute({s}, command(in));
  Checkpoint checkpoint = machine.to_checkpoint(node(in));
  if (in.next(4) == 0) checkpoint.balances[in.next(10)].second.value += 1;
  if (in.next(4) == 0) checkpoint.sequence = sequence(in);
  return checkpoint;
}

Commit commit(Bytes& in) {
  Commit commit{ballot(in), sequence(in), {}, {}};
  if (in.next(2) == 0) commit.commands = commands(in);
  commit.through = {commit.sequence.value +
                    (commit.commands.empty() ? in.next(6) : commit.commands.size() - 1)};
  return commit;
}

Message message(Bytes& in) {
  switch (in.next(10)) {
    case 0:
      return Prepare{ballot(in), sequence(in)};
    case 1: {
      Promise promise{ballot(in), node(in), sequence(in), std::nullopt, entries(in)};
      if (in.next(3) == 0) promise.next_sequence = sequence(in);
      return promise;
    }
    case 2:
      return NewView{ballot(in), entries(in)};
    case 3:
      return Accept{ballot(in), sequence(in), commands(in), {in.next(16)}};
    case 4: {
      const SequenceNumber from = sequence(in);
      return Accepted{ballot(in), from, {from.value + in.next(6)}, node(in)};
    }
    case 5:
      return commit(in);
    case 6: {
      const Command one = command(in);
      if (const auto* request = std::get_if<Request>(&one)) return *request;
      return Reply{ballot(in), {"A"}, {1}, Result::success, sequence(in)};
    }
    case 7:
      return checkpoint(in);
    default:
      return Heartbeat{ballot(in),    node(in),        {in.next(16)},
                       {in.next(16)}, in.next(2) == 0, {in.next(16)}};
  }
}

ReplicaConfig config(Bytes& in) {
  ReplicaConfig config;
  config.id = node(in);
  config.commit_delay = std::chrono::milliseconds(in.next(3));
  config.limits.proposals_in_flight = 1 + in.next(6);
  config.limits.slots_ahead = config.limits.proposals_in_flight + in.next(16);
  config.limits.entries_per_message = 1 + in.next(4);
  config.limits.catch_up_window = 1 + in.next(8);
  config.limits.commits_per_message = 1 + in.next(4);
  config.limits.commits_per_answer = 1 + in.next(4);
  config.limits.accepts_resent = 1 + in.next(4);
  config.limits.checkpoint_interval = 1 + in.next(6);
  config.limits.pending_requests = 1 + in.next(4);
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes in(data, size);
  TimePoint now;
  const ReplicaConfig chosen = config(in);
  auto replica = std::make_unique<Replica>(chosen, 1, now);
  Acceptor durable(chosen.bank);
  const auto flush = [&] {
    const Output output = testing::flush_at_once(*replica, now);
    durable.apply(output.persist);
    if (!testing::keeps_the_same(durable, replica->acceptor())) std::abort();
    return output.wake_at;
  };
  while (!in.done()) {
    switch (in.next(24)) {
      case 0:
        replica->disconnect(now);
        break;
      case 1:
        replica->reconnect(now);
        break;
      case 2:
        replica->pause(now);
        break;
      case 3:
        replica->resume(now);
        break;
      case 4:
        replica = std::make_unique<Replica>(chosen, 2, now, durable);
        break;
      case 5:
        now += std::chrono::milliseconds(in.next(200));
        break;
      case 6:
      case 7:
        now = std::max(now, std::min(flush(), now + std::chrono::seconds(1)));
        replica->tick(now);
        break;
      case 8:
        flush();
        break;
      default:
        replica->receive(message(in), now);
        break;
    }
  }
  flush();
  return 0;
}
