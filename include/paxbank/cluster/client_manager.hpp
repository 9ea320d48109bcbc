#pragma once

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/client.hpp"
#include "paxbank/core/trace.hpp"
#include "paxbank/net/link.hpp"

#include <asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>

#include <map>
#include <memory>
#include <vector>

namespace paxbank::cluster {

/// The client manager process: a logical client for each account, over one connection to each node.
class ClientManager {
 public:
  ClientManager(asio::io_context& io, const ChildSettings& settings);

 private:
  struct Entry {
    Client client;
    TimePoint wake_at = never;
  };

  void take_line(std::uint32_t node, std::string_view line);
  void carry_out(Entry& entry, const ClientOutput& output, std::string_view cause);
  void tick();
  nlohmann::json obey(const nlohmann::json& order);
  nlohmann::json submit(const nlohmann::json& submissions);
  void report_links();

  std::uint32_t nodes_;
  Log log_;
  TraceSink trace_;
  LeaderHint leader_;
  std::map<ClientId, Entry> clients_;
  WakeTimer timer_;
  std::vector<std::unique_ptr<net::Link>> links_;  ///< by node number, from 1
  bool links_reported_ = false;
  ControlChannel control_;
};

}  // namespace paxbank::cluster
