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
    Node& node = nodes_.emplace_back(config.history, replica.bank);
    node.replica = std::make_unique<Replica>(replica, random_.next(), now_);
    node.wake_at = now_;
  }
  for (const AccountId& account : config.replica.bank.accounts) {
    ClientConfig client;
    client.id = {account.value};
    client.timeout = config.client_timeout;
    client.timeout_max = std::max(client.timeout, client.timeout_max);
    client_index_[client.id] = clients_.size();
    clients_.push_back({client.id, Client(client, leader_)});
  }
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
    const bool waits = node.replica != nullptr && (node.wake_at != never || !node.waiting.empty());
    if (!waits) continue;
    next =
        std::min(next, held(node) ? node.held_until : (node.waiting.empty() ? node.wake_at : now_));
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
    if (node.replica == nullptr || held(node)) continue;
    if (!node.waiting.empty()) go_on({n});
    if (node.replica == nullptr || node.wake_at > now_) continue;
    node.replica->tick(local(node));
    stepped({n});
    carry_out({n}, "timer");
  }
  for (ClientEntry& entry : clients_) {
    if (entry.wake_at <= now_) carry_out(entry, entry.client.tick(now_), "timer");
  }
}

/// A process that was held takes what has gathered for it.
void World::go_on(NodeId id) {
  Node& node = at(id);
  const std::vector<Waiting> waiting = std::exchange(node.waiting, {});
  for (const Waiting& one : waiting) {
    if (node.replica == nullptr) return;  // it has died of one of them
    receive(id, one);
    if (!node.at_once) carry_out(id, trace_ ? cause_of(*one.message, one.from) : "");
  }
  if (node.at_once) carry_out(id, "burst");
}

// --- Messages

Destination World::destination(Party party) const {
  if (party < nodes()) return NodeId{party + 1};
  return clients_[party - nodes()].id;
}

void World::arrive(const Arrival& arrival) {
  if (arrival.connection != connection(arrival.from, arrival.to)) return;
  if (arrival.to >= nodes()) {
    ClientEntry& entry = clients_[arrival.to - nodes()];
    if (trace_) {
      trace_({now_, name_of(entry.id), "receive", name_of(destination(arrival.from)),
              arrival.message.get(), "", ""});
    }
    carry_out(entry, entry.client.receive(std::get<Reply>(*arrival.message), now_), "REPLY");
    return;
  }
  const NodeId to{arrival.to + 1};
  Node& node = at(to);
  if (node.replica == nullptr) return;
  Waiting waiting{destination(arrival.from), arrival.message};
  if (held(node) || !node.waiting.empty()) {
    node.waiting.push_back(std::move(waiting));
    return;
  }
  receive(to, waiting);
  carry_out(to, trace_ ? cause_of(*waiting.message, waiting.from) : "");
}

void World::receive(NodeId id, const Waiting& waiting) {
  Node& node = at(id);
  if (node.replica->connected()) {
    node.journal.received(now_, waiting.from, *waiting.message);
    if (trace_) {
      trace_({now_, describe(id), "receive", name_of(waiting.from), waiting.message.get(), "", ""});
    }
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

void World::carry_out(NodeId id, std::string_view cause) {
  Node& node = at(id);
  const Output& output = node.replica->flush();
  if (observer_.flushed) observer_.flushed(id);
  std::size_t sent = output.messages.size();
  if (node.dies && !output.persist.empty()) {
    if (*node.dies == CrashPoint::before_persist) {
      die(id, CrashPoint::before_persist);
      return;
    }
    sent = static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(sent)));
  }
  node.durable.apply(output.persist);
  if (observer_.persisted) observer_.persisted(id, node.replica->acceptor(), output.persist);
  node.wake_at = global(node, output.wake_at);
  report(id, output);
  if (trace_) trace_output(trace_, now_, describe(id), output, cause);
  for (std::size_t i = 0; i < sent; ++i) {
    const Envelope& envelope = output.messages[i];
    if (observer_.sending) observer_.sending(id, node.durable, envelope);
    node.journal.sent(now_, envelope);
    transmit(party(id), envelope.to, std::make_shared<const Message>(envelope.message));
  }
  if (node.dies && !output.persist.empty()) die(id, CrashPoint::before_send);
}

void World::report(NodeId id, const Output& output) {
  for (const Event& event : output.events) {
    if (const auto* view = std::get_if<SawNewView>(&event)) at(id).journal.saw(*view);
    PAXBANK_ASSERT(!std::holds_alternative<Refused>(event), "honest nodes are never refused");
  }
}

void World::carry_out(ClientEntry& client, const ClientOutput& output, std::string_view cause) {
  client.wake_at = output.wake_at;
  if (trace_) trace_client(trace_, now_, client.id, output, cause);
  if (output.answer) {
    if (observer_.answered) observer_.answered(*output.answer);
    answers_.push_back(*output.answer);
  }
  const auto self = static_cast<Party>(nodes() + client_index_.at(client.id));
  for (const Envelope& envelope : output.messages) {
    if (observer_.invoked) observer_.invoked(std::get<Request>(envelope.message));
    transmit(self, envelope.to, std::make_shared<const Message>(envelope.message));
  }
}

