#pragma once

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/load.hpp"
#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/client.hpp"
#include "paxbank/core/trace.hpp"
#include "paxbank/net/link.hpp"
#include "paxbank/wire/decoder.hpp"

#include <asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace paxbank::cluster {

/// The client manager process: a logical client for each account, over one connection to each node.
class ClientManager {
 public:
  ClientManager(asio::io_context& io, const ChildSettings& settings);

 private:
  struct Entry {
    Client client;
    std::uint32_t index = 0;  ///< of its account
    TimePoint wake_at = never;
  };

  void take_line(std::uint32_t node, std::string_view line);
  void carry_out(Entry& entry, const ClientOutput& output, std::string_view cause);
  void tick();
  nlohmann::json obey(const nlohmann::json& order);
  nlohmann::json submit(const nlohmann::json& submissions);
  void begin_load(const nlohmann::json& order);
  void send_next(Entry& entry, TimePoint now);
  void take_answer(Entry& entry, const Answer& answer, TimePoint now);
  void finish_load_if_done(TimePoint now);
  void report_links();

  std::uint32_t nodes_;
  Log log_;
  TraceSink trace_;
  LeaderHint leader_;
  std::vector<Entry> clients_;  ///< by account
  std::unordered_map<ClientId, std::uint32_t, HashName> index_;
  std::optional<LoadDriver> load_;  ///< while a load runs; it then takes all answers
  std::uint64_t load_id_ = 0;       ///< the order to answer at its end
  std::optional<Ballot> watched_;   ///< an answer in a later ballot is to be told
  std::uint64_t watch_id_ = 0;
  wire::Decoder decoder_;
  std::string line_;  ///< the one that is being sent; its room stays
  WakeTimer timer_;
  std::vector<std::unique_ptr<net::Link>> links_;  ///< by node number, from 1
  bool links_reported_ = false;
  ControlChannel control_;
};

}  // namespace paxbank::cluster
