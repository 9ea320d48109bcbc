#include "paxbank/sim/world.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank::sim {

World::World(const WorldConfig& config) : config_(config), random_(config.seed) {
  for (std::uint32_t n = 1; n <= config.replica.nodes; ++n) {
    ReplicaConfig replica = config.replica;
    replica.id = {n};
    nodes_.push_back(
        {std::make_unique<Replica>(replica, random_.next(), now_), Journal(config.history), never});
  }
  for (std::uint32_t n = 1; n <= config.replica.nodes; ++n) {
    carry_out({n}, nodes_[n - 1].replica->tick(now_));
  }
  for (const AccountId& account : config.replica.bank.accounts) {
    ClientConfig client;
    client.id = {account.value};
    client.timeout = config.client_timeout;
    client.timeout_max = std::max(client.timeout, client.timeout_max);
    clients_.try_emplace(client.id, ClientEntry{Client(client, leader_)});
  }
}

TimePoint World::next_timer() const {
  TimePoint next = never;
  for (const Node& node : nodes_) next = std::min(next, node.wake_at);
  for (const auto& [id, entry] : clients_) next = std::min(next, entry.wake_at);
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
    tick_all();
  }
  return true;
}

void World::tick_all() {
  for (std::uint32_t n = 1; n <= nodes(); ++n) {
    Node& node = nodes_[n - 1];
    if (node.wake_at <= now_) carry_out({n}, node.replica->tick(now_));
  }
  for (auto& [id, entry] : clients_) {
    if (entry.wake_at <= now_) carry_out(entry, entry.client.tick(now_));
  }
}

void World::arrive(const Arrival& arrival) {
  if (const auto* client = std::get_if<ClientId>(&arrival.to)) {
    const auto entry = clients_.find(*client);
    if (entry == clients_.end()) return;
    carry_out(entry->second, entry->second.client.receive(std::get<Reply>(arrival.message), now_));
    return;
  }
  const NodeId to = std::get<NodeId>(arrival.to);
  Node& node = nodes_.at(to.value - 1);
  if (node.replica->connected()) node.journal.received(now_, arrival.message);
  carry_out(to, node.replica->receive(arrival.message, now_));
}

void World::carry_out(NodeId id, Output output) {
  Node& node = nodes_[id.value - 1];
  node.wake_at = output.wake_at;
  for (const Event& event : output.events) {
    if (const auto* view = std::get_if<SawNewView>(&event)) node.journal.saw(*view);
    PAXBANK_ASSERT(!std::holds_alternative<Refused>(event), "honest nodes are never refused");
  }
  for (const Envelope& envelope : output.messages) {
    node.journal.sent(now_, envelope);
    if (!std::holds_alternative<AllNodes>(envelope.to)) {
      const auto* to = std::get_if<NodeId>(&envelope.to);
      if (to == nullptr || !cut_.contains({id, *to})) transmit(envelope.to, envelope.message);
      continue;
    }
    for (std::uint32_t n = 1; n <= nodes(); ++n) {
      if (NodeId{n} != id && !cut_.contains({id, {n}})) transmit(NodeId{n}, envelope.message);
    }
  }
}

void World::carry_out(ClientEntry& client, ClientOutput output) {
  client.wake_at = output.wake_at;
  for (const Envelope& envelope : output.messages) {
    if (!std::holds_alternative<AllNodes>(envelope.to)) {
      transmit(envelope.to, envelope.message);
      continue;
    }
    for (std::uint32_t n = 1; n <= nodes(); ++n) transmit(NodeId{n}, envelope.message);
  }
  if (output.answer) answers_.push_back(std::move(*output.answer));
}

void World::transmit(const Destination& to, const Message& message) {
  const Faults& faults = config_.faults;
  const int copies = random_.chance(faults.loss) ? 0 : (random_.chance(faults.duplication) ? 2 : 1);
  for (int i = 0; i < copies; ++i) {
    const Duration delay{random_.between(faults.delay_min.count(), faults.delay_max.count())};
    arrivals_.push({now_ + delay, ++sent_, to, message});
  }
}

void World::disconnect(NodeId node) {
  carry_out(node, nodes_.at(node.value - 1).replica->disconnect(now_));
}

void World::reconnect(NodeId node) {
  carry_out(node, nodes_.at(node.value - 1).replica->reconnect(now_));
}

void World::pause() {
  for (std::uint32_t n = 1; n <= nodes(); ++n) carry_out({n}, nodes_[n - 1].replica->pause(now_));
  for (auto& [id, entry] : clients_) carry_out(entry, entry.client.pause(now_));
}

void World::resume() {
  for (std::uint32_t n = 1; n <= nodes(); ++n) carry_out({n}, nodes_[n - 1].replica->resume(now_));
  for (auto& [id, entry] : clients_) carry_out(entry, entry.client.resume(now_));
}

Timestamp World::submit(const ClientId& client, const Transaction& transaction) {
  ClientEntry& entry = clients_.at(client);
  const Timestamp timestamp = entry.client.submit(transaction);
  carry_out(entry, entry.client.tick(now_));
  return timestamp;
}

}  // namespace paxbank::sim
