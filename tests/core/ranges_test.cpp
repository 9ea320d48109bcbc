// Many slots in one message, COMMITs that travel along, and checkpoints.
#include "core/replica_fixture.hpp"

namespace paxbank {
namespace {

using std::chrono::milliseconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- Many slots in one message

TEST_F(ReplicaTest, WhatGathersBetweenTwoFlushesLeavesAsOneMessage) {
  const Ballot ballot = lead();
  for (const char* client : {"A", "B", "C"}) replica_.receive(request(client), now_);
  flush();
  ASSERT_THAT(sent<Accept>(), SizeIs(1));
  EXPECT_EQ(sent<Accept>()[0].sequence, SequenceNumber{1});
  EXPECT_THAT(sent<Accept>()[0].commands, SizeIs(3));
  choose(ballot, 1, 3);
  const auto commits = sent<Commit>();
  ASSERT_THAT(commits, SizeIs(1));
  EXPECT_EQ(commits[0].through, SequenceNumber{3});
  EXPECT_THAT(commits[0].commands, IsEmpty());
  EXPECT_THAT(sent<Reply>(), SizeIs(3));
}

TEST_F(ReplicaTest, SlotsInARowAreAcceptedInOneAnswer) {
  receive(Accept{b1, {1}, {request("A"), request("B"), NoOp{}}});
  EXPECT_THAT(sent<Accepted>(), ::testing::ElementsAre(Accepted{b1, {1}, {3}, {1}}));
}

TEST_F(ReplicaTest, ACommitWithoutCommandsSpeaksOnlyOfWhatWasAcceptedInItsBallot) {
  receive(Accept{b1, {1}, {request("A"), request("B")}});
  receive(Accept{b2, {2}, {request("C")}});
  receive(Commit{b2, {1}, {2}, {}});
  EXPECT_EQ(replica_.log().status({1}), Status::accepted);  // b2 may have chosen another one there
  EXPECT_EQ(replica_.log().status({2}), Status::committed);
  receive(Commit{b2, {1}, {1}, {request("A")}});
  EXPECT_EQ(replica_.log().executed(), SequenceNumber{2});
}

TEST_F(ReplicaTest, AnAcceptTeachesBeforeItIsAccepted) {
  // Found by the simulator (seed 194): what it commits may bring within reach what it proposes.
  ReplicaConfig narrow = config();
  narrow.limits.proposals_in_flight = narrow.limits.slots_ahead = 2;
  replica_ = Replica(narrow, 1, now_);
  receive(Accept{b1, {1}, {request("A"), request("B")}});
  receive(Accept{b1, {3}, {request("C")}, {2}});
  EXPECT_EQ(replica_.log().executed(), SequenceNumber{2});
  EXPECT_EQ(replica_.log().status({3}), Status::accepted);
}

/// A leader whose COMMITs wait for an ACCEPT to go with.
class DelayedCommitTest : public ReplicaTest {
 protected:
  DelayedCommitTest() { delay(milliseconds(2)); }

  void delay(milliseconds time) {
    ReplicaConfig patient = config();
    patient.commit_delay = time;
    patient.limits.checkpoint_interval = 1;
    replica_ = Replica(patient, 1, now_);
  }
};

TEST_F(DelayedCommitTest, ACommitTravelsWithTheNextAccept) {
  const Ballot ballot = lead();
  receive(request("A"));
  choose(ballot, 1);
  EXPECT_THAT(sent<Commit>(), IsEmpty());
  EXPECT_THAT(sent<Reply>(), SizeIs(1));  // the client does not wait for it
  receive(request("B"));
  EXPECT_EQ(sent<Accept>().at(0).committed, SequenceNumber{1});
  pass(milliseconds(10));
  EXPECT_THAT(sent<Commit>(), IsEmpty());
}

TEST_F(DelayedCommitTest, ACommitGoesAloneWhenNothingComes) {
  const Ballot ballot = lead();
  receive(request("A"));
  choose(ballot, 1);
  EXPECT_EQ(out_.wake_at, now_ + milliseconds(2));
  pass(milliseconds(2));
  ASSERT_THAT(sent<Commit>(), SizeIs(1));
  EXPECT_THAT(sent<Commit>()[0].commands, SizeIs(1));
}

TEST_F(DelayedCommitTest, WhileTimersStandStillNothingWaits) {
  const Ballot ballot = lead();
  receive(request("A"));
  choose(ballot, 1);
  replica_.pause(now_);
  flush();
  EXPECT_THAT(sent<Commit>(), SizeIs(1));
  receive(request("B"));
  choose(ballot, 2);
  EXPECT_THAT(sent<Commit>(), SizeIs(1));
}

TEST_F(DelayedCommitTest, WhatIsGoneIsNotAnnouncedAnyMore) {
  // Found by the simulator (seed 1786): the others had learned of it, and the log before it was
  // gone.
  delay(milliseconds(100));
  const Ballot ballot = lead();
  receive(request("A"));
  choose(ballot, 1);
  for (const std::uint32_t node : {2U, 3U}) {
    receive(Heartbeat{ballot, {node}, {1}, {1}, true});
  }
  pass(milliseconds(60));
  EXPECT_EQ(replica_.log().base(), SequenceNumber{1});
  pass(milliseconds(60));
  EXPECT_THAT(sent<Commit>(), IsEmpty());
}

// --- Checkpoints

/// A log of eight slots, a checkpoint after each four.
class CheckpointTest : public ReplicaTest {
 protected:
  CheckpointTest() {
    ReplicaConfig small = config();
    small.limits.checkpoint_interval = 4;
    replica_ = Replica(small, 1, now_);
  }

