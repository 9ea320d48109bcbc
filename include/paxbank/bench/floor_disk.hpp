#pragma once

#include "paxbank/cluster/settings.hpp"

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace paxbank::bench {

/// What a process of the floor keeps: for each line as many bytes as a node keeps for a transfer,
/// all that has gathered in one write, synced beside the loop if that is asked for. So the floor
/// does what storing costs at the least, and no more.
class FloorDisk {
 public:
  /// Bytes that a node of paxbank keeps for a transfer (see storage/record.hpp).
  static constexpr std::size_t bytes_per_line = 16;

  /// `written` is given lines as soon as they are kept, each of `line_size` bytes.
  FloorDisk(asio::io_context& io, cluster::Storage storage, std::size_t line_size,
            std::function<void(std::string_view lines)> written);
  FloorDisk(const FloorDisk&) = delete;
  FloorDisk& operator=(const FloorDisk&) = delete;
  ~FloorDisk();

  void add(std::string_view line) { gathering_ += line; }
  /// Begins with what has gathered, if nothing is being written.
  void write();

 private:
  void write_file();

  asio::io_context& io_;
  cluster::Storage storage_;
  std::size_t line_size_;
  std::function<void(std::string_view)> written_;
  int file_ = -1;
  std::optional<asio::thread_pool> beside_;
  std::string gathering_;
  std::string writing_;
};

}  // namespace paxbank::bench
