#include "paxbank/web/server.hpp"

#include "paxbank/core/assert.hpp"

#include <asio/post.hpp>

#include <csignal>

namespace paxbank::web {
namespace {

/// How often the trace is looked at: as often as an eye can see.
constexpr std::chrono::milliseconds glance{25};

}  // namespace

Server::Server(asio::io_context& io, const Settings& settings) try
    : epoch_(settings.child.cluster.epoch_us),
      feed_(settings.child.cluster.trace, settings.title),
      control_(io, settings.child.control_fd,
               [this](const cluster::Order& order) {
                 return std::visit([this](const auto& known) { return this->obey(known); }, order);
               }),
      timer_(io),
      site_(settings.port, feed_, [this, &io](std::string line) {
        asio::post(io, [this, line = std::move(line)] { control_.report(cluster::Typed{line}); });
      }) {
  // A page that is closed while something is written to it is no reason to end.
  std::signal(SIGPIPE, SIG_IGN);
  control_.report(cluster::Serves{site_.port(), site_.token()});
  control_.report(cluster::Ready{});
  feed_.set_pace(cluster::pace().slow);
  tail();
} catch (const view::NoTrace& error) {
  throw cluster::ChildError(error.what());
}

cluster::Response Server::obey(const cluster::Show& order) {
  feed_.tell(order.text);
  return cluster::Done{};
}

cluster::Response Server::obey(const cluster::FollowPace& /*order*/) {
  feed_.set_pace(cluster::pace().slow);
  return cluster::Done{};
}

template <class Other>
cluster::Response Server::obey(const Other& /*order*/) {
  PAXBANK_ASSERT(false, "the launcher gives no other orders");
  return cluster::Done{};
}

void Server::tail() {
  const bool more = feed_.tail(cluster::real_now());
  // At full pace there is always something going on.
  if (cluster::pace().slow != 1) {
    feed_.set_time((cluster::core_now() - epoch_).time_since_epoch().count());
  }
  timer_.expires_after(more ? std::chrono::milliseconds(0) : glance);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error) tail();
  });
}

}  // namespace paxbank::web
