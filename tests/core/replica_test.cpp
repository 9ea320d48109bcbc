// The rules of protocol.md one by one, at the level of single messages. Whole courses of events are
// in the stories, and in the simulator.
#include "core/replica_fixture.hpp"

namespace paxbank {
namespace {

using std::chrono::milliseconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- Rule 2: promises and acceptances

TEST_F(ReplicaTest, PromisesOnlyHigherBallotsAndTheVerySameAgain) {
  receive(Prepare{b2, {1}});
  EXPECT_THAT(sent<Promise>(), SizeIs(1));
  receive(Prepare{b1, {1}});
  EXPECT_THAT(sent<Promise>(), IsEmpty());
  EXPECT_EQ(sent<Heartbeat>().at(0).ballot, b2);  // says why, so that the candidate can go above it
  receive(Prepare{b2, {1}});
  EXPECT_THAT(sent<Promise>(), SizeIs(1));
}

TEST_F(ReplicaTest, AcceptsNothingBelowItsPromise) {
  receive(Prepare{b2, {1}});
  receive(Accept{b1, {1}, {request("A")}});
  EXPECT_THAT(sent<Accepted>(), IsEmpty());
  receive(NewView{b1, {{b1, {1}, request("A")}}});
  EXPECT_THAT(sent<Accepted>(), IsEmpty());
  EXPECT_EQ(replica_.log().status({1}), Status::none);
  EXPECT_EQ(replica_.acceptor().promised(), b2);
}

TEST_F(ReplicaTest, AcceptingRaisesThePromise) {
  receive(Accept{b2, {1}, {request("A")}});
  EXPECT_THAT(sent<Accepted>(), SizeIs(1));
  EXPECT_EQ(replica_.acceptor().promised(), b2);
  receive(NewView{{3, {4}}, {}});
  EXPECT_EQ(replica_.acceptor().promised(), (Ballot{3, {4}}));
}

TEST_F(ReplicaTest, AStaleHeartbeatOrCommitLowersNothing) {
  receive(NewView{b2, {{b2, {1}, request("A")}}});
  receive(Heartbeat{b1, {2}, {}, {}, true});
  EXPECT_EQ(replica_.acceptor().promised(), b2);
  EXPECT_EQ(replica_.status().follows, b2);
  receive(Commit{b1, {1}, {1}, {request("A")}});
  EXPECT_EQ(replica_.log().find({1})->ballot, b2);
  EXPECT_EQ(replica_.log().status({1}), Status::executed);
}

// --- Rules 3 and 4: electing

TEST_F(ReplicaTest, CountsEachPromiseOnce) {
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {1}, {}, {}});
  receive(Promise{ballot, {2}, {1}, {}, {}});
  EXPECT_EQ(replica_.status().role, RoleName::candidate);
  receive(Promise{ballot, {3}, {1}, {}, {}});
  EXPECT_EQ(replica_.status().role, RoleName::leader);
}

TEST_F(ReplicaTest, CountsNoPromiseForAnotherBallot) {
  wake();
  receive(Promise{{9, {1}}, {2}, {1}, {}, {}});
  receive(Promise{{9, {1}}, {3}, {1}, {}, {}});
  EXPECT_EQ(replica_.status().role, RoleName::candidate);
}

TEST_F(ReplicaTest, ReportsWhatItAcceptedWhateverItsStatus) {
  receive(NewView{b1, {{b1, {1}, request("A")}, {b1, {2}, request("C")}}});
  receive(Commit{b1, {1}, {1}, {request("A")}});
  pass(milliseconds(299));  // its leader is not heard any more
  now_ += milliseconds(1);
  receive(Prepare{b2, {1}});
  EXPECT_THAT(sent<Promise>().at(0).accept_log, SizeIs(2));
  receive(Prepare{b2, {2}});
  EXPECT_THAT(sent<Promise>().at(0).accept_log, SizeIs(1));
}

TEST_F(ReplicaTest, TheHighestBallotWinsTheMergeAndGapsBecomeNoOps) {
  receive(Accept{b2, {2}, {request("C")}});
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {1}, {}, {{b1, {2}, request("A")}}});
  receive(Promise{ballot, {4}, {1}, {}, {{b1, {4}, request("E")}}});
  const auto view = sent<NewView>().at(0).accept_log;
  ASSERT_THAT(view, SizeIs(4));
  EXPECT_EQ(view[0].command, Command{NoOp{}});
  EXPECT_EQ(view[1].command, Command{request("C")});
  EXPECT_EQ(view[2].command, Command{NoOp{}});
  EXPECT_EQ(view[3].command, Command{request("E")});
}

