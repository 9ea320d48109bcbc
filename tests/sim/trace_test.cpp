// A trace is complete: every message can be followed from end to end, and what a node is at any
// moment follows from its lines alone.
#include "paxbank/wire/trace.hpp"

#include "paxbank/core/describe.hpp"
#include "paxbank/sim/simulate.hpp"
#include "paxbank/sim/world.hpp"
#include "paxbank/wire/codec.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>

namespace paxbank::sim {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

/// Follows messages through a trace, line by line, and counts what does not fit.
class Postman {
 public:
  void take(const Json& line) {
    EXPECT_GE(line.at("time_us").get<std::int64_t>(), last_) << line;
    last_ = line.at("time_us");
    const std::string kind = line.at("kind");
    if (line.contains("cause")) {
      EXPECT_TRUE(ids_.contains(line.at("cause"))) << line;
    }
    if (line.contains("same_as")) {
      EXPECT_TRUE(sends_.at(line.at("same_as")).contains("message")) << line;
    }
    if (line.contains("id")) {
      EXPECT_TRUE(ids_.insert(line.at("id")).second) << "twice: " << line;
    }
    if (kind == "send") sends_[line.at("id")] = line;
    if (kind == "receive" || kind == "drop" || kind == "lost") arrive(kind, line);
  }

  /// Messages of which nobody knows what became of them.
  [[nodiscard]] std::size_t missing() const { return sends_.size() - ended_.size(); }
  [[nodiscard]] std::size_t sent() const { return sends_.size(); }

 private:
  void arrive(const std::string& kind, const Json& line) {
    const auto send = sends_.find(line.at("send"));
    ASSERT_NE(send, sends_.end()) << line;
    const bool at_sender = kind == "lost";
    EXPECT_EQ(send->second.at("node"), line.at(at_sender ? "node" : "peer")) << line;
    EXPECT_EQ(send->second.at("peer"), line.at(at_sender ? "peer" : "node")) << line;
    ended_.insert(line.at("send"));
  }

  std::int64_t last_ = 0;
  std::set<std::string> ids_;
  std::map<std::string, Json> sends_;
  std::set<std::string> ended_;
};

TEST(Trace, EveryMessageCanBeFollowedFromEndToEnd) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SimulationConfig config;
    config.seed = seed;
    Postman postman;
    (void)simulate(
        config, [&](const TraceEvent& event) { postman.take(Json::parse(wire::encode(event))); });
    EXPECT_GT(postman.sent(), 1'000U);
    EXPECT_LE(postman.missing(), 10U) << "in seed " << seed;  // under way at the end
  }
}

/// A node as its lines say it is.
struct Known {
  Json status;
  std::map<std::uint64_t, Json> log;  ///< by slot: ballot, slot, command
  std::set<std::uint64_t> chosen;
  std::map<std::string, std::int64_t> balances;

  void take(const Json& line) {
    if (line.at("kind") == "execute" && line.at("applied") && line.at("result") == "success") {
      const Json& transfer = line.at("command").at("transaction");
      balances[transfer[0]] -= transfer[2].get<std::int64_t>();
      balances[transfer[1]] += transfer[2].get<std::int64_t>();
    }
    if (line.at("kind") != "state") return;
    if (line.contains("whole")) *this = {};
    for (const char* field : {"role", "connected", "paused", "promised", "follows", "base",
                              "committed", "executed", "last", "in_flight", "pending"}) {
      if (line.contains(field)) status[field] = line.at(field);
    }
    for (const char* list : {"accepted", "learned"}) {
      for (const Json& entry : line.value(list, Json::array())) {
        log[entry[1]] = entry;
        if (list == std::string("learned")) chosen.insert(entry[1].get<std::uint64_t>());
      }
    }
    for (const Json& slot : line.value("chosen", Json::array()))
      chosen.insert(slot.get<std::uint64_t>());
    if (!line.contains("balances")) return;
    balances.clear();
    for (const Json& account : line.at("balances")) balances[account[0]] = account[1];
  }

  [[nodiscard]] char letter(std::uint64_t slot) const {
    if (slot <= status.at("executed").get<std::uint64_t>()) return 'E';
    if (slot <= status.at("committed").get<std::uint64_t>() || chosen.contains(slot)) return 'C';
    return log.contains(slot) ? 'A' : 'X';
  }
};

class TracedWorld : public ::testing::Test {
 protected:
  static WorldConfig config() {
    WorldConfig config;
    config.seed = 3;
    config.replica.limits.checkpoint_interval = 16;
    return config;
  }

  TracedWorld() {
    world_.trace([this](const TraceEvent& event) {
      const Json line = Json::parse(wire::encode(event));
      nodes_[line.at("node")].take(line);
    });
  }

  /// Compares at every step.
  void run_for(milliseconds time) {
    const TimePoint until = world_.now() + time;
    while (world_.next_at() <= until && world_.step()) compare();
    world_.pass_until(until);
  }

  void compare() {
    for (std::uint32_t n = 1; n <= world_.nodes(); ++n) {
      if (!world_.up({n})) continue;
      compare(world_.replica({n}), nodes_.at(describe(NodeId{n})));
    }
  }

  static void compare(const Replica& replica, const Known& known) {
    const ReplicaStatus status = replica.status();
    ASSERT_EQ(known.status.at("role"), std::string(to_string(status.role)));
    ASSERT_EQ(known.status.at("promised"), Json(wire::to_json(status.promised)));
    ASSERT_EQ(known.status.at("connected"), status.connected);
    ASSERT_EQ(known.status.at("executed"), status.executed.value);
    ASSERT_EQ(known.status.at("base"), status.base.value);
    for (std::uint64_t s = status.base.value + 1; s <= status.last.value; ++s) {
      ASSERT_EQ(known.letter(s), to_letter(replica.log().status({s}))) << "slot " << s;
      const LogEntry* entry = replica.log().find({s});
      if (entry == nullptr) continue;
      ASSERT_EQ(known.log.at(s)[0], Json(wire::to_json(entry->ballot))) << "slot " << s;
      ASSERT_EQ(known.log.at(s)[2], Json(wire::to_json(entry->command))) << "slot " << s;
    }
    for (const auto& [account, balance] : replica.bank().balances()) {
      ASSERT_EQ(known.balances.at(account.value.str()), balance.value) << account.value.str();
    }
  }

  std::map<std::string, Known> nodes_;
  World world_{config()};
};

TEST_F(TracedWorld, WhatANodeIsFollowsFromItsLinesAlone) {
  const auto transfer = [&](const char* from, const char* to) {
    world_.submit({from}, {{from}, {to}, {1}});
  };
  for (int i = 0; i < 30; ++i) transfer("A", "B"), transfer("C", "A");
  run_for(milliseconds(1'200));
  world_.crash({1}, CrashPoint::idle);
  world_.disconnect({2});
  for (int i = 0; i < 30; ++i) transfer("B", "C"), transfer("D", "E");
  run_for(milliseconds(1'500));
  world_.restart({1});
  world_.reconnect({2});
  world_.crash({3}, CrashPoint::unsent);
  for (int i = 0; i < 10; ++i) transfer("E", "D");
  run_for(milliseconds(2'000));
  world_.pause();
  run_for(milliseconds(100));
  world_.resume();
  world_.restart({3});
  run_for(milliseconds(2'000));
  EXPECT_GT(world_.replica({1}).log().base(), SequenceNumber{16});
  EXPECT_EQ(world_.replica({3}).log().executed(), world_.replica({1}).log().executed());
}

}  // namespace
}  // namespace paxbank::sim
