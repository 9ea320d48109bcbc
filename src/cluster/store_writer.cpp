#include "paxbank/cluster/store_writer.hpp"

#include <asio/post.hpp>

#include <utility>

namespace paxbank::cluster {

StoreWriter::StoreWriter(asio::io_context& io, storage::Store& store,
                         storage::Durability durability, Handler handler)
    : io_(io), store_(store), handler_(std::move(handler)) {
  if (durability == storage::Durability::power) beside_.emplace(1);
}

/// What is being written is written to its end: the batch is the node's, and lives no longer.
StoreWriter::~StoreWriter() {
  if (beside_) beside_->join();
}

bool StoreWriter::write(const Persist& batch) {
  if (!beside_) {
    return succeeds([&] { store_.write(batch); });
  }
  std::packaged_task<void()> task([this, &batch] { store_.write(batch); });
  writing_ = task.get_future();
  asio::post(*beside_, [this, number = ++writes_, task = std::move(task)]() mutable {
    task();
    asio::post(io_, [this, number] {
      if (number == writes_) finish();  // unless it was waited for
    });
  });
  return false;
}

void StoreWriter::wait() {
  if (!writing_.valid()) return;
  writing_.wait();
  finish();
}

void StoreWriter::finish() {
  if (!writing_.valid()) return;
  std::future<void> done = std::exchange(writing_, {});
  if (succeeds([&] { done.get(); })) handler_.written();
}

bool StoreWriter::succeeds(const std::function<void()>& write) const {
  try {
    write();
    return true;
  } catch (const storage::StoreError& error) {
    handler_.failed(error.what());
    return false;
  }
}

}  // namespace paxbank::cluster
