#pragma once

#include "paxbank/wire/frame.hpp"

#include <asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace paxbank::net {

using Socket = asio::generic::stream_protocol::socket;

/// A connected stream socket that carries lines both ways.
///
/// Lines that are sent within one turn of the event loop leave in one write; while a write is under
/// way further ones gather and leave in the next. The queue is bounded: what does not fit is
/// refused, and the caller decides what that means.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Handler {
    /// A complete line, with wire::Framer::padding after it. It may close the connection.
    std::function<void(std::string_view)> on_line;
    /// All lines that one read has brought have been handed over. Optional.
    std::function<void()> on_read_end;
    /// What its peer is still told when close() ends it: a line, or "". Optional.
    std::function<std::string(const std::string& reason)> last_words = {};
    /// The connection has ended, and why; called once, never from within send() or close().
    std::function<void(const std::string& reason)> on_close;
  };

  /// Bytes that may wait to be written.
  static constexpr std::size_t queue_limit = std::size_t{32} << 20U;

  explicit Connection(Socket socket, std::string name);

  /// Begins to read. Call once, after construction by make_shared.
  void start(Handler handler);

  /// Queues a line (its `\n` included). Returns false if the queue is full; the line is then
  /// dropped.
  bool send(std::string_view line);

  /// Ends the connection; what is queued is handed to the system as far as it takes it.
  void close(const std::string& reason);

  [[nodiscard]] bool open() const { return open_; }
  /// Lines so far: calls of send() that were taken, and complete lines that came.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// Bytes held of a line that is not complete, and since when no byte has come.
  [[nodiscard]] std::size_t partial() const { return framer_.partial(); }
  [[nodiscard]] std::chrono::steady_clock::time_point last_read() const { return last_read_; }

 private:
  void read();
  void take_lines();
  void schedule_write();
  void write();
  void finish(const std::string& reason);

  Socket socket_;
  std::string name_;
  Handler handler_;
  wire::Framer framer_;
  std::string queued_;
  std::string writing_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  bool write_scheduled_ = false;
  bool open_ = true;
  bool closing_ = false;  ///< close() was called: nothing more is read or taken
  std::chrono::steady_clock::time_point last_read_;
};

}  // namespace paxbank::net
