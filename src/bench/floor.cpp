#include "paxbank/bench/floor.hpp"

#include "paxbank/core/assert.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace paxbank::bench {
namespace {

using Json = nlohmann::json;

constexpr std::size_t number_size = 8;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void write_number(std::string& line, std::uint32_t number) {
  for (std::size_t i = number_size; i-- > 0; number /= 10) {
    line[i] = static_cast<char>('0' + number % 10);
  }
}

std::uint32_t read_number(std::string_view line) {
  std::uint32_t number = 0;
  std::from_chars(line.data(), line.data() + number_size, number);
  return number;
}

asio::ip::tcp::endpoint endpoint(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

std::vector<cluster::Child> start(std::uint32_t nodes, std::size_t line_size) {
  cluster::Settings settings;
  settings.nodes = nodes;
  settings.base_port = 0;
  const std::vector<cluster::Listener> listeners = bind_ports(settings);
  const std::vector<std::string> common{"--nodes",     std::to_string(nodes),
                                        "--line-size", std::to_string(line_size),
                                        "--ports",     joined(listeners)};
  std::vector<cluster::Child> children;
  for (std::uint32_t n = 1; n <= nodes; ++n) {
    std::vector<std::string> arguments{
        "paxbank",         "floor",       "--id",
        std::to_string(n), "--listen-fd", std::to_string(listeners[n - 1].socket.number())};
    arguments.insert(arguments.end(), common.begin(), common.end());
    children.push_back(
        start_child("floor " + std::to_string(n), std::move(arguments), &listeners[n - 1]));
  }
  std::vector<std::string> arguments{"paxbank", "floor"};
  arguments.insert(arguments.end(), common.begin(), common.end());
  children.push_back(cluster::start_child("floor client", std::move(arguments), nullptr));
  return children;
}

}  // namespace

FloorNode::FloorNode(asio::io_context& io, const FloorSettings& settings)
    : settings_(settings),
      control_(io, settings.control_fd, [](const Json&) -> Json { return Json::object(); }) {
  server_ = std::make_unique<net::Server>(
      io, asio::ip::tcp::acceptor(io, asio::ip::tcp::v4(), settings.listen_fd),
      net::Server::Handler{[this](const ConnectionPtr& connection, std::string_view line) {
                             take_from_outside(connection, line);
                           },
                           {},
                           [](const ConnectionPtr&, const std::string&) {}});
  if (settings.id == 1) {
    waiting_.resize(Floor::window_limit);
    for (std::uint32_t n = 2; n <= settings.nodes; ++n) {
      followers_.push_back(
          std::make_unique<net::Link>(io, endpoint(settings.ports.at(n - 1)), std::to_string(n), "",
                                      [this](std::string_view line) { take_echo(line); }));
    }
  }
  control_.push({{"push", "ready"}});
}

/// The leader gets a client's line and gives it a number of its own; a follower sends back the
/// leader's.
void FloorNode::take_from_outside(const ConnectionPtr& connection, std::string_view line) {
  if (settings_.id != 1) {
    std::string echo(line);
    echo += '\n';
    connection->send(echo);
    return;
  }
  const std::uint32_t number = next_++ % Floor::window_limit;
  Waiting& waiting = waiting_[number];
  waiting.client = connection;
  waiting.line.assign(line);
  waiting.line += '\n';
  waiting.echoes = 0;
  std::string numbered = waiting.line;
  write_number(numbered, number);
  for (const auto& follower : followers_) follower->send(numbered);
}

void FloorNode::take_echo(std::string_view line) {
  Waiting& waiting = waiting_[read_number(line)];
  const std::uint32_t own = 1;
  if (++waiting.echoes + own == quorum_of(settings_.nodes)) waiting.client->send(waiting.line);
}

FloorClient::FloorClient(asio::io_context& io, const FloorSettings& settings)
    : line_(settings.line_size, 'x'),
      control_(io, settings.control_fd, [this](const Json& order) { return obey(order); }) {
  line_.back() = '\n';
  leader_ = std::make_unique<net::Link>(io, endpoint(settings.ports.at(0)), "leader", "",
                                        [this](std::string_view line) { take(line); });
  leader_->on_change([this] {
    if (leader_->connected()) control_.push({{"push", "ready"}});
  });
}

Json FloorClient::obey(const Json& order) {
  const auto window = order.at("window").get<std::uint32_t>();
  PAXBANK_ASSERT(window <= Floor::window_limit, "a window that the leader can hold");
  order_id_ = order.at("id").get<std::uint64_t>();
  sent_ns_.assign(window, 0);
  latency_ns_ = {};
  answered_ = 0;
  start_ns_ = now_ns();
  end_ns_ = start_ns_ + order.at("duration_ms").get<std::int64_t>() * 1'000'000;
  for (std::uint32_t slot = 0; slot < window; ++slot) send(slot);
  return nullptr;
}

void FloorClient::send(std::uint32_t slot) {
  sent_ns_[slot] = now_ns();
  write_number(line_, slot);
  leader_->send(line_);
  ++under_way_;
}

void FloorClient::take(std::string_view line) {
  const std::uint32_t slot = read_number(line);
  const std::int64_t now = now_ns();
  latency_ns_.add(static_cast<std::uint64_t>(now - sent_ns_.at(slot)));
  ++answered_;
  --under_way_;
  if (now < end_ns_) {
    send(slot);
  } else if (under_way_ == 0) {
    control_.answer(order_id_, {{"nanoseconds", now - start_ns_},
                                {"answered", answered_},
                                {"latency_ns", latency_ns_.buckets()}});
  }
}

Floor::Floor(std::uint32_t nodes, std::size_t line_size)
    : processes_(start(nodes, line_size), [](std::size_t, const Json&) {}) {}

std::optional<Floor::Result> Floor::run(std::uint32_t window, std::chrono::milliseconds duration) {
  const auto answer = processes_.ask(processes_.size() - 1,
                                     {{"window", window}, {"duration_ms", duration.count()}});
  if (!answer) return std::nullopt;
  Result result;
  result.seconds = answer->at("nanoseconds").get<double>() / 1e9;
  result.answered = answer->at("answered").get<std::uint64_t>();
  for (const Json& bucket : answer->at("latency_ns")) {
    result.latency_ns.add_bucket(bucket.at(0).get<std::size_t>(),
                                 bucket.at(1).get<std::uint64_t>());
  }
  return result;
}

}  // namespace paxbank::bench
