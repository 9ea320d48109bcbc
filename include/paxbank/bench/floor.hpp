#pragma once

#include "paxbank/bench/floor_disk.hpp"
#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/processes.hpp"
#include "paxbank/net/link.hpp"
#include "paxbank/net/server.hpp"
#include "paxbank/stats/histogram.hpp"

#include <asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace paxbank::bench {

/// What a floor process is told on its command line.
struct FloorSettings {
  std::uint32_t nodes = 5;
  std::uint32_t id = 0;         ///< of a node, the first of which leads; 0: the client
  std::size_t line_size = 200;  ///< bytes, the `\n` included
  cluster::Storage storage = cluster::Storage::memory;
  std::vector<std::uint16_t> ports;
  int listen_fd = -1;
  int control_fd = -1;
};

/// The floor: what consensus cannot go below on this machine. As many processes as the cluster, the
/// same hops (client to leader, leader to all, a quorum of answers, back to the client), over the
/// same connections with coalesced writes, and, before a node answers or counts itself, as many
/// bytes kept; but fixed lines, no JSON, no protocol.
///
/// A line begins with 8 digits: its sender's own number for it. Followers send back what they get.
class FloorNode {
 public:
  FloorNode(asio::io_context& io, const FloorSettings& settings);

 private:
  using ConnectionPtr = net::Server::ConnectionPtr;

  struct Waiting {
    ConnectionPtr client;
    std::string line;
    std::uint32_t echoes = 0;
  };

  void take_from_outside(const ConnectionPtr& connection, std::string_view line);
  void take_echo(std::string_view line);
  void take_written(std::string_view lines);

  FloorSettings settings_;
  std::vector<std::unique_ptr<net::Link>> followers_;  ///< the leader's
  std::vector<Waiting> waiting_;                       ///< by number, around and around
  std::uint32_t next_ = 0;
  ConnectionPtr leader_;  ///< a follower's
  FloorDisk disk_;
  std::unique_ptr<net::Server> server_;
  cluster::ControlChannel control_;
};

class FloorClient {
 public:
  FloorClient(asio::io_context& io, const FloorSettings& settings);

 private:
  void begin(const cluster::LoadOrder& load);
  void send(std::uint32_t slot);
  void take(std::string_view line);

  std::string line_;
  std::vector<std::int64_t> sent_ns_;  ///< by slot of the window
  std::int64_t start_ns_ = 0;
  std::int64_t end_ns_ = 0;
  std::uint32_t under_way_ = 0;
  cluster::LoadResult result_;
  std::unique_ptr<net::Link> leader_;
  cluster::ControlChannel control_;
};

/// The processes of the floor, for their launcher.
class Floor {
 public:
  /// No window is wider.
  static constexpr std::uint32_t window_limit = 65'536;

  /// Throws StartError.
  Floor(std::uint32_t nodes, std::size_t line_size, cluster::Storage storage);

  /// Keeps `window` lines under way for so long. Nullopt if one of the processes is
  /// gone or does not answer.
  std::optional<cluster::LoadResult> run(std::uint32_t window, Duration duration);

 private:
  asio::io_context io_{1};
  std::optional<cluster::LoadResult> result_;
  cluster::Processes processes_;
};

}  // namespace paxbank::bench