  Ballot lead_and_execute(std::int64_t count) {
    const Ballot ballot = lead();
    for (std::int64_t t = 1; t <= count; ++t) {
      receive(request("A", t));
      choose(ballot, static_cast<std::uint64_t>(t));
    }
    return ballot;
  }
  void acknowledge(Ballot ballot, NodeId node, std::uint64_t executed) {
    receive(Heartbeat{ballot, node, {executed}, {executed}, true});
  }
};

TEST_F(CheckpointTest, TheLogGoesOnceAQuorumHasExecutedIt) {
  const Ballot ballot = lead_and_execute(6);
  acknowledge(ballot, {2}, 6);
  acknowledge(ballot, {3}, 3);
  pass(milliseconds(60));
  EXPECT_EQ(replica_.log().base(), SequenceNumber{0});
  EXPECT_EQ(sent<Heartbeat>().at(0).stable, SequenceNumber{3});
  acknowledge(ballot, {3}, 6);
  pass(milliseconds(60));
  EXPECT_EQ(replica_.log().base(), SequenceNumber{4});
  EXPECT_EQ(replica_.log().status({4}), Status::executed);
  EXPECT_EQ(replica_.acceptor().checkpoint().executed(), SequenceNumber{4});
  EXPECT_EQ(replica_.acceptor().checkpoint().bank().balances().at({"J"}), Amount{14});
  EXPECT_TRUE(happened<Compacted>());
}

TEST_F(CheckpointTest, ANodeBehindTheLogIsSentTheCheckpointAndTheRest) {
  const Ballot ballot = lead_and_execute(6);
  for (const std::uint32_t node : {2U, 3U}) acknowledge(ballot, {node}, 6);
  wake();
  pass(milliseconds(400));
  acknowledge(ballot, {5}, 1);
  ASSERT_THAT(sent<Checkpoint>(), SizeIs(1));
  const Checkpoint checkpoint = sent<Checkpoint>()[0];
  const Commit rest = sent<Commit>().at(0);
  EXPECT_EQ(checkpoint.sequence, SequenceNumber{4});
  EXPECT_EQ(rest.sequence, SequenceNumber{5});

  ReplicaConfig other = config();
  other.id = {5};
  Replica behind(other, 5, now_);
  behind.receive(rest, now_);
  EXPECT_EQ(behind.log().executed(), SequenceNumber{0});
  behind.receive(request("A", 4),
                 now_);  // its client asked here, and is answered from the checkpoint
  behind.flush();
  behind.receive(checkpoint, now_);
  EXPECT_EQ(behind.log().executed(), SequenceNumber{6});
  EXPECT_EQ(behind.bank().balances(), replica_.bank().balances());
  out_ = behind.flush();
  ASSERT_THAT(sent<Reply>(), SizeIs(1));
  EXPECT_EQ(sent<Reply>()[0].sequence, SequenceNumber{4});
}

TEST_F(CheckpointTest, ACandidateBehindTheLogGetsTheCheckpointBeforeThePromise) {
  const Ballot ballot = lead_and_execute(6);
  for (const std::uint32_t node : {2U, 3U}) acknowledge(ballot, {node}, 6);
  wake();
  pass(milliseconds(700));  // nobody is heard: it steps down
  wake();
  receive(Prepare{{9, {5}}, {1}});
  ASSERT_THAT(sent<Checkpoint>(), SizeIs(1));
  ASSERT_THAT(sent<Promise>(), SizeIs(1));
  EXPECT_EQ(sent<Promise>()[0].from_sequence, SequenceNumber{5});
  EXPECT_THAT(sent<Promise>()[0].accept_log, SizeIs(2));
}

TEST_F(ReplicaTest, APromiseThatBeginsAfterAGapIsNotCounted) {
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {5}, {}, {}});
  receive(Promise{ballot, {3}, {1}, {}, {}});
  EXPECT_EQ(replica_.status().role, RoleName::candidate);
  Checkpoint checkpoint = StateMachine(default_bank()).to_checkpoint({2});
  checkpoint.sequence = {4};
  receive(checkpoint);
  receive(Promise{ballot, {2}, {5}, {}, {}});
  EXPECT_EQ(replica_.status().role, RoleName::leader);
  EXPECT_EQ(replica_.log().committed(), SequenceNumber{4});
}

TEST_F(ReplicaTest, ACheckpointOfAnotherBankIsRefused) {
  Checkpoint checkpoint = StateMachine(default_bank()).to_checkpoint({2});
  checkpoint.sequence = {4};
  checkpoint.balances[0].second.value += 1;
  receive(checkpoint);
  EXPECT_TRUE(happened<Refused>());
  EXPECT_EQ(replica_.log().executed(), SequenceNumber{0});
}

TEST_F(ReplicaTest, ALateCheckpointTakesNothingBack) {
  const Checkpoint old = replica_.state_machine().to_checkpoint({2});
  receive(Commit{b1, {1}, {1}, {request("A")}});
  receive(old);
  EXPECT_EQ(replica_.log().executed(), SequenceNumber{1});
}

}  // namespace
}  // namespace paxbank
