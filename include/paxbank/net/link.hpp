#pragma once

#include "paxbank/net/connection.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace paxbank::net {

/// The way to one peer: a connection that is made, kept open, and made again by itself.
///
/// What is sent while there is no connection waits for it, up to a bound; beyond that it is
/// dropped, as a network would, which the protocol is made for.
class Link {
 public:
  static constexpr std::size_t backlog_limit = std::size_t{1} << 20U;

  /// A line on a connection: the first connection is 1, and so is the first line after the
  /// greeting.
  struct Place {
    std::uint64_t connection = 1;
    std::uint64_t line = 1;
  };

  /// Its connections are numbered from `first_connection` on. `greeting` makes the first line on a
  /// connection, of which it is given the number. `on_line` and `on_read_end` are as for a
  /// Connection: what the peer sends back.
  using Greeting = std::function<std::string(std::uint64_t connection)>;
  Link(asio::io_context& io, asio::ip::tcp::endpoint peer, std::string name, Greeting greeting,
       std::function<void(std::string_view)> on_line, std::function<void()> on_read_end = {},
       std::uint64_t first_connection = 1);

  /// Returns false if the line was dropped.
  bool send(std::string_view line);

  /// Where the next line that is sent will stand, and where the line stands that came last.
  [[nodiscard]] Place next() const { return next_; }
  [[nodiscard]] Place last_received() const {
    return {next_.connection, connection_ ? connection_->received() : 0};
  }

  [[nodiscard]] bool connected() const { return connection_ != nullptr; }
  /// Whether it is known if there is somebody: it has been connected to, or refused.
  [[nodiscard]] bool tried() const { return tried_; }

  /// The peer is known to be there: does not wait for the next attempt.
  void try_now();

  /// Called at each change of connected() or tried().
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  void connect();
  void connected(asio::ip::tcp::socket socket);
  void retry();
  void note_tried();

  asio::io_context& io_;
  asio::ip::tcp::endpoint peer_;
  std::string name_;
  Greeting greeting_;
  std::function<void(std::string_view)> on_line_;
  std::function<void()> on_read_end_;
  std::function<void()> changed_;
  asio::steady_timer timer_;
  std::chrono::milliseconds retry_after_;
  bool waits_ = false;  ///< for the next attempt
  bool tried_ = false;
  std::chrono::steady_clock::time_point connected_at_;
  std::shared_ptr<Connection> connection_;
  std::string backlog_;
  Place next_;
};

}  // namespace paxbank::net
