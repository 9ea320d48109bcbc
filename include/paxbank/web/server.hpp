#pragma once

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/web/feed.hpp"
#include "paxbank/web/site.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <cstdint>
#include <string>

namespace paxbank::web {

/// What the web server is told on its command line.
struct Settings {
  cluster::ChildSettings child;
  std::uint16_t port = 0;  ///< 0: any that is free
  std::string title;       ///< of what the run is, as its user knows it
};

/// The process that shows the run in a browser. It reads the trace that the others write; what is
/// typed on a page it reports, and the launcher does it. So whatever a browser does, the cluster
/// does not notice.
class Server {
 public:
  /// Reports Serves and Ready. Throws cluster::ChildError.
  Server(asio::io_context& io, const Settings& settings);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  cluster::Response obey(const cluster::Show& order);
  cluster::Response obey(const cluster::FollowPace& order);
  static cluster::Response obey(const cluster::ShowStatus&) { return cluster::Done{}; }
  static cluster::Response obey(const cluster::AskDue&) { return cluster::Due{}; }
  /// Whatever else there is, others are ordered.
  template <class Other>
  static cluster::Response obey(const Other& order);

  void tail();

  Duration epoch_;
  Feed feed_;
  cluster::ControlChannel control_;
  asio::steady_timer timer_;
  Site site_;
};

}  // namespace paxbank::web
