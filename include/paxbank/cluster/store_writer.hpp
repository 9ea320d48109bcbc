#pragma once

#include "paxbank/storage/store.hpp"

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <string>

namespace paxbank::cluster {

/// Writes a node's batches, one after the other. What only the kernel has to take is written at
/// once; what must be synced is written on a thread beside the loop, which goes on meanwhile.
class StoreWriter {
 public:
  struct Handler {
    /// Called in the loop after each write that was done beside it.
    std::function<void()> written;
    /// A write has failed, and there must be no other. Nobody knows what is kept of it.
    std::function<void(const std::string& why)> failed;
  };

  StoreWriter(asio::io_context& io, storage::Store& store, storage::Durability durability,
              Handler handler);
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;
  ~StoreWriter();

  /// Returns whether it has been written already. If not, the batch must stay until it is, and no
  /// other be written.
  bool write(const Persist& batch);
  /// Waits until what is being written beside has been.
  void wait();

 private:
  void finish();
  bool succeeds(const std::function<void()>& write) const;

  asio::io_context& io_;
  storage::Store& store_;
  Handler handler_;
  std::optional<asio::thread_pool> beside_;
  std::future<void> writing_;  ///< valid while something is written beside the loop
  std::uint64_t writes_ = 0;   ///< begun beside the loop
};

}  // namespace paxbank::cluster
