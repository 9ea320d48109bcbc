#pragma once

#include "paxbank/core/acceptor.hpp"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace paxbank::storage {

/// Something is wrong with what a node kept, or it cannot be kept any more; in words for the user,
/// with the place. Whoever gets this from write() must not count on anything of that batch, and
/// must not write again.
struct StoreError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Durability {
  process,  ///< what is written survives the process: the kernel has it
  power,    ///< it survives the machine: it is synced
};

/// Whose a store is. What another cluster's node promised is not to be mixed up with one's own.
struct Identity {
  std::uint64_t cluster = 0;  ///< drawn when the cluster was made
  std::uint32_t node = 0;
  std::uint32_t nodes = 0;
  std::uint32_t accounts = 0;
  bool operator==(const Identity&) const = default;

  /// In words, as an error names it.
  [[nodiscard]] std::string text() const;
};

/// What a node keeps over its death: the changes of its acceptor, in the order in which they were
/// written. It knows no rule of the protocol.
///
/// Underneath is RocksDB: a batch is written all of it or not at all, everything has a checksum,
/// and a lock keeps a second process out. The ballots and the checkpoint have a key each, and every
/// batch's entries have one; the write that brings a checkpoint deletes those that it stands for.
class Store {
 public:
  /// Makes an empty store; one that is there stays as it is. Throws StoreError.
  static void create(const std::filesystem::path& directory, const Identity& identity);

  /// Opens a store, which must be there and belong to this node. Throws StoreError.
  Store(const std::filesystem::path& directory, const Identity& identity, Durability durability);
  /// Opens somebody's store for reading, also while its node runs. Throws StoreError.
  explicit Store(const std::filesystem::path& directory);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  [[nodiscard]] const Identity& identity() const { return identity_; }

  /// What was kept. To be called once, and before the first write(). Throws StoreError.
  [[nodiscard]] Acceptor recover(const BankConfig& bank);

  /// Keeps a batch, all of it or nothing, and returns when that is done. Throws StoreError.
  void write(const Persist& batch);

  /// What it takes on the disk.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  class Engine;
  /// A batch's entries.
  struct Record {
    std::uint64_t number = 0;
    SequenceNumber last;  ///< the highest slot that they name
  };

  void read_identity();
  [[nodiscard]] std::uint64_t drop_until(SequenceNumber base);

  std::filesystem::path directory_;
  Identity identity_;
  Durability durability_ = Durability::process;
  std::unique_ptr<Engine> engine_;
  Ballot promised_;
  Ballot view_;
  std::deque<Record> records_;  ///< in the order in which they were written
  std::uint64_t next_ = 1;      ///< the number of the next record
  std::string bytes_;           ///< room that is used again
};

}  // namespace paxbank::storage