TEST_F(ReplicaTest, ALongLogIsPromisedInParts) {
  ReplicaConfig small = config();
  small.limits.entries_per_message = 2;
  Replica acceptor(small, 1, now_);
  NewView view{b1, {}};
  for (std::uint64_t s = 1; s <= 5; ++s) view.accept_log.push_back({b1, {s}, request("A")});
  acceptor.receive(view, now_);
  acceptor.flush();
  now_ += milliseconds(400);
  acceptor.receive(Prepare{b2, {1}}, now_);
  out_ = acceptor.flush();
  EXPECT_THAT(sent<Promise>().at(0).accept_log, SizeIs(2));
  EXPECT_EQ(sent<Promise>().at(0).next_sequence, SequenceNumber{3});
  acceptor.receive(Prepare{b2, {5}}, now_);
  out_ = acceptor.flush();
  EXPECT_THAT(sent<Promise>().at(0).accept_log, SizeIs(1));
  EXPECT_FALSE(sent<Promise>().at(0).next_sequence.has_value());
}

TEST_F(ReplicaTest, APromiseCountsOnlyWhenAllItsPartsAreIn) {
  receive(Prepare{b2, {1}});
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {1}, {}, {}});
  receive(Promise{ballot, {3}, {1}, {{2}}, {{b1, {1}, request("A")}}});
  EXPECT_EQ(replica_.status().role, RoleName::candidate);
  EXPECT_EQ(sent<Prepare>().at(0).from_sequence, SequenceNumber{2});  // asks for the rest
  receive(Promise{ballot, {3}, {3}, {}, {}});                         // a part that leaves one out
  EXPECT_EQ(replica_.status().role, RoleName::candidate);
  receive(Promise{ballot, {3}, {2}, {}, {{b1, {2}, request("C")}}});
  EXPECT_EQ(replica_.status().role, RoleName::leader);
  EXPECT_EQ(replica_.log().last(), SequenceNumber{2});
}

TEST_F(ReplicaTest, WhileALongLogIsOnItsWayWhoHasSaidAllIsKeptPatient) {
  ReplicaConfig small = config();
  small.limits.entries_per_message = 1;
  replica_ = Replica(small, 1, now_);
  wake();
  const Ballot ballot = sent<Prepare>().at(0).ballot;
  receive(Promise{ballot, {2}, {1}, {}, {}});
  receive(Promise{ballot, {3}, {1}, {{2}}, {{{0, {3}}, {1}, request("A")}}});
  const auto asked_n2 = [this] {
    return std::count_if(out_.messages.begin(), out_.messages.end(), [](const Envelope& e) {
      return e.to == Destination{NodeId{2}} && std::holds_alternative<Prepare>(e.message);
    });
  };
  pass(small.resend_min());
  EXPECT_EQ(asked_n2(), 1);
  pass(small.resend_min());  // nothing has come since
  EXPECT_EQ(asked_n2(), 0);
}

// --- Rules 5, 6, 8: committing

TEST_F(ReplicaTest, CommitsOnAQuorumEachNodeOnce) {
  const Ballot ballot = lead();
  receive(request("A"));
  EXPECT_THAT(sent<Accept>(), SizeIs(1));
  receive(Accepted{ballot, {1}, {1}, {2}});
  receive(Accepted{ballot, {1}, {1}, {2}});
  EXPECT_THAT(sent<Commit>(), IsEmpty());
  EXPECT_THAT(sent<Reply>(), IsEmpty());
  receive(Accepted{ballot, {1}, {1}, {3}});
  EXPECT_THAT(sent<Commit>(), SizeIs(1));
  EXPECT_THAT(sent<Reply>(), SizeIs(1));
  EXPECT_THAT(out_.executed, SizeIs(1));
}

TEST_F(ReplicaTest, CountsNoAcceptanceOfAnotherBallot) {
  const Ballot ballot = lead();
  receive(request("A"));
  receive(Accepted{{ballot.round + 1, {1}}, {1}, {1}, {2}});
  receive(Accepted{{ballot.round + 1, {1}}, {1}, {1}, {3}});
  EXPECT_THAT(sent<Commit>(), IsEmpty());
}

