#pragma once

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/links.hpp"
#include "paxbank/cluster/load.hpp"
#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/client.hpp"
#include "paxbank/core/tracer.hpp"
#include "paxbank/wire/decoder.hpp"

#include <asio/io_context.hpp>

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
    Tracer tracer;
    TimePoint wake_at = never;
  };

  void take_line(NodeId node, std::string_view line);
  void carry_out(Entry& entry, const ClientOutput& output);
  void send(Entry& entry, const Envelope& envelope);
  void tick();
  std::optional<Timestamp> submit(Entry& entry, const Transaction& transaction);
  void send_next(Entry& entry, TimePoint now);
  void take_answer(Entry& entry, const Answer& answer, TimePoint now);
  void finish_load_if_done(TimePoint now);

  Response obey(const SetPaused& order);
  Response obey(const Submit& order);
  Response obey(const BeginLoad& order);
  Response obey(const StopLoad& order);
  Response obey(const WatchBallot& order);
  static Response obey(const FollowPace& order);
  Response obey(const AskDue&) const;
  static Response obey(const ShowStatus&) { return Done{}; }
  /// Whatever else there is, nodes are ordered.
  template <class Other>
  static Response obey(const Other& order);

  ControlChannel control_;
  Log log_;
  TraceFile trace_file_;
  LeaderHint leader_;
  std::vector<Entry> clients_;  ///< by account
  std::unordered_map<ClientId, std::uint32_t, HashName> index_;
  std::optional<LoadDriver> load_;  ///< while a load runs; it then takes all answers
  std::optional<Ballot> watched_;   ///< an answer in a later ballot is to be told
  wire::Decoder decoder_;
  std::string line_;  ///< the one that is being sent; its room stays
  WakeTimer timer_;
  std::optional<Links> links_;
};

}  // namespace paxbank::cluster
