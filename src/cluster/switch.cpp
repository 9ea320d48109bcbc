#include "paxbank/cluster/switch.hpp"

#include "paxbank/cluster/links.hpp"
#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/wire/codec.hpp"

#include <asio/ip/tcp.hpp>

#include <algorithm>
#include <utility>

namespace paxbank::cluster {
namespace {

/// How long a line is on its way where it is to be seen, in the core's time: at 20 times as slow,
/// half a second.
constexpr Duration seen_flight = std::chrono::milliseconds(25);

/// At full speed a line is not held up; where time stands, each is let through by itself.
Duration flight() { return pace().slow == 1 ? Duration::zero() : seen_flight; }

}  // namespace

Switch::Switch(asio::io_context& io, const ChildSettings& settings)
    : io_(io),
      ports_(settings.ports),
      control_(io, settings.control_fd,
               [this](const Order& order) {
                 return std::visit([this](const auto& known) { return this->obey(known); }, order);
               }),
      log_("switch", settings.cluster.log_dir, settings.cluster.log_level,
           [this](const std::string& what) { control_.report(Lost{what}); }),
      trace_file_(settings.cluster,
                  [this](const std::string& what) { control_.report(Lost{what}); }),
      trace_(trace_file_.sink()),
      nodes_(settings.cluster.nodes),
      timer_(io, [this] { deliver(); }) {
  for (std::size_t i = 0; i < settings.switch_fds.size(); ++i) {
    listen(io, NodeId{static_cast<std::uint32_t>(i + 1)}, settings.switch_fds[i]);
  }
  control_.report(Ready{});
}

// --- Links

void Switch::listen(asio::io_context& io, NodeId node, int descriptor) {
  net::Server::Handler handler;
  handler.on_line = [this, node](const ConnectionPtr& caller, std::string_view line) {
    take_from_caller(link_of(caller, node), line);
  };
  handler.on_read_end = [this] { deliver(); };
  handler.on_close = [this](const ConnectionPtr& caller, const std::string& reason) {
    const auto known = std::find_if(links_.begin(), links_.end(),
                                    [&](const LinkPtr& link) { return link->caller == caller; });
    if (known != links_.end()) end(*known, reason);
  };
  handler.on_deaf = [this](const std::string& reason, bool fatal) {
    if (fatal) throw ChildError("switch: " + reason);
    log_.write(LogLevel::warn, reason);
  };
  servers_.push_back(std::make_unique<net::Server>(
      io, asio::ip::tcp::acceptor(io, asio::ip::tcp::v4(), descriptor), std::move(handler)));
}

Switch::LinkPtr Switch::link_of(const ConnectionPtr& caller, NodeId node) {
  const auto known = std::find_if(links_.begin(), links_.end(),
                                  [&](const LinkPtr& link) { return link->caller == caller; });
  if (known != links_.end()) return *known;
  auto link = std::make_shared<Link>();
  link->caller = caller;
  link->node = node;
  link->there.to_name = link->back.from_name = describe(node);
  link->back.to = caller;
  links_.push_back(link);
  servers_[node.value - 1]->keep(caller);
  reach(link);
  return link;
}

/// Goes on to the node itself; until that stands, lines wait.
void Switch::reach(const LinkPtr& link) {
  const auto socket = std::make_shared<asio::ip::tcp::socket>(io_);
  const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                                         ports_.at(link->node.value - 1));
  socket->async_connect(endpoint, [this, link, socket](const asio::error_code& error) {
    if (error) {
      link->caller->close(describe(link->node) + " is not reached: " + error.message());
      return;
    }
    asio::error_code ignored;
    socket->set_option(asio::ip::tcp::no_delay(true), ignored);
    link->there.to =
        std::make_shared<net::Connection>(net::Socket(std::move(*socket)), describe(link->node));
    net::Connection::Handler handler;
    handler.on_line = [this, link](std::string_view line) { send_off(*link, link->back, line); };
    handler.on_read_end = [this] { deliver(); };
    handler.on_close = [link](const std::string& reason) { link->caller->close(reason); };
    link->there.to->start(std::move(handler));
    deliver();
  });
}

void Switch::take_from_caller(const LinkPtr& link, std::string_view line) {
  if (link->there.from_name.empty()) {
    take_hello(*link, line);
  } else {
    send_off(*link, link->there, line);
  }
}

