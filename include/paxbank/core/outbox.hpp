#pragma once

#include "paxbank/core/output.hpp"

#include <vector>

namespace paxbank {

/// What a node's outputs ask to be stored and sent, between its replica and its driver: a message
/// leaves when what it rests on has been stored, and one that rests on nothing new does not wait.
/// One batch is stored at a time, and what gathers meanwhile is the next one (group commit); so the
/// leader's own write runs beside those of its followers (Ongaro, "Consensus: Bridging Theory and
/// Practice", 10.2.1; etcd's raft, `AsyncStorageWrites`).
class Outbox {
 public:
  /// `entries_unstored`: as in Limits.
  explicit Outbox(std::uint64_t entries_unstored = Limits{}.entries_unstored)
      : entries_unstored_(entries_unstored) {}

  /// So much waits for being stored that the driver must not hand the replica anything before a
  /// batch is stored.
  [[nodiscard]] bool full() const {
    return gathering_.persist.accepted.size() + gathering_.persist.learned.size() >=
           entries_unstored_;
  }

  /// Takes over what `output` asks to be stored and sent.
  void add(Output& output);

  /// Begins with the next batch: it must be stored, all of it or nothing, and then stored() be
  /// called. Null where there is nothing to store, or the last one is still being stored.
  [[nodiscard]] const Persist* store_next();
  /// The batch that was begun with has been stored.
  void stored();
  [[nodiscard]] bool storing() const { return is_storing_; }

  /// What may leave now, oldest first; to be emptied by the driver. Messages of the node to itself
  /// are its own votes, and go to `Replica::take_own_vote`.
  [[nodiscard]] std::vector<Envelope>& ready() { return ready_; }

 private:
  struct Batch {
    Persist persist;
    std::vector<Envelope> messages;  ///< that rest on it

    [[nodiscard]] bool changes_ballot() const { return persist.promised || persist.view; }
  };

  [[nodiscard]] Batch* rests_on(const Message& message);

  std::uint64_t entries_unstored_;
  Batch gathering_;
  Batch storing_;
  bool is_storing_ = false;
  std::vector<Envelope> ready_;
};

}  // namespace paxbank
