#include "paxbank/net/connection.hpp"

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

namespace paxbank::net {

Connection::Connection(Socket socket, std::string name)
    : socket_(std::move(socket)),
      name_(std::move(name)),
      last_read_(std::chrono::steady_clock::now()) {}

void Connection::start(Handler handler) {
  handler_ = std::move(handler);
  read();
}

void Connection::read() {
  const auto room = framer_.prepare();
  socket_.async_read_some(
      asio::buffer(room.data(), room.size()),
      [self = shared_from_this()](const asio::error_code& error, std::size_t count) {
        if (!self->open_) return;
        if (error) {
          const bool half = self->framer_.partial() > 0;
          self->finish(half ? "ended in the middle of a line" : error.message());
          return;
        }
        self->framer_.commit(count);
        self->last_read_ = std::chrono::steady_clock::now();
        self->take_lines();
        if (self->handler_.on_read_end) self->handler_.on_read_end();
        if (self->open_ && !self->closing_) self->read();
      });
}

void Connection::take_lines() {
  while (open_ && !closing_) {
    const auto line = framer_.next();
    const bool too_long = line ? line->size() > wire::Framer::frame_limit : framer_.overflown();
    if (too_long) {
      close("a frame of more than " + std::to_string(wire::Framer::frame_limit) + " bytes");
      return;
    }
    if (!line) return;
    ++received_;
    handler_.on_line(*line);
  }
}

bool Connection::send(std::string_view line) {
  if (!open_ || closing_ || queued_.size() + line.size() > queue_limit) return false;
  ++sent_;
  queued_ += line;
  schedule_write();
  return true;
}

void Connection::schedule_write() {
  if (write_scheduled_ || !writing_.empty()) return;
  write_scheduled_ = true;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->write_scheduled_ = false;
    self->write();
  });
}

void Connection::write() {
  if (!open_ || queued_.empty()) return;
  std::swap(queued_, writing_);
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                      self->writing_.clear();
                      if (error && self->open_) self->finish(error.message());
                      self->write();
                    });
}

void Connection::close(const std::string& reason) {
  if (!open_ || closing_) return;
  if (handler_.last_words) send(handler_.last_words(reason));
  closing_ = true;
  // Whoever calls may be in the middle of its own bookkeeping: it hears of the end afterwards.
  asio::post(socket_.get_executor(), [self = shared_from_this(), reason] { self->finish(reason); });
}

void Connection::finish(const std::string& reason) {
  if (!open_) return;
  open_ = false;
  asio::error_code ignored;
  if (!queued_.empty() && writing_.empty()) {
    socket_.non_blocking(true, ignored);
    socket_.write_some(asio::buffer(queued_), ignored);
  }
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  // The handlers may hold what holds this connection: let go of them.
  const Handler handler = std::move(handler_);
  handler_ = {};
  if (handler.on_close) handler.on_close(reason);
}

}  // namespace paxbank::net
