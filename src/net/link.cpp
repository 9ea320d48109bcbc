#include "paxbank/net/link.hpp"

#include <algorithm>
#include <utility>

namespace paxbank::net {
namespace {
constexpr std::chrono::milliseconds retry_min{10};
constexpr std::chrono::milliseconds retry_max{500};
}  // namespace

Link::Link(asio::io_context& io, asio::ip::tcp::endpoint peer, std::string name, Greeting greeting,
           std::function<void(std::string_view)> on_line, std::function<void()> on_read_end,
           std::uint64_t first_connection)
    : io_(io),
      peer_(std::move(peer)),
      name_(std::move(name)),
      greeting_(std::move(greeting)),
      on_line_(std::move(on_line)),
      on_read_end_(std::move(on_read_end)),
      timer_(io),
      retry_after_(retry_min),
      next_{.connection = first_connection} {
  connect();
}

bool Link::send(std::string_view line) {
  if (connection_) {
    if (!connection_->send(line)) return false;
  } else {
    if (backlog_.size() + line.size() > backlog_limit) return false;
    backlog_ += line;
  }
  ++next_.line;
  return true;
}

void Link::connect() {
  auto socket = std::make_shared<asio::ip::tcp::socket>(io_);
  socket->async_connect(peer_, [this, socket](const asio::error_code& error) {
    if (error) {
      retry();
      note_tried();
    } else {
      connected(std::move(*socket));
    }
  });
}

void Link::connected(asio::ip::tcp::socket socket) {
  asio::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  connected_at_ = std::chrono::steady_clock::now();
  connection_ = std::make_shared<Connection>(Socket(std::move(socket)), name_);
  connection_->start(
      {.on_line = on_line_, .on_read_end = on_read_end_, .on_close = [this](const std::string&) {
         connection_.reset();
         next_ = {next_.connection + 1, 1};
         // Who closes at once, as a stranger does, is not asked again at once.
         const auto lasted = std::chrono::steady_clock::now() - connected_at_;
         if (lasted > retry_max) retry_after_ = retry_min;
         if (changed_) changed_();
         retry();
       }});
  connection_->send(greeting_(next_.connection));
  connection_->send(backlog_);
  backlog_.clear();
  tried_ = true;
  if (changed_) changed_();
}

void Link::retry() {
  timer_.expires_after(retry_after_);
  retry_after_ = std::min(retry_after_ * 2, retry_max);
  waits_ = true;
  timer_.async_wait([this](const asio::error_code& error) {
    if (error || !std::exchange(waits_, false)) return;
    connect();
  });
}

void Link::try_now() {
  if (!std::exchange(waits_, false)) return;
  timer_.cancel();
  retry_after_ = retry_min;
  connect();
}

void Link::note_tried() {
  if (!std::exchange(tried_, true) && changed_) changed_();
}

}  // namespace paxbank::net
