// What peers and clients send that no honest one would, or that has lost count.
#include "core/replica_fixture.hpp"

namespace paxbank {
namespace {

using std::chrono::milliseconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- What no honest peer sends

TEST_F(ReplicaTest, RefusesAContradictionAndChangesNothing) {
  receive(NewView{b1, {{b1, {1}, request("A")}}});
  receive(Commit{b1, {1}, {1}, {request("A")}});
  receive(Commit{b1, {1}, {1}, {request("C")}});
  EXPECT_TRUE(happened<Refused>());
  receive(NewView{b2, {{b2, {1}, request("C")}}});
  EXPECT_TRUE(happened<Refused>());
  receive(Accept{b2, {1}, {request("C")}});
  EXPECT_TRUE(happened<Refused>());
  EXPECT_EQ(replica_.log().find({1})->command, Command{request("A")});
}

TEST_F(ReplicaTest, RefusesAPromiseOutOfOrder) {
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {1}, {}, {{b1, {2}, request("A")}, {b1, {1}, request("C")}}});
  EXPECT_TRUE(happened<Refused>());
  receive(Promise{ballot, {2}, {1}, {}, {{b1, {1'000'000'000}, request("A")}}});
  EXPECT_TRUE(happened<Refused>());
}

TEST_F(ReplicaTest, AMessageThatClaimsToBeItsOwnIsIgnored) {
  receive(Prepare{{9, {1}}, {1}});
  receive(NewView{{9, {1}}, {}});
  EXPECT_THAT(out_.messages, IsEmpty());
  EXPECT_EQ(replica_.acceptor().promised(), Ballot{});
}

// --- Peers that lie, and clients that lost count

/// Stands for election at a node that has room for eight slots at a time.
class NarrowReplicaTest : public ReplicaTest {
 protected:
  Ballot stand() {
    ReplicaConfig narrow = config();
    narrow.limits.proposals_in_flight = 4;
    narrow.limits.slots_ahead = 8;
    replica_ = Replica(narrow, 1, now_);
    wake();
    return sent<Prepare>().at(0).ballot;
  }
};

TEST_F(ReplicaTest, WhatIsCommittedHereWinsOverWhateverAPromiseClaims) {
  receive(Prepare{{5, {2}}, {1}});
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {1}, {}, {{{ballot.round - 1, {3}}, {2}, request("X")}}});
  // Stale but true: the slot is chosen, beyond the point up to where everything is known.
  receive(Commit{{4, {2}}, {2}, {2}, {request("B")}});
  receive(Promise{ballot, {4}, {1}, {}, {}});
  ASSERT_TRUE(happened<BecameLeader>());
  EXPECT_EQ(sent<NewView>().at(0).accept_log.at(1).command, Command(request("B")));
}

TEST_F(NarrowReplicaTest, APromiseWithMoreGapsThanAnybodyHasIsRefused) {
  const Ballot ballot = stand();
  const Ballot before{ballot.round - 1, {3}};
  receive(Promise{ballot, {2}, {1}, {}, {{before, {12}, request("A")}}});
  EXPECT_TRUE(happened<Refused>());
}

TEST_F(NarrowReplicaTest, APromiseInPartsThatLeaveMoreGapsThanAnybodyHasIsAskedForAnew) {
  const Ballot ballot = stand();
  receive(Promise{ballot, {3}, {1}, {}, {}});
  receive(Promise{ballot, {2}, {1}, SequenceNumber{8}, {{{0, {3}}, {6}, request("A")}}});
  receive(Promise{ballot, {2}, {8}, {}, {{{0, {3}}, {13}, request("A")}}});  // 5 gaps, and 5 more
  EXPECT_FALSE(happened<Refused>());
  EXPECT_FALSE(happened<BecameLeader>());
  receive(Promise{ballot, {2}, {1}, {}, {{{0, {3}}, {6}, request("A")}}});
  EXPECT_TRUE(happened<BecameLeader>());
}

TEST_F(ReplicaTest, PartsOfAPromiseWithoutEndEndTheCandidacy) {
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  const TimePoint stood_at = now_;
  for (std::uint64_t s = 1; replica_.status().role == RoleName::candidate; ++s) {
    ASSERT_LT(now_ - stood_at, std::chrono::seconds(20));
    receive(Promise{ballot, {2}, {s}, SequenceNumber{s + 1}, {{{0, {3}}, {s}, request("A")}}});
    pass(milliseconds(20));
  }
}

TEST_F(ReplicaTest, PartsOfAPromiseAreKeptToABound) {
  ReplicaConfig narrow = config();
  narrow.limits.entries_per_vote = 4;
  replica_ = Replica(narrow, 1, now_);
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  for (std::uint64_t s = 1; s <= 4; ++s) {
    receive(Promise{ballot, {2}, {s}, SequenceNumber{s + 1}, {{{0, {3}}, {s}, request("A")}}});
    EXPECT_THAT(sent<Prepare>(), SizeIs(1)) << s;
  }
  receive(Promise{ballot, {2}, {5}, SequenceNumber{6}, {{{0, {3}}, {5}, request("A")}}});
  EXPECT_THAT(sent<Prepare>(), IsEmpty());
}

TEST_F(ReplicaTest, APartThatBringsNothingAndIsNotTheLastIsRefused) {
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {1}, SequenceNumber{1}, {}});
  EXPECT_TRUE(happened<Refused>());
}

TEST_F(ReplicaTest, ALeaderWithoutRoundsStepsDownAndSaysSo) {
  ReplicaConfig wide = config();
  wide.limits.rounds_ahead = round_limit;
  replica_ = Replica(wide, 1, now_);
  lead();
  receive(Heartbeat{{round_limit - 1, {3}}, {2}, {}, {}, false});
  EXPECT_TRUE(happened<SteppedDown>());
  EXPECT_EQ(replica_.status().role, RoleName::backup);
}

TEST_F(ReplicaTest, ABallotOutOfReachIsRefusedAndEndsNoElections) {
  receive(Heartbeat{{round_limit - 1, {2}}, {2}, {}, {}, true});
  EXPECT_TRUE(happened<Refused>());
  wake();
  EXPECT_THAT(sent<Prepare>(), SizeIs(1));
}

TEST_F(ReplicaTest, ACandidateThatInstallsACheckpointAnswersInABallotThatCanBeRead) {
  receive(request("A"));
  wake();
  ASSERT_THAT(sent<Prepare>(), SizeIs(1));
  StateMachine machine(default_bank());
  machine.execute({1}, request("A"));
  receive(machine.to_checkpoint({2}));
  ASSERT_THAT(sent<Reply>(), SizeIs(1));
  EXPECT_GT(sent<Reply>().at(0).ballot.round, 0U);
}

TEST_F(ReplicaTest, AClientThatLostCountIsToldSo) {
  receive(Commit{b1, {1}, {1}, {request("A", 7)}});
  receive(request("A", 1));
  ASSERT_THAT(sent<Reply>(), SizeIs(1));
  EXPECT_EQ(sent<Reply>().at(0).result, Result::stale);
  EXPECT_EQ(sent<Reply>().at(0).newest, Timestamp{7});
}

TEST_F(ReplicaTest, ACrashLeavesWhatWasPromisedAndAccepted) {
  receive(Accept{b1, {1}, {request("A")}});
  receive(Commit{b1, {1}, {1}, {request("A")}});
  receive(Prepare{b2, {1}});  // refused: b1's leader is heard
  receive(Accept{b2, {2}, {request("B")}});
  Replica restarted(config(), 7, now_, replica_.acceptor());
  EXPECT_EQ(restarted.acceptor().promised(), b2);
  EXPECT_EQ(restarted.log().status({1}), Status::accepted);
  EXPECT_EQ(restarted.log().status({2}), Status::accepted);
  EXPECT_EQ(restarted.log().executed(), SequenceNumber{0});
  EXPECT_EQ(restarted.bank().balances().at({"J"}), Amount{10});
}

}  // namespace
}  // namespace paxbank
