#include "paxbank/sim/world.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank::sim {

World::World(const WorldConfig& config)
    : config_(config),
      random_(config.seed),
      network_(random_.next(), config.replica.nodes + static_cast<std::uint32_t>(
                                                          config.replica.bank.accounts.size())) {
  for (std::uint32_t n = 1; n <= nodes(); ++n) {
    ReplicaConfig replica = config.replica;
    replica.id = {n};
    Node& node = nodes_.emplace_back(config.history, replica);
    node.replica = std::make_unique<Replica>(replica, random_.next(), now_);
    node.wake_at = now_;
  }
  for (const AccountId& account : config.replica.bank.accounts) {
    client_index_[{account.value}] = clients_.size();
    start(clients_.emplace_back(ClientEntry{.id = {account.value}}));
  }
}

/// Each start has timestamps of its own, as the client manager's have.
void World::start(ClientEntry& entry) {
  ClientConfig client;
  client.id = entry.id;
  client.timeout = config_.client_timeout;
  client.timeout_max = std::max(client.timeout, client.timeout_max);
  client.after = {static_cast<std::int64_t>(entry.connection) << 32U};
  entry.client.emplace(client, leader_);
}

// --- Time

TimePoint World::local(const Node& node) const {
  return node.clock_then + (now_ - node.clock_set_at) * node.clock_per_mille / 1'000;
}

