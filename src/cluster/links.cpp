#include "paxbank/cluster/links.hpp"

#include "paxbank/core/describe.hpp"

#include <algorithm>

namespace paxbank::cluster {

wire::Hello hello_of(const ChildSettings& settings) {
  return {.run = settings.cluster.run,
          .version = wire::protocol_version,
          .nodes = settings.cluster.nodes};
}

std::string line_id(std::string_view from, std::string_view to, std::uint64_t connection,
                    std::uint64_t line) {
  std::string id(from);
  id += '>';
  id += to;
  id += '/' + std::to_string(connection) + ':' + std::to_string(line);
  return id;
}

std::string process_of(const wire::Hello& hello) {
  return hello.node ? describe(*hello.node) : "clients";
}

Links::Links(asio::io_context& io, const ChildSettings& settings, const wire::Hello& hello,
             Handler handler)
    : self_(process_of(hello)), handler_(std::move(handler)), links_(settings.ports.size() + 1) {
  // A process that is started anew does not use the numbers of its earlier lives again.
  constexpr std::uint64_t connections_of_a_life = 1'000'000;
  const auto greeting = [hello](std::uint64_t connection) {
    wire::Hello said = hello;
    said.connection = connection;
    return wire::encode(said);
  };
  for (std::uint32_t n = 1; n <= settings.ports.size(); ++n) {
    const NodeId node{n};
    if (node == hello.node) continue;
    links_[n] = std::make_unique<net::Link>(
        io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), settings.ports[n - 1]),
        describe(node), greeting,
        [this, node](std::string_view line) { handler_.on_line(node, line); },
        std::function<void()>(), settings.life * connections_of_a_life + 1);
    links_[n]->on_change([this] { note_change(); });
  }
}

void Links::send(NodeId node, std::string_view line, const Message& message, Tracer& tracer,
                 bool copy) {
  const std::string id = tracer ? next_id(node) : "";
  const bool taken = links_.at(node.value)->send(line);
  if (!tracer) return;
  const std::string named = taken ? id : tracer.next_id();
  tracer.send(core_now(), describe(node), message, named, copy);
  if (!taken) tracer.lost(core_now(), describe(node), named, "full");
}

void Links::send_to_all(std::string_view line, const Message& message, Tracer& tracer) {
  bool copy = false;
  for (std::uint32_t n = 1; n < links_.size(); ++n) {
    if (!links_[n]) continue;
    send({n}, line, message, tracer, copy);
    copy = true;
  }
}

std::string Links::next_id(NodeId to) const {
  const net::Link::Place place = links_.at(to.value)->next();
  return line_id(self_, describe(to), place.connection, place.line);
}

std::string Links::last_received_id(NodeId from) const {
  const net::Link::Place place = links_.at(from.value)->last_received();
  return line_id(describe(from), self_, place.connection, place.line);
}

void Links::note_change() {
  if (ready_) return;
  ready_ = std::all_of(links_.begin(), links_.end(),
                       [](const auto& link) { return link == nullptr || link->tried(); });
  if (ready_) handler_.on_ready();
}

}  // namespace paxbank::cluster