TEST_F(ReplicaTest, PipelinesAndExecutesInOrder) {
  const Ballot ballot = lead();
  receive(request("A"));
  receive(request("C"));
  EXPECT_EQ(sent<Accept>().at(0).sequence, SequenceNumber{2});  // without waiting for 1
  receive(Accepted{ballot, {2}, {2}, {2}});
  receive(Accepted{ballot, {2}, {2}, {3}});
  EXPECT_EQ(replica_.log().status({2}), Status::committed);
  EXPECT_THAT(out_.executed, IsEmpty());
  EXPECT_THAT(sent<Reply>(), IsEmpty());
  receive(Accepted{ballot, {1}, {1}, {2}});
  receive(Accepted{ballot, {1}, {1}, {3}});
  EXPECT_THAT(out_.executed, SizeIs(2));
  EXPECT_EQ(sent<Reply>().at(0).client, ClientId{"A"});
  EXPECT_EQ(sent<Reply>().at(1).client, ClientId{"C"});
}

TEST_F(ReplicaTest, ABackupWaitsForTheGapBelowACommit) {
  receive(NewView{b1, {}});
  receive(Commit{b1, {2}, {2}, {request("C")}});
  EXPECT_THAT(out_.executed, IsEmpty());
  receive(Commit{b1, {1}, {1}, {request("A")}});
  EXPECT_THAT(out_.executed, SizeIs(2));
}

// --- Rule 7: exactly once

TEST_F(ReplicaTest, ADuplicateIsProposedOnceAndAnsweredFromTheTable) {
  const Ballot ballot = lead();
  receive(request("A"));
  receive(request("A"));
  EXPECT_THAT(sent<Accept>(), IsEmpty());
  receive(Accepted{ballot, {1}, {1}, {2}});
  receive(Accepted{ballot, {1}, {1}, {3}});
  receive(request("A"));
  EXPECT_THAT(sent<Accept>(), IsEmpty());
  ASSERT_THAT(sent<Reply>(), SizeIs(1));
  EXPECT_EQ(sent<Reply>()[0].sequence, SequenceNumber{1});
}

TEST_F(ReplicaTest, WhoTookARequestAnswersItWhoeverLeads) {
  receive(NewView{b1, {}});
  receive(request("A"));
  EXPECT_THAT(sent<Request>(), SizeIs(1));  // handed on
  receive(Commit{b1, {1}, {1}, {request("A")}});
  ASSERT_THAT(sent<Reply>(), SizeIs(1));
  EXPECT_EQ(sent<Reply>()[0].ballot, b1);
  receive(Commit{b1, {2}, {2}, {request("C")}});
  EXPECT_THAT(sent<Reply>(), IsEmpty());
}

// --- Rules 11 to 13: who leads

TEST_F(ReplicaTest, WhoHearsItsLeaderGivesNoPromiseAndNamesTheLeader) {
  receive(NewView{b1, {}});
  receive(Prepare{b2, {1}});
  EXPECT_THAT(sent<Promise>(), IsEmpty());
  EXPECT_EQ(sent<Heartbeat>().at(0).ballot, b1);
  now_ += milliseconds(300);
  receive(Prepare{b2, {1}});
  EXPECT_THAT(sent<Promise>(), SizeIs(1));
}

TEST_F(ReplicaTest, AWorkingLeaderRefusesACandidate) {
  const Ballot ballot = lead();
  receive(Prepare{{9, {4}}, {1}});
  EXPECT_THAT(sent<Promise>(), IsEmpty());
  ASSERT_THAT(sent<Heartbeat>(), SizeIs(1));
  EXPECT_EQ(sent<Heartbeat>()[0].ballot, ballot);
  EXPECT_TRUE(sent<Heartbeat>()[0].in_view);
}

TEST_F(ReplicaTest, TheLeaderPreparesAboveAPromiseThatNobodyWonWith) {
  const Ballot ballot = lead();
  receive(Heartbeat{{5, {4}}, {4}, {}, {}, false});
  ASSERT_THAT(sent<Prepare>(), SizeIs(1));
  EXPECT_EQ(sent<Prepare>()[0].ballot, (Ballot{6, {1}}));
  // What its backups answered to its earlier HEARTBEATs is no refusal.
  acknowledge_view(ballot, {2});
  acknowledge_view(ballot, {3});
  acknowledge_view(ballot, {5});
  receive(Promise{{6, {1}}, {2}, {1}, {}, {}});
  receive(Promise{{6, {1}}, {4}, {1}, {}, {}});
  EXPECT_EQ(replica_.status().role, RoleName::leader);
}

