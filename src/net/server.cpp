#include "paxbank/net/server.hpp"

#include <algorithm>
#include <iterator>

namespace paxbank::net {
namespace {

std::string name_of(const asio::ip::tcp::socket& socket) {
  asio::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return "a peer that is gone";
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

/// What no waiting mends: the descriptor is no socket that listens.
const asio::error_code hopeless[] = {asio::error::bad_descriptor, asio::error::invalid_argument,
                                     asio::error::not_socket, asio::error::operation_not_supported};

}  // namespace

Server::Server(asio::io_context& io, asio::ip::tcp::acceptor acceptor, Handler handler)
    : io_(io), acceptor_(std::move(acceptor)), handler_(std::move(handler)), timer_(io) {
  accept();
  watch();
}

void Server::accept() {
  acceptor_.async_accept(io_, [this](const asio::error_code& error, asio::ip::tcp::socket socket) {
    if (!error) {
      add(std::move(socket));
      accept();
      return;
    }
    take_accept_error(error);
  });
}

void Server::take_accept_error(const asio::error_code& error) {
  if (error == asio::error::operation_aborted) return;
  const bool fatal =
      std::find(std::begin(hopeless), std::end(hopeless), error) != std::end(hopeless);
  const auto now = std::chrono::steady_clock::now();
  if (fatal || now - told_deaf_ >= std::chrono::seconds(1)) {
    told_deaf_ = now;
    handler_.on_deaf("cannot accept a connection: " + error.message(), fatal);
  }
  if (fatal) return;
  // Out of descriptors, most likely: make room, and do not spin.
  close_most_silent();
  auto timer = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds(50));
  timer->async_wait([this, timer](const asio::error_code&) { accept(); });
}

void Server::add(asio::ip::tcp::socket socket) {
  asio::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  std::string name = name_of(socket);
  if (connections_.size() - kept_.size() >= connections_limit) close_most_silent();
  auto connection = std::make_shared<Connection>(Socket(std::move(socket)), std::move(name));
  connections_.insert(connection);
  const std::weak_ptr<Connection> weak = connection;
  Connection::Handler handler;
  handler.on_line = [this, weak](std::string_view line) {
    if (const auto self = weak.lock()) handler_.on_line(self, line);
  };
  handler.on_read_end = handler_.on_read_end;
  handler.last_words = [this, weak](const std::string& reason) -> std::string {
    const auto self = weak.lock();
    return self && handler_.last_words ? handler_.last_words(self, reason) : "";
  };
  handler.on_close = [this, weak](const std::string& reason) {
    const auto self = weak.lock();
    if (!self) return;
    connections_.erase(self);
    kept_.erase(self);
    handler_.on_close(self, reason);
  };
  connection->start(std::move(handler));
}

void Server::close_most_silent() {
  ConnectionPtr silent;
  for (const ConnectionPtr& connection : connections_) {
    if (kept_.contains(connection)) continue;
    if (!silent || connection->last_read() < silent->last_read()) silent = connection;
  }
  if (silent) silent->close("too many connections, and this one is silent");
}

/// Now and then: half lines that do not go on, and too many of them.
void Server::watch() {
  timer_.expires_after(std::chrono::milliseconds(250));
  timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    const auto now = std::chrono::steady_clock::now();
    std::size_t partial = 0;
    for (const ConnectionPtr& connection : connections_) {
      partial += connection->partial();
      if (connection->partial() > 0 && now - connection->last_read() > patience) {
        connection->close("half a line, and then silence");
      } else if (partial > partial_limit && connection->partial() > wire::Framer::read_size) {
        connection->close("too much memory in lines that do not end");
      }
    }
    watch();
  });
}

}  // namespace paxbank::net
