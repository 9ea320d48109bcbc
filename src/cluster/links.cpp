#include "paxbank/cluster/links.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank::cluster {

wire::Hello hello_of(const ChildSettings& settings) {
  return {.run = settings.cluster.run,
          .version = wire::protocol_version,
          .nodes = settings.cluster.nodes};
}

Links::Links(asio::io_context& io, const std::vector<std::uint16_t>& ports, NodeId self,
             const std::string& greeting, Handler handler)
    : handler_(std::move(handler)), links_(ports.size() + 1) {
  for (std::uint32_t n = 1; n <= ports.size(); ++n) {
    const NodeId node{n};
    if (node == self) continue;
    links_[n] = std::make_unique<net::Link>(
        io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), ports[n - 1]), describe(node),
        greeting, [this, node](std::string_view line) { handler_.on_line(node, line); });
    links_[n]->on_change([this] { note_change(); });
  }
}

void Links::send_to_all(std::string_view line) {
  for (const auto& link : links_) {
    if (link) link->send(line);
  }
}

void Links::note_change() {
  if (ready_) return;
  ready_ = std::all_of(links_.begin(), links_.end(),
                       [](const auto& link) { return link == nullptr || link->connected(); });
  if (ready_) handler_.on_ready();
}

}  // namespace paxbank::cluster