TEST_F(ReplicaTest, ALeaderGivesWayToALaterOne) {
  lead();
  receive(Heartbeat{{5, {4}}, {4}, {}, {}, true});
  EXPECT_EQ(replica_.status().role, RoleName::backup);
  EXPECT_EQ(replica_.status().follows, (Ballot{5, {4}}));
}

TEST_F(ReplicaTest, ADeposedLeaderDoesNotClaimToLead) {
  const Ballot ballot = lead();
  pass(milliseconds(50));
  pass(milliseconds(601));
  EXPECT_TRUE(happened<SteppedDown>());
  receive(Prepare{{1, {0}}, {1}});
  receive(NewView{{0, {2}}, {}});
  for (const Heartbeat& answer : sent<Heartbeat>()) {
    EXPECT_EQ(answer.ballot, ballot);
    EXPECT_FALSE(answer.in_view);
  }
}

TEST_F(ReplicaTest, ALeaderThatHearsNoQuorumStepsDownWithinALeaderTimeout) {
  const Ballot ballot = lead();
  for (int i = 0; i < 20; ++i) {
    pass(milliseconds(50));
    acknowledge_view(ballot, {2});
    acknowledge_view(ballot, {3});
  }
  EXPECT_EQ(replica_.status().role, RoleName::leader);
  int beats = 0;
  while (replica_.status().role == RoleName::leader && beats < 100) {
    pass(milliseconds(50));
    acknowledge_view(ballot, {2});  // one of four is no quorum
    ++beats;
  }
  EXPECT_LE(beats, 13);
}

TEST_F(ReplicaTest, ARefusedCandidateKeepsItsRound) {
  receive(NewView{b1, {}});
  wake();
  const Ballot first = sent<Prepare>().at(0).ballot;
  for (std::uint32_t n = 2; n <= 4; ++n) receive(Heartbeat{b1, {n}, {}, {}, n != 2});
  EXPECT_EQ(replica_.status().role, RoleName::backup);
  EXPECT_EQ(replica_.acceptor().promised(), b1);  // it can still follow the leader
  wake();
  EXPECT_EQ(sent<Prepare>().at(0).ballot, first);
  receive(Heartbeat{{7, {5}}, {4}, {}, {}, true});
  receive(Heartbeat{{7, {5}}, {3}, {}, {}, true});
  receive(Heartbeat{{7, {5}}, {2}, {}, {}, true});
  wake();
  EXPECT_EQ(sent<Prepare>().at(0).ballot, (Ballot{8, {1}}));  // somebody has gone above it
}

// --- Rules 14 to 16: nothing is forgotten

TEST_F(ReplicaTest, ALaggingNodeIsSentWhatItLacksWithoutTraffic) {
  const Ballot ballot = lead();
  for (std::int64_t t = 1; t <= 3; ++t) {
    receive(request("A", t));
    choose(ballot, static_cast<std::uint64_t>(t));
  }
  pass(milliseconds(400));
  acknowledge_view(ballot, {5}, {1});
  const auto commits = sent<Commit>();
  ASSERT_THAT(commits, SizeIs(1));
  EXPECT_EQ(commits[0].sequence, SequenceNumber{2});
  EXPECT_THAT(commits[0].commands, SizeIs(2));
}

TEST_F(ReplicaTest, WhatIsNotAcknowledgedIsSentAgainWithBackOff) {
  const Ballot ballot = lead();
  acknowledge_view(ballot, {2});
  acknowledge_view(ballot, {3});
  receive(request("A"));
  std::vector<int> beats_with_accept;
  for (int beat = 1; beat <= 40; ++beat) {
    pass(milliseconds(50));
    const auto again = sent<Accept>();
    for (const NodeId node : {NodeId{2}, NodeId{3}}) {
      receive(Heartbeat{ballot, node, {}, {}, true});
    }
    if (!again.empty()) beats_with_accept.push_back(beat);
  }
  ASSERT_GE(beats_with_accept.size(), 3U);
  EXPECT_GT(beats_with_accept[2] - beats_with_accept[1],
            beats_with_accept[1] - beats_with_accept[0]);
}