void World::transmit(Party from, const Destination& to,
                     const std::shared_ptr<const Message>& message) {
  if (const auto* node = std::get_if<NodeId>(&to)) {
    transmit(from, party(*node), message);
  } else if (const auto* client = std::get_if<ClientId>(&to)) {
    const auto known = client_index_.find(*client);
    if (known == client_index_.end()) return;
    transmit(from, static_cast<Party>(nodes() + known->second), message);
  } else {
    for (Party party = 0; party < nodes(); ++party) {
      if (party != from) transmit(from, party, message);
    }
  }
}

void World::transmit(Party from, Party to, const std::shared_ptr<const Message>& message) {
  if (loses_ && loses_(from, to, *message)) return;
  const Network::Fate fate = network_.send(from, to, now_);
  for (std::size_t i = 0; i < fate.copies; ++i) {
    arrivals_.push({fate.arrives[i], ++sent_, from, to, connection(from, to), message});
  }
}

std::uint64_t World::connection(Party from, Party to) const {
  const Party client = std::max(from, to);  // clients come after the nodes
  return client < nodes() ? 0 : clients_[client - nodes()].connection;
}

// --- Orders and accidents

template <class Order>
void World::order(NodeId id, std::string_view what, Order order) {
  Node& node = at(id);
  if (node.replica == nullptr) return;
  if (trace_) trace_({now_, describe(id), "order", "", nullptr, what, ""});
  order(*node.replica, local(node));
  stepped(id);
  carry_out(id, what);
}

void World::disconnect(NodeId node) {
  order(node, "disconnect", [](Replica& r, TimePoint now) { r.disconnect(now); });
}

void World::reconnect(NodeId node) {
  order(node, "reconnect", [](Replica& r, TimePoint now) { r.reconnect(now); });
}

void World::pause() {
  paused_ = true;
  for (std::uint32_t n = 1; n <= nodes(); ++n) {
    order({n}, "pause", [](Replica& r, TimePoint now) { r.pause(now); });
  }
  for (ClientEntry& entry : clients_) carry_out(entry, entry.client.pause(now_), "pause");
}

void World::resume() {
  if (!paused_) return;
  paused_ = false;
  for (std::uint32_t n = 1; n <= nodes(); ++n) {
    order({n}, "resume", [](Replica& r, TimePoint now) { r.resume(now); });
  }
  for (ClientEntry& entry : clients_) carry_out(entry, entry.client.resume(now_), "resume");
}

void World::crash(NodeId id, CrashPoint point) {
  Node& node = at(id);
  if (node.replica == nullptr) return;
  if (point == CrashPoint::idle) {
    die(id, point);
  } else {
    node.dies = point;
  }
}

void World::die(NodeId id, CrashPoint point) {
  constexpr std::string_view words[] = {"crash", "crash before it has stored",
                                        "crash before it has sent all"};
  if (trace_) {
    trace_({now_, describe(id), "fault", "", nullptr, words[static_cast<int>(point)], ""});
  }
  ++crashes_[static_cast<std::size_t>(point)];
  Node& node = at(id);
  node.replica.reset();
  node.dies.reset();
  node.waiting.clear();
  node.held_until = TimePoint::min();
}

void World::restart(NodeId id) {
  Node& node = at(id);
  if (node.dies) die(id, CrashPoint::idle);  // it has had nothing to store all the while
  if (node.replica != nullptr) return;
  if (trace_) trace_({now_, describe(id), "fault", "", nullptr, "restart", ""});
  ReplicaConfig config = config_.replica;
  config.id = id;
  node.replica = std::make_unique<Replica>(config, random_.next(), local(node), node.durable);
  if (observer_.restarted) observer_.restarted(id, *node.replica);
  if (paused_) node.replica->pause(local(node));
  stepped(id);
  carry_out(id, "restart");
}

void World::hold(NodeId id, TimePoint until, bool at_once) {
  Node& node = at(id);
  if (node.replica == nullptr) return;
  if (trace_) trace_({now_, describe(id), "fault", "", nullptr, at_once ? "burst" : "pause", ""});
  node.held_until = std::max(node.held_until, until);
  node.at_once = at_once;
}

void World::set_clock(NodeId id, std::int64_t per_mille) {
  Node& node = at(id);
  if (trace_) {
    trace_({now_, describe(id), "fault", "", nullptr,
            "clock at " + std::to_string(per_mille) + " per mille", ""});
  }
  const TimePoint wake_at =
      node.replica == nullptr || node.wake_at == never
          ? never
          : local(node) + (node.wake_at - now_) * node.clock_per_mille / 1'000;
  node.clock_then = local(node);
  node.clock_set_at = now_;
  node.clock_per_mille = per_mille;
  node.wake_at = std::max(now_, global(node, wake_at));
}

void World::drop_connections(const ClientId& client) {
  if (trace_) trace_({now_, client.value.view(), "fault", "", nullptr, "client-drop", ""});
  ++clients_.at(client_index_.at(client)).connection;
}

std::optional<Timestamp> World::submit(const ClientId& client, const Transaction& transaction) {
  ClientEntry& entry = clients_.at(client_index_.at(client));
  const auto timestamp = entry.client.submit(transaction);
  carry_out(entry, entry.client.tick(now_), "submit");
  return timestamp;
}

}  // namespace paxbank::sim
