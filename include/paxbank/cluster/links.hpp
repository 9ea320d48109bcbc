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
        const std::string& greeting, Handler handler);

  void send(NodeId node, std::string_view line) { links_.at(node.value)->send(line); }
  void send_to_all(std::string_view line);

 private:
  void note_change();

  Handler handler_;
  std::vector<std::unique_ptr<net::Link>> links_;  ///< by node number, from 1
  bool ready_ = false;
};

}  // namespace paxbank::cluster
