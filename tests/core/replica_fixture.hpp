// One replica, and a test that plays all others.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "at_once.hpp"
#include <algorithm>

namespace paxbank {

inline Request request(const char* client, std::int64_t timestamp = 1) {
  return {{client}, {timestamp}, {{client}, {"J"}, {1}}};
}

/// One replica, n1 of five unless said otherwise; the test plays all others.
class ReplicaTest : public ::testing::Test {
 protected:
  static ReplicaConfig config() {
    ReplicaConfig config;
    config.id = {1};
    return config;
  }

  void receive(const Message& message) {
    replica_.receive(message, now_);
    flush();
  }
  void flush() { out_ = testing::flush_at_once(replica_, now_); }
  void pass(Duration time) {
    now_ += time;
    replica_.tick(now_);
    flush();
  }
  /// Time passes up to the replica's own next timer.
  void wake() {
    now_ = std::max(now_, wake_at());
    replica_.tick(now_);
    flush();
  }
  TimePoint wake_at() {
    replica_.tick(now_);
    flush();
    return out_.wake_at;
  }

  template <class Type>
  std::vector<Type> sent() const {
    std::vector<Type> found;
    for (const Envelope& envelope : out_.messages) {
      if (const auto* message = std::get_if<Type>(&envelope.message)) found.push_back(*message);
    }
    return found;
  }
  template <class Type>
  bool happened() const {
    return std::any_of(out_.events.begin(), out_.events.end(),
                       [](const Event& e) { return std::holds_alternative<Type>(e); });
  }

  /// Makes n1 the leader with empty promises of n2 and n3. Returns its ballot.
  Ballot lead() {
    wake();
    const Ballot ballot = sent<Prepare>().at(0).ballot;
    receive(Promise{ballot, {2}, {1}, {}, {}});
    receive(Promise{ballot, {3}, {1}, {}, {}});
    EXPECT_EQ(replica_.status().role, RoleName::leader);
    return ballot;
  }
  /// n2 and n3 accept slots of n1's ballot.
  void choose(Ballot ballot, std::uint64_t from, std::uint64_t through = 0) {
    receive(Accepted{ballot, {from}, {std::max(from, through)}, {2}});
    receive(Accepted{ballot, {from}, {std::max(from, through)}, {3}});
  }
  void acknowledge_view(Ballot ballot, NodeId node, SequenceNumber committed = {}) {
    receive(Heartbeat{ballot, node, committed, committed, true});
  }

  TimePoint now_;
  Replica replica_{config(), 1, now_};
  Output out_;
};

inline const Ballot b1{1, {2}};
inline const Ballot b2{2, {3}};

}  // namespace paxbank