/// When the node's clock will say so; not before.
TimePoint World::global(const Node& node, TimePoint local) const {
  if (local == never) return never;
  const Duration left = local - node.clock_then;
  return node.clock_set_at +
         (left * 1'000 + Duration(node.clock_per_mille - 1)) / node.clock_per_mille;
}

TimePoint World::next_timer() const {
  TimePoint next = never;
  for (const Node& node : nodes_) {
    if (node.replica == nullptr) continue;
    TimePoint due = node.waiting.empty() ? node.wake_at : now_;
    if (node.outbox.full()) due = never;
    next = std::min(next, std::max(node.held_until, std::min(due, node.stored_at)));
  }
  for (const ClientEntry& entry : clients_) next = std::min(next, entry.wake_at);
  return next;
}

TimePoint World::next_at() const {
  const TimePoint arrival = arrivals_.empty() ? never : arrivals_.top().at;
  return std::max(now_, std::min(arrival, next_timer()));
}

void World::pass_until(TimePoint at) {
  PAXBANK_ASSERT(at <= next_at(), "time does not jump over what is to happen");
  now_ = std::max(now_, at);
}

bool World::step() {
  const TimePoint at = next_at();
  if (at == never) return false;
  now_ = at;
  if (!arrivals_.empty() && arrivals_.top().at <= now_) {
    const Arrival arrival = arrivals_.top();
    arrivals_.pop();
    arrive(arrival);
  } else {
    tick_due();
  }
  return true;
}

void World::tick_due() {
  for (std::uint32_t n = 1; n <= nodes(); ++n) {
    Node& node = at({n});
    if (node.replica == nullptr || now_ < node.held_until) continue;
    if (node.stored_at <= now_) {
      if (node.tracer) node.tracer.stored(now_);
      finish_storing({n});
      carry_out({n});
    }
    if (!node.waiting.empty()) go_on({n});
    if (node.replica == nullptr || node.outbox.full() || node.wake_at > now_) continue;
    node.replica->tick(local(node));
    stepped({n});
    node.tracer.timer();
    carry_out({n});
  }
  for (ClientEntry& entry : clients_) {
    if (entry.wake_at > now_) continue;
    entry.tracer.timer();
    carry_out(entry, entry.client->tick(now_));
  }
}

/// A process that was held takes what has gathered for it.
void World::go_on(NodeId id) {
  Node& node = at(id);
  while (!node.waiting.empty() && (node.at_once || !node.outbox.full())) {
    const Waiting next = std::move(node.waiting.front());
    node.waiting.pop_front();
    receive(id, next);
    if (!node.at_once) carry_out(id);  // it may have died of it: then nothing waits
  }
  if (node.at_once) carry_out(id);
}

// --- Messages

Destination World::destination(Party party) const {
  if (party < nodes()) return NodeId{party + 1};
  return clients_[party - nodes()].id;
}

void World::arrive(const Arrival& arrival) {
  if (arrival.connection != connection(arrival.from, arrival.to)) {
    trace_loss(arrival, "reconnect");
    return;
  }
  if (arrival.to >= nodes()) {
    ClientEntry& entry = clients_[arrival.to - nodes()];
    if (entry.tracer) {
      entry.tracer.receive(now_, destination(arrival.from), *arrival.message, arrival.send);
    }
    carry_out(entry, entry.client->receive(std::get<Reply>(*arrival.message), now_));
    return;
  }
  const NodeId to{arrival.to + 1};
  Node& node = at(to);
  if (node.replica == nullptr) {
    trace_loss(arrival, "down");
    return;
  }
  Waiting waiting{arrival.from, arrival.message, arrival.send};
  if (held(node) || !node.waiting.empty()) {
    node.waiting.push_back(std::move(waiting));
    return;
  }
  receive(to, waiting);
  carry_out(to);
}

void World::receive(NodeId id, const Waiting& waiting) {
  Node& node = at(id);
  const Destination from = destination(waiting.from);
  if (node.replica->connected()) {
    node.journal.received(now_, from, *waiting.message);
    if (node.tracer) node.tracer.receive(now_, from, *waiting.message, waiting.send);
  } else if (node.tracer) {
    node.tracer.drop(now_, from, *waiting.message, waiting.send);
  }
  if (observer_.receiving) {
    observer_.receiving(id, *node.replica, *waiting.message, local(node));
  }
  node.replica->receive(*waiting.message, local(node));
  stepped(id);
}

void World::stepped(NodeId id) {
  const Replica& replica = *at(id).replica;
  if (observer_.stepped) observer_.stepped(id, replica, replica.output());
}

void World::carry_out(NodeId id) {
  const Node& node = at(id);
  bool voted = true;
  while (voted && node.replica != nullptr) {
    take_output(id);
    voted = send_ready(id);
    store(id);
    if (node.replica != nullptr && send_ready(id)) voted = true;
  }
  at(id).tracer.done();
}

void World::take_output(NodeId id) {
  Node& node = at(id);
  Output& output = node.replica->flush();
  if (observer_.flushed) observer_.flushed(id);
  node.wake_at = global(node, output.wake_at);
  report(id, output);
  if (node.tracer) node.tracer.output(now_, output, *node.replica);
  node.outbox.add(output);
}

/// Returns whether votes of its own were among what was ready: more may come of them.
bool World::send_ready(NodeId id) {
  Node& node = at(id);
  bool voted = false;
  for (const Envelope& envelope : std::exchange(node.outbox.ready(), {})) {
    if (observer_.sending) observer_.sending(id, node.durable, envelope);
    if (envelope.to == Destination(id)) {
      if (observer_.receiving) {
        observer_.receiving(id, *node.replica, envelope.message, local(node));
      }
      node.replica->take_own_vote(std::get<Accepted>(envelope.message), local(node));
      stepped(id);
      voted = true;
      continue;
    }
    node.journal.sent(now_, envelope);
    transmit(party(id), envelope.to, std::make_shared<const Message>(envelope.message));
  }
  return voted;
}

void World::store(NodeId id) {
  Node& node = at(id);
  const Persist* batch = node.outbox.store_next();
  if (batch == nullptr) return;
  node.storing = batch;
  const DiskSpeed& disk = config_.disk;
  const Duration takes(random_.between(disk.fastest.count(), disk.slowest.count()));
  node.stored_at = now_ + takes * node.disk_times;
  if (node.stored_at == now_) finish_storing(id);
}

void World::finish_storing(NodeId id) {
  Node& node = at(id);
  if (node.dies && *node.dies != CrashPoint::unsent) {
    die(id, *node.dies);
    return;
  }
  keep(id);
  node.outbox.stored();
  if (!node.dies) return;
  std::vector<Envelope>& ready = node.outbox.ready();
  ready.erase(ready.begin() + random_.between(0, static_cast<std::int64_t>(ready.size())),
              ready.end());
  send_ready(id);
  die(id, CrashPoint::unsent);
}

/// What is being stored is there, and stays.
void World::keep(NodeId id) {
  Node& node = at(id);
  node.durable.apply(*node.storing);
  if (observer_.persisted) observer_.persisted(id, node.replica->acceptor(), *node.storing);
  node.storing = nullptr;
  node.stored_at = never;
}

void World::report(NodeId id, const Output& output) {
  for (const Event& event : output.events) {
    if (const auto* view = std::get_if<SawNewView>(&event)) at(id).journal.saw(*view);
    PAXBANK_ASSERT(!std::holds_alternative<Refused>(event), "honest nodes are never refused");
  }
}

void World::carry_out(ClientEntry& client, const ClientOutput& output) {
  client.wake_at = output.wake_at;
  if (client.tracer) client.tracer.output(now_, output);
  if (output.answer) {
    if (observer_.answered) observer_.answered(*output.answer);
    answers_.push_back(*output.answer);
  }
  const auto self = static_cast<Party>(nodes() + client_index_.at(client.id));
  for (const Envelope& envelope : output.messages) {
    if (observer_.invoked) observer_.invoked(std::get<Request>(envelope.message));
    transmit(self, envelope.to, std::make_shared<const Message>(envelope.message));
  }
  client.tracer.done();
}

void World::transmit(Party from, const Destination& to,
                     const std::shared_ptr<const Message>& message) {
  if (const auto* node = std::get_if<NodeId>(&to)) {
    transmit(from, party(*node), message, /*copy=*/false);
  } else if (const auto* client = std::get_if<ClientId>(&to)) {
    const auto known = client_index_.find(*client);
    if (known == client_index_.end()) return;
    transmit(from, static_cast<Party>(nodes() + known->second), message, /*copy=*/false);
  } else {
    bool copy = false;
    for (Party party = 0; party < nodes(); ++party) {
      if (party == from) continue;
      transmit(from, party, message, copy);
      copy = true;
    }
  }
}

void World::transmit(Party from, Party to, const std::shared_ptr<const Message>& message,
                     bool copy) {
  Arrival arrival{.at = now_,
                  .order = 0,
                  .from = from,
                  .to = to,
                  .connection = connection(from, to),
                  .message = message};
  if (network_tracer_) {
    arrival.send = "m" + std::to_string(++traced_);
    tracer(from).send(now_, name(to), *message, arrival.send, copy);
  }
  if (loses_ && loses_(from, to, *message)) {
    trace_loss(arrival, "loss");
    return;
  }
  const Network::Fate fate = network_.send(from, to, now_);
  for (std::size_t i = 0; i < fate.copies; ++i) {
    arrival.at = fate.arrives[i];
    arrival.order = ++sent_;
    arrivals_.push(arrival);
  }
  if (fate.copies == 0) trace_loss(arrival, fate.blocked ? "cut" : "loss");
}

// --- The trace

void World::trace(const TraceSink& sink) {
  network_tracer_ = Tracer(sink, "network");
  for (std::uint32_t n = 1; n <= nodes(); ++n) {
    at({n}).tracer = Tracer(sink, describe(NodeId{n}));
    Node& node = at({n});
    node.tracer.start(now_);
    node.tracer.output(now_, node.replica->output(), *node.replica);
    node.tracer.done();
  }
  for (ClientEntry& entry : clients_) entry.tracer = Tracer(sink, entry.id.value.str());
}

void World::trace_unfinished() {
  for (Node& node : nodes_) {
    if (node.replica) node.tracer.output(now_, node.replica->output(), *node.replica);
  }
}

Tracer& World::tracer(Party party) {
  return party < nodes() ? nodes_[party].tracer : clients_[party - nodes()].tracer;
}

void World::trace_loss(const Arrival& arrival, std::string_view reason) {
  if (network_tracer_) {
    tracer(arrival.from).lost(now_, name(arrival.to), arrival.send, reason);
  }
}

void World::trace_links(std::string_view fault, const Cut& cut) {
  if (!network_tracer_) return;
  TraceFault told{.fault = fault, .what = std::string(fault)};
  for (const auto& [from, to] : cut) {
    told.links.emplace_back(name(from), name(to));
    told.what += " " + told.links.back().first + ">" + told.links.back().second;
  }
  network_tracer_.fault(now_, told);
}

std::uint64_t World::connection(Party from, Party to) const {
  const Party client = std::max(from, to);  // clients come after the nodes
  return client < nodes() ? 0 : clients_[client - nodes()].connection;
}

}  // namespace paxbank::sim
