#pragma once

#include "paxbank/cluster/orders.hpp"
#include "paxbank/net/connection.hpp"

#include <asio/io_context.hpp>

#include <functional>
#include <memory>
#include <stdexcept>

namespace paxbank::cluster {

/// Why a child process cannot go on, in words for the user.
struct ChildError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A child's end of the launcher's private line to it: orders come down over an inherited socket
/// pair and are answered at once; reports go up. The launcher's death, however it comes, ends the
/// channel, and that ends the process. So does a launcher that lives but reads nothing: rather than
/// lose a report or a response, the child says so and ends (ChildError).
class ControlChannel {
 public:
  /// Carries out one order.
  using Handler = std::function<Response(const Order& order)>;

  ControlChannel(asio::io_context& io, int descriptor, Handler handler);

  void report(const Report& report);

  /// The child cannot go on, and ends when that has been told.
  void fail(const std::string& reason);

 private:
  void send(const std::string& line);

  std::shared_ptr<net::Connection> connection_;
};

}  // namespace paxbank::cluster
