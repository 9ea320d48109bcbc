#include "paxbank/storage/store.hpp"

#include "paxbank/storage/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/same_acceptor.hpp"
#include "temporary_directory.hpp"
#include <fstream>

namespace paxbank::storage {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

const Ballot b1{1, {2}};
const Ballot b2{2, {3}};

AcceptedEntry entry(Ballot ballot, std::uint64_t sequence, std::int64_t timestamp = 1) {
  return {ballot, {sequence}, Request{{"client A"}, {timestamp}, {{"A"}, {"B"}, {-3}}}};
}

TEST(Record, EntriesAreReadAsTheyWereWritten) {
  Entries entries;
  entries.accepted = {entry(b1, 7), entry(b1, 8), entry(b2, 8, 1'000'000'007), entry(b1, 9'000)};
  entries.accepted.push_back({b2, {1}, NoOp{}});
  entries.accepted.push_back(
      {{round_limit - 1, {9}}, {2}, Request{{"A"}, {-1}, {{"A"}, {"fifteen bytes.."}, {7}}}});
  entries.learned = {entry(b2, 3)};
  std::string bytes = "what was there before";
  encode(entries.accepted, entries.learned, bytes);
  EXPECT_EQ(decode_entries(bytes), entries);
}

TEST(Record, AUsualEntryIsShort) {
  std::vector<AcceptedEntry> accepted;
  for (std::uint64_t s = 1; s <= 1'000; ++s) {
    accepted.push_back(
        {b1, {s}, Request{{"c123"}, {static_cast<std::int64_t>(s)}, {{"c123"}, {"c124"}, {1}}}});
  }
  std::string bytes;
  encode(accepted, {}, bytes);
  EXPECT_LT(bytes.size(), accepted.size() * 16);
}

TEST(Record, NothingThatIsCutOffOrGoesOnIsRead) {
  std::string entries;
  encode({entry(b1, 7), {b2, {8}, NoOp{}}}, {entry(b1, 2)}, entries);
  std::string ballots;
  encode(Ballots{b2, b1}, ballots);
  std::string checkpoint;
  StateMachine machine(default_bank());
  machine.execute({1}, entry(b1, 1).command);
  encode(machine.to_checkpoint({2}), checkpoint);
  EXPECT_EQ(decode_ballots(ballots), (Ballots{b2, b1}));
  EXPECT_TRUE(decode_checkpoint(checkpoint).has_value());
  for (std::size_t size = 0; size < checkpoint.size(); ++size) {
    EXPECT_FALSE(decode_entries(entries.substr(0, std::min(size, entries.size() - 1))));
    EXPECT_FALSE(decode_ballots(ballots.substr(0, std::min(size, ballots.size() - 1))));
    EXPECT_FALSE(decode_checkpoint(checkpoint.substr(0, size)));
  }
  EXPECT_FALSE(decode_entries(entries + "x"));
  EXPECT_FALSE(decode_ballots(ballots + "x"));
  EXPECT_FALSE(decode_checkpoint(checkpoint + "x"));
}

TEST(Record, WhateverTheBytesAreNothingBreaks) {
  std::string bytes;
  encode({entry(b1, 7), entry(b2, 9, 300)}, {entry(b1, 2)}, bytes);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string other = bytes;
      other[at] = static_cast<char>(value);
      (void)decode_entries(other);
      (void)decode_ballots(other);
      (void)decode_checkpoint(other);
    }
  }
}

class StoreTest : public ::testing::Test {
 protected:
  static Identity identity() { return {.cluster = 7, .node = 3, .nodes = 5, .accounts = 10}; }

  StoreTest() { Store::create(path(), identity()); }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "n3"; }

  /// What a node that starts now would be.
  [[nodiscard]] Acceptor recovered() const {
    return Store(path(), identity(), Durability::process).recover(default_bank());
  }

  /// Stores what changed in the acceptor, as one batch.
  void store(Store& store) {
    Persist batch;
    acceptor_.take_changes(batch);
    store.write(batch);
  }

  StateMachine executed_until(std::uint64_t last) {
    StateMachine machine(acceptor_.checkpoint());
    while (machine.executed().value < last) {
      acceptor_.execute_next();
      machine.execute(machine.executed().next(),
                      acceptor_.log().find(machine.executed().next())->command);
    }
    return machine;
  }

  testing::TemporaryDirectory directory_;
  Acceptor acceptor_{default_bank()};
};

