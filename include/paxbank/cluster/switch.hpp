#pragma once

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/tracer.hpp"
#include "paxbank/net/connection.hpp"
#include "paxbank/net/server.hpp"

#include <asio/io_context.hpp>

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank::cluster {

/// The switch: a process through which every link of nodes and clients goes when a run is to be
/// seen in slow motion or by hand. It listens in the place of each node, and hands every line on to
/// the node itself, and back.
///
/// It knows no protocol. Where everything takes longer, a line is on its way for as long as can be
/// seen, in the core's time: when that stands, so does the line. A line that is lost leaves an
/// empty one in its place, since both ends count lines to tell them apart (docs/trace.md).
class Switch {
 public:
  Switch(asio::io_context& io, const ChildSettings& settings);

 private:
  using ConnectionPtr = std::shared_ptr<net::Connection>;

  /// A line on its way.
  struct Flight {
    TimePoint due;
    std::string id;  ///< in the trace; empty for a HELLO
    std::string line;
  };
  /// One way of a link: lines arrive in the order in which they were sent.
  struct Way {
    ConnectionPtr to;  ///< none until the node is connected
    std::string from_name;
    std::string to_name;
    std::uint64_t lines = 0;  ///< so far, a HELLO not counted
    std::deque<Flight> flights;
  };
  /// A connection that somebody made to reach a node, and the one that continues it.
  struct Link {
    ConnectionPtr caller;
    NodeId node;
    std::uint64_t connection = 0;  ///< of its caller's to this node, as the HELLO says
    Way there;
    Way back;
  };
  using LinkPtr = std::shared_ptr<Link>;

  void listen(asio::io_context& io, NodeId node, int descriptor);
  LinkPtr link_of(const ConnectionPtr& caller, NodeId node);
  void reach(const LinkPtr& link);
  void take_from_caller(const LinkPtr& link, std::string_view line);
  void take_hello(Link& link, std::string_view line);
  void send_off(Link& link, Way& way, std::string_view line);
  void end(const LinkPtr& link, const std::string& reason);
  void deliver();
  void deliver(Way& way, TimePoint now);
  [[nodiscard]] std::optional<Message> message_of(const Flight& flight) const;
  void lose(const Way& way, const Flight& flight, std::string_view reason);
  [[nodiscard]] std::string words(const Way& way, const Flight& flight) const;

  Response obey(const FollowPace& order);
  Response obey(const AskDue&) const;
  Response obey(const Lose& order);
  static Response obey(const ShowStatus&) { return Done{}; }
  /// Whatever else there is, others are ordered.
  template <class Other>
  static Response obey(const Other& order);

  asio::io_context& io_;
  std::vector<std::uint16_t> ports_;  ///< of the nodes themselves
  ControlChannel control_;
  Log log_;
  TraceFile trace_file_;
  TraceSink trace_;
  std::uint32_t nodes_;
  TimePoint last_due_;  ///< no two lines arrive at one moment: they can be let through one by one
  WakeTimer timer_;
  std::vector<std::unique_ptr<net::Server>> servers_;
  std::list<LinkPtr> links_;
};

}  // namespace paxbank::cluster
