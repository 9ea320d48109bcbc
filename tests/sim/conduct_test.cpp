// A checker that cannot fail is none: each is shown what it is there to find, and what it must not
// mind.
#include "paxbank/sim/conduct.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paxbank::sim {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const NodeId n1{1};
const NodeId n2{2};
const NodeId n3{3};
const Ballot b2{2, n2};
const Ballot b3{3, n3};

Request request(const char* client) { return {{client}, {1}, {{client}, {"J"}, {1}}}; }

/// What n1 does, which is not at fault, and what the test makes of it.
class ConductTest : public ::testing::Test {
 protected:
  static ReplicaConfig config() {
    ReplicaConfig config;
    config.id = n1;
    config.limits.entries_per_message = 2;
    config.limits.commits_per_message = 2;
    config.limits.catch_up_window = 4;
    return config;
  }
  OnViolation note() {
    return [this](const Violation& violation) { found_.emplace_back(violation.rule); };
  }
  void receive(const Message& message) { replica_.receive(message, now_); }
  /// n1 accepts something of n2, which leads.
  void accept(std::uint64_t sequence, const char* client) {
    receive(Accept{.ballot = b2, .sequence = {sequence}, .commands = {request(client)}});
  }

  ReplicaConfig config_ = config();
  TimePoint now_;
  Replica replica_{config_, 1, now_};
  std::vector<std::string> found_;
};

TEST_F(ConductTest, APromiseWhileALeaderIsHeardIsFound) {
  PromiseCheck check(config_, note());
  accept(1, "A");
  const Prepare prepare{b3, {1}};
  Acceptor acceptor = replica_.acceptor();
  acceptor.promise(b3);
  const Promise promise = acceptor.promise_message(n1, b3, {1}, config_.limits);
  check.asked(n1, replica_, prepare, now_ + config_.leader_timeout_min);  // not heard any more
  check.promised(n1, acceptor, promise);
  EXPECT_THAT(found_, IsEmpty());
  check.asked(n1, replica_, prepare, now_ + milliseconds(1));
  check.promised(n1, acceptor, promise);
  EXPECT_THAT(found_, ElementsAre("stable leader"));
}

TEST_F(ConductTest, APromiseThatIsNotTheLogIsFound) {
  PromiseCheck check(config_, note());
  Acceptor acceptor(config_.bank);
  for (const std::uint64_t s : {1U, 2U, 4U}) acceptor.accept(b2, {s}, request("A"));
  acceptor.promise(b3);
  check.asked(n1, replica_, Prepare{b3, {1}}, now_);
  const Promise whole = acceptor.promise_message(n1, b3, {1}, Limits{});
  const Promise part = acceptor.promise_message(n1, b3, {1}, config_.limits);
  ASSERT_EQ(part.next_sequence, SequenceNumber{4});
  check.promised(n1, acceptor, whole);
  check.promised(n1, acceptor, part);
  EXPECT_THAT(found_, IsEmpty());

  Promise less = whole;
  less.accept_log.pop_back();
  check.promised(n1, acceptor, less);
  Promise lower = whole;
  lower.accept_log.front().ballot.round = 1;
  check.promised(n1, acceptor, lower);
  Promise skips = part;
  skips.next_sequence = SequenceNumber{5};
  check.promised(n1, acceptor, skips);
  Promise late = whole;
  late.from_sequence = {2};
  late.accept_log.erase(late.accept_log.begin());
  check.promised(n1, acceptor, late);
  EXPECT_THAT(found_, ElementsAre("promise", "promise", "promise", "promise"));
}

TEST_F(ConductTest, WhoSpeaksAsALeaderAndIsNoneIsFound) {
  LeadershipCheck check(note());
  accept(1, "A");
  check.sends(n1, replica_, Heartbeat{b2, n1, {}, {}, true});  // it has entered n2's view
  check.sends(n1, replica_, Heartbeat{{1, n1}, n1, {}, {}, false});
  check.sends(n1, replica_, Prepare{{3, n1}, {1}});
  EXPECT_THAT(found_, IsEmpty());
  check.sends(n1, replica_, Heartbeat{{1, n1}, n1, {}, {}, true});
  check.sends(n1, replica_, NewView{{1, n1}, {}});
  check.sends(n1, replica_, Accept{.ballot = b2, .sequence = {1}, .commands = {NoOp{}}});
  check.sends(n1, replica_, Commit{b2, {1}, {1}, {}});
  EXPECT_THAT(found_, ElementsAre("leadership", "leadership", "leadership", "leadership"));
}

TEST_F(ConductTest, ALeaderMaySpeakAsOneInItsOwnBallot) {
  LeadershipCheck check(note());
  now_ += config_.leader_timeout_max;
  replica_.tick(now_);
  const Ballot own{1, n1};
  for (const NodeId node : {n2, n3}) receive(Promise{own, node, {1}, {}, {}});
  ASSERT_EQ(replica_.status().role, RoleName::leader);
  check.sends(n1, replica_, NewView{own, {}});
  EXPECT_THAT(found_, IsEmpty());
  check.sends(n1, replica_, NewView{b2, {}});
  EXPECT_THAT(found_, ElementsAre("leadership"));
}

TEST_F(ConductTest, MessagesThatHoldTooMuchAreFound) {
  BoundsCheck check(config_.limits, note());
  const AcceptLog log;
  const auto view = [](std::uint64_t entries) {
    NewView message{b2, {}};
    for (std::uint64_t s = 1; s <= entries; ++s) message.accept_log.push_back({b2, {s}, NoOp{}});
    return message;
  };
  const auto promise = [&](std::uint64_t entries) {
    return Promise{b3, n1, {1}, {}, view(entries).accept_log};
  };
  check.sending(n1, log, {AllNodes{}, view(2)});
  check.sending(n1, log, {n2, promise(2)});
  check.sending(n1, log, {n2, Commit{b2, {1}, {2}, {NoOp{}, NoOp{}}}});
  EXPECT_THAT(found_, IsEmpty());
  check.sending(n1, log, {AllNodes{}, view(3)});
  check.sending(n1, log, {n2, promise(3)});
  check.sending(n1, log, {n2, Commit{b2, {1}, {3}, {NoOp{}, NoOp{}, NoOp{}}}});
  EXPECT_THAT(found_, ElementsAre("bounds", "bounds", "bounds"));
}

TEST_F(ConductTest, TooManyCommitsUnderWayAreFound) {
  BoundsCheck check(config_.limits, note());
  const AcceptLog log;
  const auto commit = [](std::uint64_t sequence) {
    return Commit{b2, {sequence}, {sequence}, {NoOp{}}};
  };
  check.sending(n2, log, {n1, commit(4)});
  check.sending(n2, log, {AllNodes{}, commit(9)});  // all are told once: nobody lacks it yet
  check.heard(n2, Heartbeat{b2, n1, {3}, {3}, true});
  check.sending(n2, log, {n1, commit(7)});
  EXPECT_THAT(found_, IsEmpty());
  check.sending(n2, log, {n1, commit(8)});
  check.sending(n2, log, {n3, commit(5)});
  EXPECT_THAT(found_, ElementsAre("bounds", "bounds"));
}

}  // namespace
}  // namespace paxbank::sim
