#include "paxbank/cluster/control.hpp"

#include <asio/local/stream_protocol.hpp>

namespace paxbank::cluster {

ControlChannel::ControlChannel(asio::io_context& io, int descriptor, Handler handler)
    : connection_(
          std::make_shared<net::Connection>(net::Socket(asio::local::stream_protocol::socket(
                                                io, asio::local::stream_protocol(), descriptor)),
                                            "launcher")) {
  net::Connection::Handler lines;
  lines.on_line = [this, handler = std::move(handler)](std::string_view line) {
    const Numbered<Order> order = decode_order(line);
    send(encode(Numbered<Response>{order.id, handler(order.body)}));
  };
  // Without its launcher a child has nothing left to do.
  lines.on_close = [&io](const std::string&) { io.stop(); };
  connection_->start(std::move(lines));
}

void ControlChannel::report(const Report& report) { send(encode(report)); }

void ControlChannel::fail(const std::string& reason) {
  report(Failed{reason});
  connection_->close(reason);
}

void ControlChannel::send(const std::string& line) {
  if (connection_->send(line) || !connection_->open()) return;
  throw ChildError("the launcher does not read what its children report: more than " +
                   std::to_string(net::Connection::queue_limit) + " bytes wait");
}

}  // namespace paxbank::cluster
