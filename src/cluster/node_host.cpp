#include "paxbank/cluster/node_host.hpp"

#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace paxbank::cluster {
namespace {

using Json = nlohmann::json;

/// Clients whose way back is known; more are not answered here.
constexpr std::size_t routes_limit = 65'536;
/// How often a changed progress is reported to the launcher at most.
constexpr Duration status_interval = std::chrono::milliseconds(5);
/// Long beside the way from one node to another and back, short beside what a person notices.
constexpr Duration commit_delay = std::chrono::milliseconds(1);
/// Entries in one answer to the launcher.
constexpr std::size_t page_size = 1'000;

ReplicaConfig replica_config(const ChildSettings& settings) {
  ReplicaConfig config;
  config.id = {settings.id};
  config.nodes = settings.cluster.nodes;
  config.heartbeat = settings.cluster.heartbeat;
  config.leader_timeout_min = settings.cluster.leader_timeout_min;
  config.leader_timeout_max = settings.cluster.leader_timeout_max;
  config.commit_delay = commit_delay;
  config.bank = settings.cluster.bank;
  return config;
}

asio::ip::tcp::endpoint endpoint(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

}  // namespace

NodeHost::NodeHost(asio::io_context& io, const ChildSettings& settings)
    : nodes_(settings.cluster.nodes),
      log_(describe(NodeId{settings.id}), settings.cluster.log_dir, settings.cluster.log_level),
      trace_(open_trace(settings.cluster)),
      name_(describe(NodeId{settings.id})),
      // Each node draws its own timeouts from the one seed.
      replica_(replica_config(settings), settings.cluster.seed * nodes_limit + settings.id,
               core_now()),
      journal_(settings.cluster.history),
      decoder_(settings.cluster.nodes),
      timer_(io,
             [this] {
               replica_.tick(core_now());
               carry_out("timer");
             }),
      status_timer_(io, [this] { report_status(); }),
      links_(nodes_ + 1),
      control_(io, settings.control_fd, [this](const Json& order) { return obey(order); }) {
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    if (n == settings.id) continue;
    links_[n] = std::make_unique<net::Link>(
        io, endpoint(settings.ports.at(n - 1)), describe(NodeId{n}),
        wire::encode(wire::Hello{.node = NodeId{settings.id}}), [this, n](std::string_view) {
          log_.write(LogLevel::warn, "ignored a line from " + describe(NodeId{n}) +
                                         " on a connection that it only reads");
        });
    links_[n]->on_change([this] { report_links(); });
  }
  server_ = std::make_unique<net::Server>(
      io, asio::ip::tcp::acceptor(io, asio::ip::tcp::v4(), settings.listen_fd),
      net::Server::Handler{
          [this](const ConnectionPtr& c, std::string_view line) { take_line(c, line); },
          [this] { carry_out(""); },
          [this](const ConnectionPtr& c, const std::string& reason) { forget(c, reason); }});
  replica_.tick(core_now());
  carry_out("start");
}

// --- What comes in

void NodeHost::take_line(const ConnectionPtr& connection, std::string_view line) {
  wire::Decoded decoded = decoder_.decode(line);
  if (auto* message = std::get_if<Message>(&decoded)) {
    take_message(connection, std::move(*message));
  } else if (const auto* hello = std::get_if<wire::Hello>(&decoded)) {
    take_hello(connection, *hello);
  } else {
    connection->close(std::get<wire::Fault>(decoded).reason);
  }
}

void NodeHost::take_hello(const ConnectionPtr& connection, const wire::Hello& hello) {
  if (const std::optional<NodeId> node = hello.node) {
    if (*node == replica_.id()) {
      connection->close("HELLO: claims to be " + describe(*node) + ", which is this node");
    } else if (const auto known = identified_.find(connection);
               known != identified_.end() && known->second != *node) {
      connection->close("HELLO: was " + describe(known->second) + ", now claims to be " +
                        describe(*node));
    } else {
      identified_[connection] = *node;
    }
    return;
  }
  for (const ClientId& client : hello.clients) {
    if (!route(client, connection)) return;
  }
}

