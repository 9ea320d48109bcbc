#pragma once

#include "paxbank/cluster/settings.hpp"
#include "paxbank/core/ids.hpp"
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
    /// All of them stand for the first time.
    std::function<void()> on_ready;
  };

  /// `ports` by node number from 1; none leads to the node `self`, if it is one.
  Links(asio::io_context& io, const std::vector<std::uint16_t>& ports, NodeId self,
        const wire::Hello& hello, Handler handler);

  /// Returns false if the line was dropped.
  bool send(NodeId node, std::string_view line) { return links_.at(node.value)->send(line); }
  /// Nodes that there are, this one included.
  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(links_.size() - 1);
  }
  void send_to_all(std::string_view line);

  // What a trace calls lines: a name that both ends know.
  [[nodiscard]] std::string next_id(NodeId to) const;
  [[nodiscard]] std::string last_received_id(NodeId from) const;

 private:
  void note_change();

  std::string self_;  ///< as a trace calls it
  Handler handler_;
  std::vector<std::unique_ptr<net::Link>> links_;  ///< by node number, from 1
  bool ready_ = false;
};

}  // namespace paxbank::cluster