TEST_F(ReplicaTest, ANewViewIsSentAgainUntilItIsAcknowledged) {
  const Ballot ballot = lead();
  acknowledge_view(ballot, {2});
  std::vector<NewView> again;
  for (int beat = 0; beat < 5; ++beat) {
    receive(Heartbeat{ballot, {3}, {}, {}, false});
    pass(milliseconds(50));
    for (const NewView& view : sent<NewView>()) again.push_back(view);
  }
  EXPECT_FALSE(again.empty());
  acknowledge_view(ballot, {3});
  pass(milliseconds(500));
  EXPECT_THAT(sent<NewView>(), IsEmpty());
}

TEST_F(ReplicaTest, ARequestIsKeptUntilALeaderIsKnown) {
  receive(request("A"));
  EXPECT_THAT(out_.messages, IsEmpty());
  receive(NewView{b1, {}});
  ASSERT_THAT(sent<Request>(), SizeIs(1));
  receive(Heartbeat{b1, {2}, {}, {}, true});
  EXPECT_THAT(sent<Request>(), IsEmpty());
  receive(NewView{b2, {}});  // a new leader is told again
  EXPECT_THAT(sent<Request>(), SizeIs(1));
}

TEST_F(ReplicaTest, ARequestDoesNotGoRoundAtTheSpeedOfTheWire) {
  receive(NewView{b1, {}});
  receive(request("A"));
  EXPECT_THAT(sent<Request>(), SizeIs(1));
  receive(request("A"));
  EXPECT_THAT(sent<Request>(), IsEmpty());
  now_ += milliseconds(200);
  receive(request("A"));
  EXPECT_THAT(sent<Request>(), SizeIs(1));
}

TEST_F(ReplicaTest, ALeaderProposesWhatItHadTakenAsABackup) {
  receive(request("A"));
  lead();
  ASSERT_THAT(sent<Accept>(), SizeIs(1));
  EXPECT_EQ(sent<Accept>()[0].commands.at(0), Command{request("A")});
}

// --- Rule 18: bounds

TEST_F(ReplicaTest, TheProposalsInFlightAreBoundedAndTheRestWaitsItsTurn) {
  ReplicaConfig small = config();
  small.limits.proposals_in_flight = 2;
  replica_ = Replica(small, 1, now_);
  const Ballot ballot = lead();
  for (const char* client : {"A", "B", "C", "D"}) receive(request(client));
  EXPECT_EQ(replica_.status().in_flight, 2U);
  receive(Accepted{ballot, {1}, {1}, {2}});
  receive(Accepted{ballot, {1}, {1}, {3}});
  EXPECT_EQ(sent<Accept>().at(0).sequence, SequenceNumber{3});
  EXPECT_EQ(replica_.status().in_flight, 2U);
}

TEST_F(ReplicaTest, ASlotNumberOutOfTheBlueTakesNoMemory) {
  receive(NewView{b1, {}});
  receive(Accept{b1, {1'000'000'000'000}, {request("A")}});
  receive(Commit{b1, {1'000'000'000'000}, {1'000'000'000'000}, {request("A")}});
  receive(NewView{b1, {{b1, {1'000'000'000'000}, request("A")}}});
  EXPECT_EQ(replica_.log().last(), SequenceNumber{0});
}

// --- Injected failures

TEST_F(ReplicaTest, ADisconnectedNodeDropsEverythingAndItsTimersStandStill) {
  receive(NewView{b1, {}});
  replica_.disconnect(now_);
  flush();
  EXPECT_EQ(out_.wake_at, never);
  receive(Accept{b1, {1}, {request("A")}});
  EXPECT_THAT(out_.messages, IsEmpty());
  EXPECT_EQ(replica_.log().last(), SequenceNumber{0});
  pass(milliseconds(10'000));
  EXPECT_THAT(out_.messages, IsEmpty());
  replica_.reconnect(now_);
  flush();
  EXPECT_GE(out_.wake_at, now_ + milliseconds(300));  // a full leader timeout
  EXPECT_EQ(replica_.status().role, RoleName::backup);
}

TEST_F(ReplicaTest, APausedNodeHandlesMessagesButItsTimersStandStill) {
  replica_.pause(now_);
  flush();
  EXPECT_EQ(out_.wake_at, never);
  pass(milliseconds(10'000));
  EXPECT_THAT(out_.messages, IsEmpty());
  receive(NewView{b1, {}});
  EXPECT_EQ(replica_.status().follows, b1);
  replica_.resume(now_);
  flush();
  EXPECT_GE(out_.wake_at, now_ + milliseconds(300));
}

}  // namespace
}  // namespace paxbank
