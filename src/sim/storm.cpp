#include "paxbank/sim/storm.hpp"

#include <cstdlib>

namespace paxbank::sim {

using std::chrono::milliseconds;

Storm::Storm(Run& run)
    : run_(run),
      end_(run.world().now() +
           milliseconds(run.config().transactions * run.random().between(5, 40) + 500)),
      intensity_(run.random().between(1, 4)) {
  draw_message_faults();
  plan_transactions();
  plan_cuts();
  plan_nodes_faults();
  plan_clients_faults();
  plan_successions();
}

void Storm::blow() {
  while (!plan_.empty() && plan_.begin()->first <= end_) {
    const auto next = plan_.extract(plan_.begin());
    run_.run_until(next.key());
    next.mapped()();
  }
  run_.run_until(end_);
}

void Storm::end() {
  World& world = run_.world();
  world.heal();
  world.network().set_faults(calm_faults_);
  world.resume();
  for (std::uint32_t n = 1; n <= world.nodes(); ++n) {
    world.restart({n});
    world.release({n});
    world.set_clock({n}, 1'000);
    world.slow_disk({n}, 1);
    world.reconnect({n});
  }
  // A client that has forgotten what it had asked for asks for something else in the end: its old
  // requests wait nowhere for ever then.
  for (const std::size_t client : restarted_) run_.submit_any(client);
}

// --- What is drawn from the seed

void Storm::draw_message_faults() {
  Random& random = run_.random();
  faults_.latency_min = Duration(random.between(20, 200));
  faults_.latency_max = Duration(random.between(200, 3'000));
  calm_faults_ = faults_;
  if (wanted(Fault::loss)) faults_.loss = random.between(1, 75 * intensity_);
  if (wanted(Fault::duplication)) faults_.duplication = random.between(1, 100);
  if (wanted(Fault::delay)) faults_.delay = random.between(1, 50);
  if (wanted(Fault::reordering)) faults_.reordering = random.between(1, 200);
  faults_.delay_max = milliseconds(random.between(5, 300));
  run_.world().network().set_faults(faults_);
}

TimePoint Storm::draw_moment() {
  return TimePoint(Duration(run_.random().between(0, (end_ - TimePoint()).count())));
}

/// Every other time the leader, if there is one: there it hurts most.
NodeId Storm::draw_victim() {
  const NodeId any = run_.draw_node();
  return run_.random().chance(500) ? run_.leader().value_or(any) : any;
}

std::size_t Storm::draw_client() {
  return static_cast<std::size_t>(
      run_.random().between(0, static_cast<std::int64_t>(run_.clients()) - 1));
}

// --- The plan

void Storm::plan_transactions() {
  Random& random = run_.random();
  const auto& accounts = run_.replica_config().bank.accounts;
  // Some come in rushes: what befalls a leader then finds much under way.
  for (int i = 0; i < 8; ++i) rushes_.push_back(draw_moment());
  const std::int64_t rushing = random.between(0, 1'000);
  for (std::uint32_t t = 0; t < run_.config().transactions; ++t) {
    const Transaction transaction{
        accounts[draw_client()], accounts[draw_client()], {random.between(0, 4)}};
    const bool rush = random.chance(rushing);
    plan(rush ? rushes_[static_cast<std::size_t>(random.between(0, 7))] : draw_moment(),
         [this, transaction] { run_.submit(transaction); });
  }
}

/// Some moments of a fault, if it is wanted: `begin` then, and what it returns after a while.
void Storm::plan_fault(Fault fault, std::int64_t count_max, milliseconds longest,
                       const std::function<Undo(TimePoint)>& begin) {
  if (!wanted(fault)) return;
  const std::int64_t count = run_.random().between(1, count_max * intensity_);
  for (std::int64_t i = 0; i < count; ++i) {
    const TimePoint at = draw_moment();
    const TimePoint until = at + milliseconds(run_.random().between(1, longest.count()));
    plan(at, [this, fault, begin, until] {
      ++happened_[static_cast<std::size_t>(fault)];
      if (Undo undo = begin(until)) plan(until, std::move(undo));
    });
  }
}

/// Several may overlap: each undoes its own.
void Storm::plan_cut(Fault fault, const std::function<Cut()>& cut) {
  plan_fault(fault, 3, milliseconds(1'000),
             [this, cut](TimePoint) { return [this, links = cut()] { run_.heal(links); }; });
}

void Storm::plan_cuts() {
  plan_cut(Fault::partition, [this] { return cut_in_two(); });
  plan_cut(Fault::one_way, [this] { return cut_one_way(); });
  plan_cut(Fault::chained, [this] { return cut_to_chain(); });
  plan_cut(Fault::quorum_loss, [this] { return cut_to_hub(); });
  plan_cut(Fault::client_cut, [this] { return cut_clients(); });
}

/// Nodes die, and come back after a while.
void Storm::plan_deaths(Fault fault, std::int64_t count_max, CrashPoint point) {
  plan_fault(fault, count_max, milliseconds(2'000), [this, point](TimePoint) {
    World& world = run_.world();
    const NodeId first = draw_victim();
    for (std::uint32_t i = 0; i < world.nodes(); ++i) {
      const NodeId node{(first.value - 1 + i) % world.nodes() + 1};
      if (!world.up(node) || world.doomed(node)) continue;
      world.crash(node, point);
      return Undo([&world, node] { world.restart(node); });
    }
    return Undo();  // there is nobody left to die
  });
}

void Storm::plan_nodes_faults() {
  World& world = run_.world();
  plan_fault(Fault::disconnect, 4, milliseconds(2'000), [this, &world](TimePoint) {
    const NodeId node = draw_victim();
    world.disconnect(node);
    return [&world, node] { world.reconnect(node); };
  });
  plan_deaths(Fault::crash, 4, CrashPoint::idle);
  plan_deaths(Fault::torn_batch, 2, CrashPoint::torn_batch);
  plan_deaths(Fault::full_disk, 2, CrashPoint::full_disk);
  plan_deaths(Fault::sync_failure, 2, CrashPoint::sync_failure);
  plan_deaths(Fault::unsent, 2, CrashPoint::unsent);
  plan_fault(Fault::pause, 3, milliseconds(1'500), [this, &world](TimePoint until) {
    world.hold(draw_victim(), until, /*at_once=*/false);
    return Undo();
  });
  plan_fault(Fault::burst, 20, milliseconds(20), [this, &world](TimePoint until) {
    world.hold(draw_victim(), until, /*at_once=*/true);
    return Undo();
  });
  plan_fault(Fault::slow_disk, 3, milliseconds(1'500), [this, &world](TimePoint) {
    const NodeId node = draw_victim();
    world.slow_disk(node, run_.random().between(5, 100));
    return [&world, node] { world.slow_disk(node, 1); };
  });
  plan_fault(Fault::clock, 3, milliseconds(4'000), [this, &world](TimePoint) {
    const NodeId node = run_.draw_node();
    world.set_clock(node, run_.random().between(500, 2'000));
    return [&world, node] { world.set_clock(node, 1'000); };
  });
  plan_fault(Fault::cluster_pause, 1, milliseconds(1'000), [&world](TimePoint) {
    world.pause();
    return [&world] { world.resume(); };
  });
}

void Storm::plan_clients_faults() {
  plan_fault(Fault::client_drop, 5, milliseconds(1), [this](TimePoint) {
    run_.world().drop_connections({run_.replica_config().bank.accounts[draw_client()].value});
    return Undo();
  });
  plan_fault(Fault::client_restart, 2, milliseconds(1'000), [this](TimePoint) {
    const std::size_t client = draw_client();
    run_.restart_client(client);
    restarted_.insert(client);
    return Undo();
  });
}

/// In the midst of a rush leaders are cut off one after the other, each when it has hardly begun:
/// what the first proposed and few have heard of meets what the second made of the same requests.
void Storm::plan_successions() {
  if (!wanted(Fault::succession)) return;
  const std::int64_t count = run_.random().between(1, intensity_);
  for (std::int64_t i = 0; i < count; ++i) {
    const Duration after(run_.random().between(0, 4'000));
    plan(rushes_[static_cast<std::size_t>(i)] + after, [this] {
      ++happened_[static_cast<std::size_t>(Fault::succession)];
      strike_next({}, run_.random().between(2, 4));
    });
  }
}

/// Cuts off the next leader, as soon as there is one that is not `struck` already.
void Storm::strike_next(NodeId struck, std::int64_t left) {
  if (left == 0) return;
  const TimePoint now = run_.world().now();
  const NodeId leader = run_.leader().value_or(struck);
  if (leader == struck) {
    plan(now + milliseconds(2), [this, struck, left] { strike_next(struck, left); });
    return;
  }
  // Not from all: somebody may have heard of what it proposed.
  const Party party = World::party(leader);
  const Cut cut = run_.cut_where([&](Party from, Party to) {
    return (from == party || to == party) && run_.random().chance(850);
  });
  Random& random = run_.random();
  plan(now + milliseconds(random.between(100, 1'000)), [this, cut] { run_.heal(cut); });
  plan(now + Duration(random.between(1'000, 8'000)),
       [this, leader, left] { strike_next(leader, left - 1); });
}

// --- Cuts

Cut Storm::cut_in_two() {
  const auto side =
      static_cast<std::uint32_t>(run_.random().between(1, (1 << run_.config().nodes) - 2));
  return run_.cut_where(
      [&](Party from, Party to) { return (side >> from & 1U) != (side >> to & 1U); });
}

Cut Storm::cut_one_way() {
  return run_.cut_where([&](Party, Party) { return run_.random().chance(300); });
}

Cut Storm::cut_to_chain() {
  std::vector<std::int64_t> place;
  for (std::uint32_t n = 0; n < run_.config().nodes; ++n) {
    place.insert(place.begin() + run_.random().between(0, n), n);
  }
  return run_.cut_where(
      [&](Party from, Party to) { return std::abs(place[from] - place[to]) != 1; });
}

Cut Storm::cut_to_hub() {
  const Party hub = World::party(draw_victim());
  return run_.cut_where([&](Party from, Party to) { return from != hub && to != hub; });
}

/// Some clients do not reach some nodes, or are not reached by them.
Cut Storm::cut_clients() {
  Random& random = run_.random();
  Cut cut;
  for (std::size_t client = 0; client < run_.clients(); ++client) {
    if (random.chance(500)) continue;
    const Party party = run_.client_party(client);
    for (Party node = 0; node < run_.config().nodes; ++node) {
      if (random.chance(500)) cut.emplace_back(party, node);
      if (random.chance(500)) cut.emplace_back(node, party);
    }
  }
  return run_.cut_links(std::move(cut));
}

}  // namespace paxbank::sim
