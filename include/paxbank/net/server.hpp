#pragma once

#include "paxbank/net/connection.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace paxbank::net {

/// The public port of a node: accepts connections and guards against those that mean no good.
class Server {
 public:
  using ConnectionPtr = std::shared_ptr<Connection>;
  struct Handler {
    std::function<void(const ConnectionPtr&, std::string_view)> on_line;
    std::function<void()> on_read_end;
    /// What a peer is still told whose connection is closed from here: a line, or "". Optional.
    std::function<std::string(const ConnectionPtr&, const std::string& reason)> last_words = {};
    std::function<void(const ConnectionPtr&, const std::string& reason)> on_close;
    /// No connection can be accepted; told once a second at most. `fatal`: none ever again.
    std::function<void(const std::string& reason, bool fatal)> on_deaf;
  };

  /// Connections at a time, kept ones not counted; of more, the one that has been silent longest is
  /// closed.
  static constexpr std::size_t connections_limit = 128;
  /// Bytes of incomplete lines that all connections together may have.
  static constexpr std::size_t partial_limit = std::size_t{64} << 20U;
  /// Half a line and silence for this long ends a connection.
  static constexpr std::chrono::seconds patience{5};

  Server(asio::io_context& io, asio::ip::tcp::acceptor acceptor, Handler handler);

  /// A connection that is known to mean well: it is never closed to make room.
  void keep(const ConnectionPtr& connection) { kept_.insert(connection); }

 private:
  void accept();
  void take_accept_error(const asio::error_code& error);
  void add(asio::ip::tcp::socket socket);
  void close_most_silent();
  void watch();

  asio::io_context& io_;
  asio::ip::tcp::acceptor acceptor_;
  Handler handler_;
  asio::steady_timer timer_;
  std::set<ConnectionPtr> connections_;
  std::set<ConnectionPtr> kept_;  ///< those of `connections_` that are
  std::chrono::steady_clock::time_point told_deaf_;
};

}  // namespace paxbank::net
