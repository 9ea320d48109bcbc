#include "paxbank/cluster/node_host.hpp"

#include "paxbank/cluster/data_directory.hpp"
#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"

#include <algorithm>
#include <utility>

namespace paxbank::cluster {
namespace {

/// Clients whose way back is known; more are not answered here.
constexpr std::size_t routes_limit = 65'536;
/// How often a changed progress is reported to the launcher at most.
constexpr Duration status_interval = std::chrono::milliseconds(5);
/// Long beside the way from one node to another and back, short beside what a person notices.
constexpr Duration commit_delay = std::chrono::milliseconds(1);

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

storage::Durability durability_of(const Settings& settings) {
  return settings.storage == Storage::disk ? storage::Durability::power
                                           : storage::Durability::process;
}

storage::Identity identity_of(const ChildSettings& settings) {
  const Settings& cluster = settings.cluster;
  return {.cluster = cluster.cluster,
          .node = settings.id,
          .nodes = cluster.nodes,
          .accounts = static_cast<std::uint32_t>(cluster.bank.accounts.size())};
}

}  // namespace

template <class Other>
Response NodeHost::obey(const Other& /*order*/) {
  PAXBANK_ASSERT(false, "the launcher gives no other orders");
  return Done{};
}

NodeHost::NodeHost(asio::io_context& io, const ChildSettings& settings)
    : control_(io, settings.control_fd,
               [this](const Order& order) {
                 return std::visit([this](const auto& known) { return this->obey(known); }, order);
               }),
      log_(describe(NodeId{settings.id}), settings.cluster.log_dir, settings.cluster.log_level,
           [this](const std::string& what) { control_.report(Lost{what}); }),
      trace_file_(settings.cluster,
                  [this](const std::string& what) { control_.report(Lost{what}); }),
      name_(describe(NodeId{settings.id})),
      tracer_(trace_file_.sink(), name_, settings.life),
      durability_(durability_of(settings.cluster)),
      // Each node draws its own timeouts from the one seed.
      replica_(replica_config(settings), settings.cluster.seed * nodes_limit + settings.id,
               core_now(), recovered(settings)),
      hello_(hello_of(settings)),
      journal_(settings.cluster.history),
      decoder_(settings.cluster.nodes),
      timer_(io,
             [this] {
               replica_.tick(core_now());
               tracer_.timer();
               carry_out();
             }),
      status_timer_(io) {
  hello_.node = replica_.id();
  Links::Handler handler;
  handler.on_line = [this](NodeId node, std::string_view) {
    log_.write(LogLevel::warn,
               "ignored a line from " + describe(node) + " on a connection that it only reads");
  };
  handler.on_ready = [this] { control_.report(Ready{}); };
  links_.emplace(io, settings, hello_, std::move(handler));
  net::Server::Handler server;
  server.on_line = [this](const ConnectionPtr& c, std::string_view line) { take_line(c, line); };
  server.on_read_end = [this] { carry_out(); };
  server.last_words = [this](const ConnectionPtr& c, const std::string& why) {
    return last_words(c, why);
  };
  server.on_close = [this](const ConnectionPtr& c, const std::string& why) { forget(c, why); };
  server.on_deaf = [this](const std::string& reason, bool fatal) {
    if (fatal) throw ChildError(name_ + ": " + reason);
    log_.write(LogLevel::warn, reason);
  };
  server_ = std::make_unique<net::Server>(
      io, asio::ip::tcp::acceptor(io, asio::ip::tcp::v4(), settings.listen_fd), std::move(server));
  if (store_) {
    stored_at_ = real_now();
    writer_.emplace(
        io, *store_, durability_,
        StoreWriter::Handler{.written = [this] { stored(); },
                             .failed = [this](const std::string& why) { control_.fail(why); }});
  }
  if (tracer_) {
    settings.life == 0 ? tracer_.start(core_now()) : tracer_.restart(core_now());
  }
  replica_.tick(core_now());
  carry_out();
}

/// What the node has kept. One that finds nothing must not come back as if it had never promised
/// anything, so nothing is made here.
Acceptor NodeHost::recovered(const ChildSettings& settings) {
  const Settings& cluster = settings.cluster;
  if (cluster.storage == Storage::memory) return Acceptor(cluster.bank);
  try {
    store_.emplace(store_of(cluster.data_dir, settings.id), identity_of(settings), durability_);
    return store_->recover(cluster.bank);
  } catch (const storage::StoreError& error) {
    control_.fail(error.what());
    throw ChildError(name_ + ": " + error.what());
  }
}

// --- What comes in

void NodeHost::take_line(const ConnectionPtr& connection, std::string_view line) {
  // The place of a line that the switch has lost.
  if (line.empty() && callers_.contains(connection)) return;
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
  if (const std::string stranger = strangeness_of(hello); !stranger.empty()) {
    strangers_.insert(connection);
    if (hello.node) identified_[connection] = *hello.node;
    connection->close(stranger);
    return;
  }
  if (hello.run == hello_.run) callers_[connection] = {process_of(hello), hello.connection};
  if (const std::optional<NodeId> node = hello.node) {
    if (*node == replica_.id()) {
      connection->close("HELLO: claims to be " + describe(*node) + ", which is this node");
    } else if (const auto known = identified_.find(connection);
               known != identified_.end() && known->second != *node) {
      connection->close("HELLO: was " + describe(known->second) + ", now claims to be " +
                        describe(*node));
    } else {
      identified_[connection] = *node;
      server_->keep(connection);
      links_->try_now(*node);
    }
    return;
  }
  const bool of_this_run = hello.run == hello_.run;
  for (const ClientId& client : hello.clients) {
    if (!route(client, connection, of_this_run)) return;
  }
}

/// Why whoever says this HELLO does not belong here, or "". A port may be taken over by another run
/// while the old one still looks for its node there. A client by hand need not know of runs.
std::string NodeHost::strangeness_of(const wire::Hello& hello) const {
  const bool by_hand = !hello.node && hello.run == 0;
  if (by_hand) return "";
  if (hello.run != hello_.run) return "HELLO: of another run of paxbank";
  if (hello.version != hello_.version) {
    return "HELLO: speaks version " + std::to_string(hello.version) + " of the protocol, not " +
           std::to_string(hello_.version);
  }
  if (hello.nodes != hello_.nodes) {
    return "HELLO: of a cluster of " + std::to_string(hello.nodes) + " nodes, not " +
           std::to_string(hello_.nodes);
  }
  return "";
}

/// Remembers where a client is answered. A full table closes the connection that asks for more, and
/// so does a name that a client of this run has: two that count their timestamps apart would take
/// each other's answers.
bool NodeHost::route(const ClientId& client, const ConnectionPtr& connection, bool of_this_run) {
  if (routes_.size() >= routes_limit && !routes_.contains(client)) {
    connection->close("more than " + std::to_string(routes_limit) + " clients");
    return false;
  }
  const auto [known, fresh] = routes_.try_emplace(client, Route{connection, of_this_run});
  // Almost always the one that it was: then nothing is counted up or down.
  Route& old = known->second;
  if (fresh || !(old.to.owner_before(connection) || connection.owner_before(old.to))) return true;
  if (old.of_this_run && !of_this_run) {
    connection->close("REQUEST: " + client.value.str() +
                      " is a client of this run; another one needs another name");
    return false;
  }
  old = {connection, of_this_run};
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
  // When it was read; the clock is not asked again for each of the lines of one read.
  const TimePoint now = pace().core_at(
      TimePoint(std::chrono::duration_cast<Duration>(connection->last_read().time_since_epoch())));
  const Destination from = sender_of(connection, message);
  if (tracer_) trace_input(connection, from, message, now);
  replica_.receive(message, now);
  if (replica_.connected()) journal_.received(now, from, std::move(message));
  if (tracer_) carry_out();  // step by step, so that each cause is known
}

void NodeHost::trace_input(const ConnectionPtr& connection, const Destination& from,
                           const Message& message, TimePoint now) {
  const auto caller = callers_.find(connection);
  // The HELLO does not count.
  const std::string id = caller == callers_.end()
                             ? ""
                             : line_id(caller->second.process, name_, caller->second.connection,
                                       connection->received() - 1);
  if (replica_.connected()) {
    tracer_.receive(now, from, message, id);
  } else {
    tracer_.drop(now, from, message, id);
  }
}

/// A client hears why it is refused. A node only writes on its links: what comes back there would
/// be one more line in its log, for the fault that this node's log has already.
std::string NodeHost::last_words(const ConnectionPtr& connection, const std::string& reason) const {
  return identified_.contains(connection) ? "" : wire::error_line(reason);
}

void NodeHost::forget(const ConnectionPtr& connection, const std::string& reason) {
  const auto known = identified_.find(connection);
  const std::string who = known == identified_.end() ? "" : " (" + describe(known->second) + ")";
  const bool stranger = strangers_.erase(connection) > 0;
  const TimePoint now = core_now();
  if (stranger && now - stranger_told_ < std::chrono::seconds(1)) return;
  if (stranger) stranger_told_ = now;
  const bool fault = reason != "End of file" && reason != "Connection reset by peer";
  log_.write(fault ? LogLevel::warn : LogLevel::info,
             "closed the connection of " + connection->name() + who + ": " + reason);
  if (known != identified_.end()) identified_.erase(known);
  callers_.erase(connection);
  std::erase_if(routes_, [&](const auto& route) { return route.second.to.lock() == connection; });
}

// --- What goes out

void NodeHost::carry_out() {
  for (bool voted = true; voted;) {
    take_output();
    voted = send_ready();
    store();
    voted = send_ready() || voted;
  }
  // Before the loop goes on, and with it what was sent.
  tracer_.done();
  trace_file_.flush();
  timer_.wake_at(due_);
  report_status();
  if (outbox_.full()) writer_->wait();
}

void NodeHost::take_output() {
  Output& output = replica_.flush();
  if (tracer_) tracer_.output(core_now(), output, replica_);
  for (const Event& event : output.events) report(event);
  if (log_.wants(LogLevel::debug)) {
    for (const Executed& executed : output.executed) {
      log_.write(LogLevel::debug, describe(executed));
    }
  }
  due_ = output.wake_at;
  if (!store_) output.persist.clear();  // and nothing waits for it
  outbox_.add(output);
}

/// Returns whether votes of this node itself were among what was ready: more may come of them.
bool NodeHost::send_ready() {
  const TimePoint now = core_now();
  bool voted = false;
  for (Envelope& envelope : outbox_.ready()) {
    const auto* node = std::get_if<NodeId>(&envelope.to);
    if (node != nullptr && *node == replica_.id()) {
      replica_.take_own_vote(std::get<Accepted>(envelope.message), now);
      voted = true;
      continue;
    }
    send(envelope);
    journal_.sent(now, std::move(envelope));
  }
  outbox_.ready().clear();
  return voted;
}

void NodeHost::store() {
  const Persist* batch = outbox_.store_next();
  if (batch == nullptr || !writer_->write(*batch)) return;
  outbox_.stored();
  stored_at_ = real_now();
}

/// What was written beside the loop has been.
void NodeHost::stored() {
  if (tracer_) tracer_.stored(core_now());
  outbox_.stored();
  stored_at_ = real_now();
  carry_out();
}

void NodeHost::send(const Envelope& envelope) {
  line_.clear();
  wire::append(line_, envelope.message);
  if (const auto* node = std::get_if<NodeId>(&envelope.to)) {
    links_->send(*node, line_, envelope.message, tracer_);
  } else if (const auto* client = std::get_if<ClientId>(&envelope.to)) {
    send_to_client(*client, envelope.message);
  } else {
    links_->send_to_all(line_, envelope.message, tracer_);
  }
}

/// The line at hand goes to a client. One that does not read its answers is cut off; it can come
/// back and ask again.
void NodeHost::send_to_client(const ClientId& client, const Message& message) {
  const auto route = routes_.find(client);
  const auto connection = route == routes_.end() ? nullptr : route->second.to.lock();
  const bool taken = connection && connection->send(line_);
  if (connection && !taken) connection->close("it does not read its answers");
  if (!tracer_) return;
  const auto caller = callers_.find(connection);
  const bool known = taken && caller != callers_.end();
  const std::string id =
      known ? line_id(name_, caller->second.process, caller->second.connection, connection->sent())
            : tracer_.next_id();
  tracer_.send(core_now(), name_of(client), message, id, /*copy=*/false);
  if (!taken) tracer_.lost(core_now(), name_of(client), id, connection ? "full" : "down");
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
  const TimePoint now = real_now();
  const bool urgent = status.role != reported_.role || status.follows != reported_.follows;
  if (!urgent && now - reported_at_ < status_interval) {
    if (std::exchange(status_due_, true)) return;
    status_timer_.expires_after(status_interval);
    status_timer_.async_wait([this](const asio::error_code& error) {
      status_due_ = false;
      if (!error) report_status();
    });
    return;
  }
  report_status_now();
}

/// Nothing else tells the launcher of it: what it heard last is how this node was last.
void NodeHost::report_status_now() {
  const ReplicaStatus status = replica_.status();
  if (status == reported_) return;
  reported_ = status;
  reported_at_ = real_now();
  control_.report(status);
}

}  // namespace paxbank::cluster