TEST_F(StoreTest, AnEmptyOneMakesANewAcceptor) {
  EXPECT_TRUE(testing::keeps_the_same(recovered(), Acceptor(default_bank())));
}

TEST_F(StoreTest, WhatWasWrittenIsThereInOrder) {
  {
    Store kept(path(), identity(), Durability::power);
    (void)kept.recover(default_bank());
    acceptor_.promise(b1);
    acceptor_.accept(b1, {1}, entry(b1, 1).command);
    acceptor_.accept(b1, {2}, entry(b1, 2, 2).command);
    store(kept);
    acceptor_.enter_view(b2);
    acceptor_.accept(b2, {2}, entry(b2, 2, 3).command);
    acceptor_.commit(b1, {5}, entry(b1, 5, 4).command);
    store(kept);
  }
  EXPECT_TRUE(testing::keeps_the_same(recovered(), acceptor_));
}

TEST_F(StoreTest, ACheckpointTakesThePlaceOfTheRecordsThatItStandsFor) {
  {
    Store kept(path(), identity(), Durability::process);
    (void)kept.recover(default_bank());
    for (std::uint64_t s = 1; s <= 100; ++s) {
      acceptor_.accept(b1, {s}, entry(b1, s, static_cast<std::int64_t>(s)).command);
      acceptor_.commit(b1, {s}, entry(b1, s, static_cast<std::int64_t>(s)).command);
      store(kept);
    }
    acceptor_.compact(executed_until(90));
    store(kept);
  }
  const Acceptor now = recovered();
  EXPECT_TRUE(testing::keeps_the_same(now, acceptor_));
  EXPECT_EQ(now.log().base(), SequenceNumber{90});
  EXPECT_NE(now.checkpoint().session({"client A"}), nullptr);
  // And it goes on from there, with numbers that were not used before.
  {
    Store kept(path(), identity(), Durability::process);
    (void)kept.recover(default_bank());
    acceptor_.accept(b1, {101}, entry(b1, 101, 101).command);
    store(kept);
  }
  EXPECT_TRUE(testing::keeps_the_same(recovered(), acceptor_));
}

TEST_F(StoreTest, AnothersIsRefusedAndSaysWhose) {
  Identity other = identity();
  other.nodes = 3;
  try {
    Store(path(), other, Durability::process);
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("holds what n3 of 5 nodes with 10 accounts"));
    EXPECT_THAT(error.what(), HasSubstr("this is n3 of 3 nodes"));
  }
}

TEST_F(StoreTest, OneThatIsNotThereIsNotMade) {
  EXPECT_THROW(Store(directory_.path() / "n4", identity(), Durability::process), StoreError);
}

TEST_F(StoreTest, ASecondProcessIsKeptOutButMayRead) {
  const Store kept(path(), identity(), Durability::process);
  EXPECT_THROW(Store(path(), identity(), Durability::process), StoreError);
  EXPECT_EQ(Store(path()).identity(), identity());
}

TEST_F(StoreTest, ATornBatchIsLeftOutAndAnyOtherDamageIsTold) {
  {
    Store kept(path(), identity(), Durability::process);
    (void)kept.recover(default_bank());
    for (std::uint64_t s = 1; s <= 3; ++s) {
      acceptor_.accept(b1, {s}, entry(b1, s).command);
      store(kept);
    }
  }
  std::filesystem::path log;
  for (const auto& file : std::filesystem::directory_iterator(path())) {
    if (file.path().extension() == ".log" && file.file_size() > 0) log = file.path();
  }
  ASSERT_FALSE(log.empty());
  std::ifstream in(log, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  const auto rewrite = [&](const std::string& bytes) {
    std::ofstream(log, std::ios::binary | std::ios::trunc) << bytes;
  };
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(~damaged[whole.size() / 2]);
  rewrite(damaged);
  try {
    (void)recovered();
    ADD_FAILURE();
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr(path().string()));
    EXPECT_THAT(error.what(), HasSubstr("Corruption"));
  }
  rewrite(whole.substr(0, whole.size() - 3));
  EXPECT_EQ(recovered().log().last(), SequenceNumber{2});
}

}  // namespace
}  // namespace paxbank::storage
