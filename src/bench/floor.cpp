#include "paxbank/bench/floor.hpp"

#include "paxbank/core/assert.hpp"

#include <charconv>

namespace paxbank::bench {
namespace {

std::string no_greeting(std::uint64_t /*connection*/) { return ""; }

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

std::vector<cluster::Child> start(std::uint32_t nodes, std::size_t line_size,
                                  cluster::Storage storage) {
  cluster::Settings settings;
  settings.nodes = nodes;
  settings.base_port = 0;
  const std::vector<cluster::Listener> listeners = bind_ports(settings);
  const cluster::Program program{
      "floor",
      "floor ",
      "floor",
      "floor client",
      {"--nodes", std::to_string(nodes), "--line-size", std::to_string(line_size), "--storage",
       std::string(name_of(storage))},
      ports_of(listeners)};
  return start_children(program, listeners);
}

}  // namespace

FloorNode::FloorNode(asio::io_context& io, const FloorSettings& settings)
    : settings_(settings),
      disk_(io, settings.storage, settings.line_size,
            [this](std::string_view lines) { take_written(lines); }),
      control_(io, settings.control_fd, [](const cluster::Order&) { return cluster::Done{}; }) {
  net::Server::Handler server;
  server.on_line = [this](const ConnectionPtr& connection, std::string_view line) {
    take_from_outside(connection, line);
  };
  server.on_read_end = [this] { disk_.write(); };
  server.on_close = [](const ConnectionPtr&, const std::string&) {};
  server.on_deaf = [](const std::string& reason, bool) { throw cluster::ChildError(reason); };
  server_ = std::make_unique<net::Server>(
      io, asio::ip::tcp::acceptor(io, asio::ip::tcp::v4(), settings.listen_fd), std::move(server));
  if (settings.id == 1) {
    waiting_.resize(Floor::window_limit);
    for (std::uint32_t n = 2; n <= settings.nodes; ++n) {
      followers_.push_back(std::make_unique<net::Link>(
          io, endpoint(settings.ports.at(n - 1)), std::to_string(n), no_greeting,
          [this](std::string_view line) { take_echo(line); }));
    }
  }
  control_.report(cluster::Ready{});
}

/// The leader gets a client's line and gives it a number of its own; a follower sends back the
/// leader's.
void FloorNode::take_from_outside(const ConnectionPtr& connection, std::string_view line) {
  if (settings_.id != 1) {
    leader_ = connection;
    disk_.add(line);
    disk_.add("\n");
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
  disk_.add(numbered);
}

/// A follower answers; the leader counts itself.
void FloorNode::take_written(std::string_view lines) {
  if (settings_.id != 1) {
    leader_->send(lines);
    return;
  }
  for (; !lines.empty(); lines.remove_prefix(settings_.line_size)) take_echo(lines);
}

void FloorNode::take_echo(std::string_view line) {
  Waiting& waiting = waiting_[read_number(line)];
  if (++waiting.echoes == quorum_of(settings_.nodes)) waiting.client->send(waiting.line);
}

FloorClient::FloorClient(asio::io_context& io, const FloorSettings& settings)
    : line_(settings.line_size, 'x'),
      control_(io, settings.control_fd, [this](const cluster::Order& order) {
        if (const auto* load = std::get_if<cluster::BeginLoad>(&order)) begin(load->load);
        return cluster::Done{};
      }) {
  line_.back() = '\n';
  leader_ = std::make_unique<net::Link>(io, endpoint(settings.ports.at(0)), "leader", no_greeting,
                                        [this](std::string_view line) { take(line); });
  leader_->on_change([this] {
    if (leader_->connected()) control_.report(cluster::Ready{});
  });
}

void FloorClient::begin(const cluster::LoadOrder& load) {
  PAXBANK_ASSERT(load.clients <= Floor::window_limit, "a window that the leader can hold");
  sent_ns_.assign(load.clients, 0);
  result_ = {};
  start_ns_ = now_ns();
  end_ns_ = start_ns_ + std::chrono::nanoseconds(load.duration).count();
  for (std::uint32_t slot = 0; slot < load.clients; ++slot) send(slot);
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
  result_.latency_ns.add(static_cast<std::uint64_t>(now - sent_ns_.at(slot)));
  ++result_.answered;
  --under_way_;
  if (now < end_ns_) {
    send(slot);
  } else if (under_way_ == 0) {
    result_.duration =
        std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(now - start_ns_));
    control_.report(result_);
  }
}

Floor::Floor(std::uint32_t nodes, std::size_t line_size, cluster::Storage storage)
    : processes_(io_, start(nodes, line_size, storage),
                 {[this](std::size_t, const cluster::Report& report) {
                    if (const auto* load = std::get_if<cluster::LoadResult>(&report)) {
                      result_ = *load;
                    }
                  },
                  {}}) {}

std::optional<cluster::LoadResult> Floor::run(std::uint32_t window, Duration duration) {
  const std::size_t client = processes_.size() - 1;
  result_.reset();
  processes_.ask(client, cluster::BeginLoad{{window, duration, 0}});
  processes_.run(Duration::max(), [&] { return result_.has_value() || !processes_.all_answer(); });
  return result_;
}

}  // namespace paxbank::bench
