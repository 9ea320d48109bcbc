// What is typed: failures by hand, and time. The rest of Runner is in runner.cpp.
#include "paxbank/core/describe.hpp"
#include "paxbank/scenario/runner.hpp"

#include <utility>

namespace paxbank::scenario {

void Runner::open() {
  busy_ = true;
  await_leader();
  settle();
  rest();
}

/// A command begins: the cluster runs.
void Runner::wake() {
  if (std::exchange(still_, false)) cluster_.resume();
}

/// It has ended.
void Runner::rest() {
  busy_ = false;
  if (!pauses_ || std::exchange(still_, true)) return;
  cluster_.pause();
}

template <class Act>
void Runner::by_hand(Act act) {
  wake();
  busy_ = true;
  if (!cluster_.time_stands()) {
    act();
    settle();
    rest();
    return;
  }
  hurried_ = true;
  act();
  hurried_ = busy_ = false;
  report_(Notice{"time stands still: step lets it happen, resume lets time go on"});
}

void Runner::send(const Transaction& transaction) {
  by_hand([&] {
    submit({{++last_row_, transaction}});
    await(unsaid());
  });
}

void Runner::fail_leader() {
  by_hand([&] { strike_leader(); });
}

void Runner::change_connected(const std::vector<NodeId>& nodes, bool connected) {
  ConnectionsChanged changed{{}, connected, {}};
  for (const NodeId node : nodes) {
    if (!cluster_.states()[node.value].alive) {
      report_(Notice{describe(node) + "'s process is gone"});
    } else if (connected_.contains(node) != connected) {
      changed.nodes.push_back(node);
    }
    if (connected) {
      connected_.insert(node);
    } else {
      connected_.erase(node);
    }
  }
  apply_connected();
  changed.live = live();
  report_(changed);
}

void Runner::disconnect(const std::vector<NodeId>& nodes) {
  by_hand([&] {
    change_connected(nodes, false);
    if (quorum_live()) await_leader();
  });
}

void Runner::reconnect(const std::vector<NodeId>& nodes) {
  by_hand([&] {
    change_connected(nodes, true);
    if (!quorum_live()) return;
    await_leader();
    await_leftovers();
  });
}

void Runner::kill(const std::vector<NodeId>& nodes) {
  by_hand([&] { fail(NodesDie{nodes}); });
}

void Runner::restart(const std::vector<NodeId>& nodes) {
  by_hand([&] { fail(NodesComeBack{nodes}); });
}

/// What was not answered by then will not be: who asked has forgotten it.
void Runner::kill_clients() {
  cluster_.kill_clients();
  take_in();
  report_(Killed{.set = set_, .nodes = {}, .clients = true, .live = live()});
  for (const auto& [key, row] : std::exchange(outstanding_, {})) {
    Tally& tally = tallies_[row.tally];
    --tally.timeout;
    ++tally.dropped;
    report_(Resolved{set_,
                     row.set,
                     {.set = row.set,
                      .row = row.row,
                      .client = key.first,
                      .transaction = row.transaction,
                      .outcome = Outcome::dropped,
                      .why = "its client was killed; it may have been executed"}});
  }
}

void Runner::restart_clients() {
  by_hand([&] {
    const std::string why = cluster_.restart_clients();
    well_ = well_ && why.empty();
    report_(Restarted{.set = set_,
                      .nodes = {},
                      .clients = why.empty(),
                      .failed = {},
                      .clients_failed = why,
                      .live = live()});
  });
}

// --- Time

bool Runner::commands_time() {
  if (cluster_.commands_time()) return true;
  report_(Notice{"time goes as it goes here: start with --slow N, or --web"});
  return false;
}

void Runner::pause() {
  pauses_ = true;
  if (cluster_.commands_time()) {
    cluster_.stop_time();
    report_(Notice{"time stands still: nothing happens, and what is under way stays there"});
    return;
  }
  if (!busy_) rest();
  report_(Notice{"the cluster stands still while you look"});
}

void Runner::resume() {
  pauses_ = false;
  wake();
  if (cluster_.commands_time()) cluster_.start_time();
  report_(Notice{"the cluster runs on while you look"});
}

void Runner::go_on() {
  cluster_.start_time();
  by_hand([&] {
    if (quorum_live()) await_leader();
    await(unsaid());
  });
}

void Runner::slow(std::int64_t times) {
  if (!commands_time()) return;
  cluster_.set_slow(times);
  report_(Notice{times == 1 ? "time goes as it goes"
                            : "everything takes " + std::to_string(times) + " times as long"});
}

void Runner::step(std::uint64_t count) {
  if (!commands_time()) return;
  cluster_.stop_time();
  wake();
  for (; count > 0 && can_go_on_; --count) {
    const auto happened = cluster_.step();
    report_(Notice{happened ? "step: " + *happened : "step: nothing is to happen"});
    take_in();
    if (!happened) return;
  }
}

void Runner::lose(const std::string& send) {
  if (!commands_time()) return;
  report_(Notice{cluster_.lose(send) ? send + " is lost" : send + " is not on its way"});
}

}  // namespace paxbank::scenario
