#include "paxbank/core/journal.hpp"

#include <gtest/gtest.h>

namespace paxbank {
namespace {

const Ballot ballot{1, {2}};

TEST(Journal, KeepsTheLastMessagesAndCountsTheRest) {
  Journal journal(3);
  for (std::uint64_t s = 1; s <= 5; ++s)
    journal.sent({}, {AllNodes{}, Accept{ballot, {s}, {NoOp{}}}});
  ASSERT_EQ(journal.entries().size(), 3U);
  EXPECT_EQ(std::get<Accept>(journal.entries().front().message).sequence, SequenceNumber{3});
  EXPECT_EQ(journal.forgotten(), 2U);
}

TEST(Journal, AnAcceptLogWeighsAsMuchAsItsEntries) {
  Journal journal(10);
  journal.received({}, NodeId{2}, Accept{ballot, {1}, {NoOp{}}});
  journal.received({}, NodeId{2},
                   NewView{ballot, std::vector<AcceptedEntry>(9, {ballot, {1}, NoOp{}})});
  EXPECT_EQ(journal.entries().size(), 1U);
}

TEST(Journal, LeavesOutHeartbeatsWithoutNews) {
  Journal journal(10);
  Heartbeat heartbeat{ballot, {2}, {1}, {1}, true};
  journal.received({}, NodeId{2}, heartbeat);
  journal.received({}, NodeId{2}, heartbeat);
  journal.sent({}, {NodeId{2}, heartbeat});
  heartbeat.committed = {2};
  journal.received({}, NodeId{2}, heartbeat);
  EXPECT_EQ(journal.entries().size(), 3U);
  EXPECT_EQ(journal.heartbeats_left_out(), 1U);
}

TEST(Journal, PutsThePartsOfAViewTogether) {
  Journal journal(10);
  journal.saw({ballot, {{ballot, {1}, NoOp{}}, {ballot, {2}, NoOp{}}}});
  journal.saw({ballot, {{ballot, {3}, NoOp{}}}});
  journal.saw({ballot, {{ballot, {1}, NoOp{}}, {ballot, {2}, NoOp{}}}});  // sent again
  ASSERT_EQ(journal.views().size(), 1U);
  EXPECT_EQ(journal.views()[0].entries.size(), 3U);
  journal.saw({{2, {3}}, {}});
  EXPECT_EQ(journal.views().size(), 2U);
}

TEST(Journal, AViewThatDoesNotEndIsKeptToABound) {
  Journal journal(10);
  SawNewView part{ballot, {}};
  for (std::uint64_t s = 1; s <= 1'000'000; ++s) {
    part.entries.assign(1, {ballot, {s}, NoOp{}});
    journal.saw(part);
  }
  EXPECT_LE(journal.views().back().entries.size(), 100'000U);
}

}  // namespace
}  // namespace paxbank
