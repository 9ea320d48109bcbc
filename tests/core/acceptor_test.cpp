// What an acceptor hands out to be stored makes the same acceptor again.
#include "paxbank/core/acceptor.hpp"

#include <gtest/gtest.h>

#include "core/same_acceptor.hpp"

namespace paxbank {
namespace {

const Ballot b1{1, {2}};
const Ballot b2{2, {3}};

Request request(const char* client) { return {{client}, {1}, {{client}, {"J"}, {1}}}; }

class AcceptorTest : public ::testing::Test {
 protected:
  /// Stores what has changed.
  void store() {
    acceptor_.take_changes(changes_);
    stored_.apply(changes_);
    EXPECT_TRUE(testing::keeps_the_same(stored_, acceptor_));
  }
  /// Executes everything that is committed.
  void execute() {
    while (acceptor_.log().executed() < acceptor_.log().committed()) {
      const SequenceNumber next = acceptor_.log().executed().next();
      machine_.execute(next, acceptor_.execute_next().command);
    }
  }

  Acceptor acceptor_{default_bank()};
  Acceptor stored_{default_bank()};
  StateMachine machine_{default_bank()};
  Persist changes_;
};

TEST_F(AcceptorTest, NothingChangedIsNothingToStore) {
  acceptor_.take_changes(changes_);
  EXPECT_TRUE(changes_.empty());
  acceptor_.promise(b1);
  store();
  EXPECT_EQ(changes_.promised, b1);
  acceptor_.promise(b1);
  store();
  EXPECT_TRUE(changes_.empty());
}

TEST_F(AcceptorTest, APromiseAViewAndEntriesAreStored) {
  acceptor_.promise(b1);
  store();
  acceptor_.enter_view(b1);
  acceptor_.accept(b1, {1}, request("A"));
  acceptor_.accept(b1, {3}, request("C"));
  store();
  EXPECT_EQ(changes_.accepted.size(), 2U);
  acceptor_.accept(b2, {1}, request("B"));
  acceptor_.accept(b2, {2}, NoOp{});
  store();
  EXPECT_EQ(stored_.promised(), b2);
  EXPECT_EQ(stored_.log().find({1})->command, Command(request("B")));
}

TEST_F(AcceptorTest, WhatWasLearnedAndNotAcceptedIsStoredAsThat) {
  acceptor_.accept(b1, {1}, request("A"));
  EXPECT_TRUE(acceptor_.commit(b1, {1}, request("A")));
  EXPECT_TRUE(acceptor_.commit(b2, {2}, request("B")));
  store();
  EXPECT_EQ(changes_.accepted.size(), 1U);
  EXPECT_EQ(changes_.learned.size(), 1U);
  // Once in a batch, in whatever order.
  acceptor_.accept(b1, {3}, request("A"));
  EXPECT_TRUE(acceptor_.commit(b2, {3}, request("C")));
  EXPECT_TRUE(acceptor_.commit(b2, {4}, request("D")));
  acceptor_.accept({3, {1}}, {4}, request("D"));
  store();
  EXPECT_EQ(stored_.log().find({3})->command, Command(request("C")));
  EXPECT_EQ(stored_.log().find({4})->ballot, (Ballot{3, {1}}));
}

TEST_F(AcceptorTest, ACheckpointTakesThePlaceOfTheLogInStorageToo) {
  for (std::uint64_t s = 1; s <= 4; ++s) {
    acceptor_.accept(b1, {s}, request("A"));
    acceptor_.commit(b1, {s}, request("A"));
  }
  execute();
  acceptor_.accept(b1, {5}, request("B"));
  acceptor_.compact(machine_);
  acceptor_.accept(b1, {6}, request("C"));
  store();
  EXPECT_EQ(stored_.log().base(), SequenceNumber{4});
  EXPECT_EQ(stored_.log().last(), SequenceNumber{6});
  // Another node's, from further on.
  StateMachine further = machine_;
  for (std::uint64_t s = 5; s <= 9; ++s) further.execute({s}, request("D"));
  acceptor_.accept(b1, {7}, request("E"));
  acceptor_.install(further);
  store();
  EXPECT_EQ(stored_.checkpoint().executed(), SequenceNumber{9});
}

}  // namespace
}  // namespace paxbank