/// Remembers where a client is answered. A full table closes the connection that asks for more.
bool NodeHost::route(const ClientId& client, const ConnectionPtr& connection) {
  if (routes_.size() >= routes_limit && !routes_.contains(client)) {
    connection->close("more than " + std::to_string(routes_limit) + " clients");
    return false;
  }
  routes_[client] = connection;
  return true;
}

/// Why a message cannot come from this connection, if so.
std::optional<std::string> NodeHost::fault_of(const ConnectionPtr& connection,
                                              const Message& message) const {
  if (std::holds_alternative<Reply>(message)) return "REPLY: a node is nobody's client";
  const std::optional<NodeId> sender = claimed_sender(message);
  if (!sender) return std::nullopt;
  const auto known = identified_.find(connection);
  if (known == identified_.end()) {
    return "a message of " + describe(*sender) + " on a connection that has not said HELLO as it";
  }
  if (known->second != *sender) {
    return describe(known->second) + " sent what only " + describe(*sender) +
           " may send: " + describe(message).substr(0, 80);
  }
  return std::nullopt;
}

/// A node that said HELLO, or the client that a REQUEST names.
Destination NodeHost::sender_of(const ConnectionPtr& connection, const Message& message) const {
  const auto known = identified_.find(connection);
  if (known != identified_.end()) return known->second;
  return std::get<Request>(message).client;
}

void NodeHost::take_message(const ConnectionPtr& connection, Message message) {
  if (const auto fault = fault_of(connection, message)) {
    connection->close(*fault);
    return;
  }
  const auto* request = std::get_if<Request>(&message);
  if (request != nullptr && !identified_.contains(connection)) {
    if (!route(request->client, connection)) return;
  }
  const TimePoint now = core_now();
  const Destination from = sender_of(connection, message);
  if (trace_ && replica_.connected()) {
    trace_({now, name_, "receive", name_of(from), &message, "", ""});
  }
  replica_.receive(message, now);
  const std::string cause = trace_ ? cause_of(message, from) : "";
  if (replica_.connected()) journal_.received(now, from, std::move(message));
  if (trace_) carry_out(cause);  // step by step, so that each cause is known
}

void NodeHost::forget(const ConnectionPtr& connection, const std::string& reason) {
  const auto known = identified_.find(connection);
  const std::string who = known == identified_.end() ? "" : " (" + describe(known->second) + ")";
  const bool fault = reason != "End of file" && reason != "Connection reset by peer";
  log_.write(fault ? LogLevel::warn : LogLevel::info,
             "closed the connection of " + connection->name() + who + ": " + reason);
  if (known != identified_.end()) identified_.erase(known);
  std::erase_if(routes_, [&](const auto& route) { return route.second.lock() == connection; });
}

// --- What goes out

void NodeHost::carry_out(std::string_view cause) {
  Output& output = replica_.flush();
  const TimePoint now = core_now();
  if (trace_) trace_output(trace_, now, name_, output, cause);
  for (Envelope& envelope : output.messages) {
    send(envelope);
    journal_.sent(now, std::move(envelope));
  }
  for (const Event& event : output.events) report(event);
  if (log_.wants(LogLevel::debug)) {
    for (const Executed& executed : output.executed) {
      log_.write(LogLevel::debug, describe(executed));
    }
  }
  timer_.wake_at(output.wake_at);
  report_status();
}

void NodeHost::send(const Envelope& envelope) {
  line_.clear();
  wire::append(line_, envelope.message);
  if (const auto* node = std::get_if<NodeId>(&envelope.to)) {
    links_.at(node->value)->send(line_);
  } else if (const auto* client = std::get_if<ClientId>(&envelope.to)) {
    const auto route = routes_.find(*client);
    const auto connection = route == routes_.end() ? nullptr : route->second.lock();
    // A client that does not read its answers is cut off; it can come back and ask again.
    if (connection && !connection->send(line_)) connection->close("it does not read its answers");
  } else {
    for (const auto& link : links_) {
      if (link) link->send(line_);
    }
  }
}

void NodeHost::report(const Event& event) {
  if (const auto* view = std::get_if<SawNewView>(&event)) journal_.saw(*view);
  if (const auto* refused = std::get_if<Refused>(&event)) {
    for (const auto& [connection, node] : identified_) {
      if (node == refused->peer) connection->close(refused->reason);
    }
  }
  if (log_.wants(LogLevel::info)) log_.write(LogLevel::info, describe(event));
}

