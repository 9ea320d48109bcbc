#pragma once

#include "paxbank/cluster/settings.hpp"
#include "paxbank/core/ids.hpp"
#include "paxbank/core/tracer.hpp"
#include "paxbank/net/link.hpp"
#include "paxbank/wire/codec.hpp"

#include <asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank::cluster {

/// What a process of a cluster says of its run in its HELLO; it adds who it is.
[[nodiscard]] wire::Hello hello_of(const ChildSettings& settings);

/// What a trace calls a line on its way between two processes.
[[nodiscard]] std::string line_id(std::string_view from, std::string_view to,
                                  std::uint64_t connection, std::uint64_t line);
/// What it calls the process at the other end of a connection, by its HELLO.
[[nodiscard]] std::string process_of(const wire::Hello& hello);

/// The ways to all nodes, or, for a node, to all others.
class Links {
 public:
  struct Handler {
    /// What a node sends back.
    std::function<void(NodeId node, std::string_view line)> on_line;
    /// All of them stand, but for those to nodes that are not there. Called once.
    std::function<void()> on_ready;
  };

  /// None leads to the node itself, if it is one, for which `hello` speaks.
  Links(asio::io_context& io, const ChildSettings& settings, const wire::Hello& hello,
        Handler handler);

  /// Sends a message, of which `line` is the text, and says so in the trace of whoever sends it.
  void send(NodeId node, std::string_view line, const Message& message, Tracer& tracer) {
    send(node, line, message, tracer, /*copy=*/false);
  }
  /// The node is there: a way to it that does not stand is made at once.
  void try_now(NodeId node) { links_.at(node.value)->try_now(); }
  void send_to_all(std::string_view line, const Message& message, Tracer& tracer);

  /// What a trace calls the line that came last from a node: a name that both ends know.
  [[nodiscard]] std::string last_received_id(NodeId from) const;

 private:
  void send(NodeId node, std::string_view line, const Message& message, Tracer& tracer, bool copy);
  [[nodiscard]] std::string next_id(NodeId to) const;
  void note_change();

  std::string self_;  ///< as a trace calls it
  Handler handler_;
  std::vector<std::unique_ptr<net::Link>> links_;  ///< by node number, from 1
  bool ready_ = false;
};

}  // namespace paxbank::cluster