/// The first line says whose the connection is. It goes on at once.
void Switch::take_hello(Link& link, std::string_view line) {
  const wire::Decoded decoded = wire::decode(line, nodes_);
  const auto* hello = std::get_if<wire::Hello>(&decoded);
  if (hello == nullptr) {
    link.caller->close("the switch takes nobody who does not say HELLO");
    return;
  }
  link.there.from_name = link.back.to_name = process_of(*hello);
  link.connection = hello->connection;
  link.there.flights.push_back({core_now(), "", std::string(line) + "\n"});
}

void Switch::send_off(Link& link, Way& way, std::string_view line) {
  const Duration on_its_way = flight();
  TimePoint due = core_now() + on_its_way;
  if (on_its_way > Duration::zero()) due = last_due_ = std::max(due, last_due_ + Duration(1));
  if (!way.flights.empty()) due = std::max(due, way.flights.back().due);
  way.flights.push_back({due, line_id(way.from_name, way.to_name, link.connection, ++way.lines),
                         std::string(line) + "\n"});
}

void Switch::end(const LinkPtr& link, const std::string& reason) {
  if (link->there.to) link->there.to->close(reason);
  links_.remove(link);
}

// --- Flights

void Switch::deliver() {
  const TimePoint now = core_now();
  for (const LinkPtr& link : links_) {
    deliver(link->there, now);
    deliver(link->back, now);
  }
}

void Switch::deliver(Way& way, TimePoint now) {
  if (!way.to) return;
  while (!way.flights.empty() && way.flights.front().due <= now) {
    // A queue that is full loses the line, as a network would, and the connection with it.
    if (!way.to->send(way.flights.front().line) && way.to->open()) {
      lose(way, way.flights.front(), "full");
      way.to->close("it does not read");
    }
    way.flights.pop_front();
  }
  if (!way.flights.empty()) timer_.wake_at(way.flights.front().due);
}

/// The message of a flight; none if it is a HELLO, or lost.
std::optional<Message> Switch::message_of(const Flight& flight) const {
  wire::Decoded decoded =
      wire::decode(std::string_view(flight.line).substr(0, flight.line.size() - 1), nodes_);
  auto* message = std::get_if<Message>(&decoded);
  if (message == nullptr) return std::nullopt;
  return std::move(*message);
}

/// Tells of it in the name of whoever sent it, which may be one of the clients.
void Switch::lose(const Way& way, const Flight& flight, std::string_view reason) {
  const auto message = message_of(flight);
  if (!trace_ || !message) return;
  std::string from = way.from_name;
  std::string to = way.to_name;
  if (const auto* request = std::get_if<Request>(&*message); request && from == "clients") {
    from = request->client.value.str();
  }
  if (const auto* reply = std::get_if<Reply>(&*message)) to = reply->client.value.str();
  trace_({.time = core_now(),
          .node = from,
          .kind = "lost",
          .peer = to,
          .send = flight.id,
          .detail = TraceWord{reason}});
  trace_file_.flush();
}

std::string Switch::words(const Way& way, const Flight& flight) const {
  const auto message = message_of(flight);
  return way.from_name + ">" + way.to_name + (message ? " " + describe(*message) : "");
}

// --- The launcher's orders

Response Switch::obey(const FollowPace& /*order*/) {
  follow_pace();
  deliver();
  return Done{};
}

Response Switch::obey(const AskDue& /*order*/) const {
  Due due;
  for (const LinkPtr& link : links_) {
    for (const Way* way : {&link->there, &link->back}) {
      if (way->flights.empty() || way->flights.front().due >= due.at) continue;
      due = {way->flights.front().due, words(*way, way->flights.front())};
    }
  }
  return due;
}

Response Switch::obey(const Lose& order) {
  for (const LinkPtr& link : links_) {
    for (Way* way : {&link->there, &link->back}) {
      const auto flight =
          std::find_if(way->flights.begin(), way->flights.end(), [&](const Flight& candidate) {
            return candidate.id == order.send && candidate.line != "\n";
          });
      if (flight == way->flights.end()) continue;
      lose(*way, *flight, "by hand");
      flight->line = "\n";
      return Found{true};
    }
  }
  return Found{false};
}

template <class Other>
Response Switch::obey(const Other& /*order*/) {
  PAXBANK_ASSERT(false, "the launcher gives no other orders");
  return Done{};
}

}  // namespace paxbank::cluster