/// Tells the launcher how this node is: at once when its role or leader changed, else now and then.
void NodeHost::report_status() {
  const ReplicaStatus status = replica_.status();
  if (status == reported_) return;
  const TimePoint now = core_now();
  const bool urgent = status.role != reported_.role || status.follows != reported_.follows;
  if (!urgent && now - reported_at_ < status_interval) {
    status_timer_.wake_at(reported_at_ + status_interval);
    return;
  }
  report_status_now();
}

/// Nothing else tells the launcher of it: what it heard last is how this node was last.
void NodeHost::report_status_now() {
  const ReplicaStatus status = replica_.status();
  if (status == reported_) return;
  reported_ = status;
  reported_at_ = core_now();
  control_.push({{"push", "status"}, {"status", to_control(status)}});
}

void NodeHost::report_links() {
  const bool all = std::all_of(links_.begin(), links_.end(), [](const auto& link) {
    return link == nullptr || link->connected();
  });
  if (!all || links_reported_) return;
  links_reported_ = true;
  control_.push({{"push", "ready"}});
}

// --- The launcher's orders

Json NodeHost::obey(const Json& order) {
  const auto& what = order.at("order").get_ref<const std::string&>();
  const TimePoint now = core_now();
  if (what == "disconnect")
    replica_.disconnect(now);
  else if (what == "reconnect")
    replica_.reconnect(now);
  else if (what == "pause")
    replica_.pause(now);
  else if (what == "resume")
    replica_.resume(now);
  else if (what == "log")
    return log_page({order.at("from").get<std::uint64_t>()});
  else if (what == "checkpoint")
    return {{"checkpoint",
             wire::encode(replica_.acceptor().checkpoint().to_checkpoint(replica_.id()))}};
  else if (what == "messages")
    return message_page(order.at("from").get<std::size_t>());
  else if (what == "views") {
    return view_page(order.at("view").get<std::size_t>(), order.at("entry").get<std::size_t>());
  } else if (what == "balances") {
    Json balances = Json::object();
    for (const auto& [account, balance] : replica_.bank().balances()) {
      balances[account.value.str()] = balance.value;
    }
    return {{"balances", balances}};
  } else {
    PAXBANK_ASSERT(what == "status", "the launcher gives no other orders");
  }
  if (trace_ && what != "status") trace_({now, name_, "order", "", nullptr, what, ""});
  carry_out(what);
  report_status_now();  // before the answer: who has that knows this
  return Json::object();
}

Json NodeHost::log_page(SequenceNumber from) const {
  std::vector<LogLine> lines;
  for (SequenceNumber s = std::max(from, replica_.log().base().next());
       s <= replica_.log().last() && lines.size() < page_size; s = s.next()) {
    if (const LogEntry* entry = replica_.log().find(s)) lines.push_back({s, *entry});
  }
  return {{"lines", to_control(lines)}};
}

Json NodeHost::message_page(std::size_t from) const {
  Json list = Json::array();
  const auto& entries = journal_.entries();
  std::size_t i = from;
  std::size_t bytes = 0;
  for (; i < entries.size() && i - from < page_size && bytes < net::Connection::queue_limit / 32;
       ++i) {
    list.push_back(to_control(entries[i]));
    bytes += list.back()["message"].get_ref<const std::string&>().size();
  }
  return {{"entries", list},
          {"next", i},
          {"end", i == entries.size()},
          {"heartbeats_left_out", journal_.heartbeats_left_out()},
          {"forgotten", journal_.forgotten()}};
}

Json NodeHost::view_page(std::size_t view, std::size_t entry) const {
  const auto& views = journal_.views();
  if (view >= views.size()) return {{"end", true}};
  const View& shown = views[view];
  Json entries = Json::array();
  const std::size_t until = std::min(shown.entries.size(), entry + page_size);
  for (std::size_t i = entry; i < until; ++i) entries.push_back(to_control(shown.entries[i]));
  return {{"end", false},
          {"ballot", to_control(shown.ballot)},
          {"entries", entries},
          {"complete", until == shown.entries.size()}};
}

}  // namespace paxbank::cluster
