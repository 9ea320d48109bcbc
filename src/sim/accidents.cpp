// What the launcher orders, and what befalls processes, disks and links. The rest of World is in
// world.cpp.
#include "paxbank/sim/world.hpp"

#include <algorithm>

namespace paxbank::sim {

template <class Order>
void World::order(NodeId id, std::string_view what, Order order) {
  Node& node = at(id);
  if (node.replica == nullptr) return;
  if (node.tracer) node.tracer.order(now_, what);
  order(*node.replica, local(node));
  stepped(id);
  carry_out(id);
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
  for (ClientEntry& entry : clients_) {
    carry_out(entry, entry.client->pause(now_));
  }
}

void World::resume() {
  if (!paused_) return;
  paused_ = false;
  for (std::uint32_t n = 1; n <= nodes(); ++n) {
    order({n}, "resume", [](Replica& r, TimePoint now) { r.resume(now); });
  }
  for (ClientEntry& entry : clients_) {
    entry.tracer.timer();  // its timers start afresh
    carry_out(entry, entry.client->resume(now_));
  }
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
  constexpr std::string_view words[] = {"", "while it stores", "its disk is full", "its disk fails",
                                        "before it has sent all"};
  Node& node = at(id);
  if (node.tracer) node.tracer.crash(now_, words[static_cast<int>(point)]);
  const bool may_be_there = point == CrashPoint::idle || point == CrashPoint::sync_failure;
  if (node.storing != nullptr && may_be_there && random_.chance(500)) keep(id);
  for (const Waiting& waiting : node.waiting)
    trace_loss({now_, 0, waiting.from, party(id), 0, waiting.message, waiting.send}, "down");
  ++crashes_[static_cast<std::size_t>(point)];
  node.replica.reset();
  node.outbox = Outbox(config_.replica.limits.entries_unstored);
  node.storing = nullptr;
  node.stored_at = never;
  node.dies.reset();
  node.waiting.clear();
  node.held_until = TimePoint::min();
}

void World::restart(NodeId id) {
  Node& node = at(id);
  if (node.dies) die(id, *node.dies);  // it has had nothing to store all the while
  if (node.replica != nullptr) return;
  if (node.tracer) node.tracer.restart(now_);
  ReplicaConfig config = config_.replica;
  config.id = id;
  node.replica = std::make_unique<Replica>(config, random_.next(), local(node), node.durable);
  if (observer_.restarted) observer_.restarted(id, *node.replica);
  if (paused_) node.replica->pause(local(node));
  stepped(id);
  carry_out(id);
}

void World::hold(NodeId id, TimePoint until, bool at_once) {
  Node& node = at(id);
  if (node.replica == nullptr) return;
  if (node.tracer) {
    node.tracer.fault(now_, {.fault = at_once ? "burst" : "hold", .what = "stands still"});
  }
  node.held_until = std::max(node.held_until, until);
  node.at_once = at_once;
}

void World::set_clock(NodeId id, std::int64_t per_mille) {
  Node& node = at(id);
  if (node.tracer) {
    node.tracer.fault(
        now_, {.fault = "clock", .what = "clock at " + std::to_string(per_mille) + " per mille"});
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

void World::cut(const Cut& cut) {
  for (const auto& [from, to] : cut) network_.block(from, to);
  trace_links("cut", cut);
}

void World::heal(const Cut& cut) {
  for (const auto& [from, to] : cut) network_.unblock(from, to);
  trace_links("heal", cut);
}

void World::heal() {
  network_.heal();
  trace_links("heal", {});
}

void World::drop_connections(const ClientId& client) {
  ClientEntry& entry = clients_.at(client_index_.at(client));
  if (entry.tracer) {
    entry.tracer.fault(now_, {.fault = "client-drop", .what = "gives its connections up"});
  }
  ++entry.connection;
}

std::vector<Request> World::restart_client(const ClientId& client) {
  drop_connections(client);
  ClientEntry& entry = clients_.at(client_index_.at(client));
  std::vector<Request> forgotten = entry.client->unanswered();
  start(entry);
  if (paused_) entry.client->pause(now_);
  entry.wake_at = never;
  return forgotten;
}

std::optional<Timestamp> World::submit(const ClientId& client, const Transaction& transaction) {
  ClientEntry& entry = clients_.at(client_index_.at(client));
  const auto timestamp = entry.client->submit(transaction);
  if (entry.tracer && timestamp) entry.tracer.submit(now_, {client, *timestamp, transaction});
  carry_out(entry, entry.client->tick(now_));
  return timestamp;
}

}  // namespace paxbank::sim
