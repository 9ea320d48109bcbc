#pragma once

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/journal.hpp"
#include "paxbank/core/replica.hpp"
#include "paxbank/core/trace.hpp"
#include "paxbank/net/link.hpp"
#include "paxbank/net/server.hpp"
#include "paxbank/wire/decoder.hpp"

#include <asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace paxbank::cluster {

/// A node process: a replica, fed by its public port, its timer and the launcher's orders, and
/// carried out by its links. It holds no protocol rule; it only checks that messages come from whom
/// they claim.
class NodeHost {
 public:
  NodeHost(asio::io_context& io, const ChildSettings& settings);

 private:
  using ConnectionPtr = net::Server::ConnectionPtr;

  void take_line(const ConnectionPtr& connection, std::string_view line);
  void take_hello(const ConnectionPtr& connection, const wire::Hello& hello);
  void take_message(const ConnectionPtr& connection, Message message);
  [[nodiscard]] std::optional<std::string> fault_of(const ConnectionPtr& connection,
                                                    const Message& message) const;
  [[nodiscard]] Destination sender_of(const ConnectionPtr& connection,
                                      const Message& message) const;
  bool route(const ClientId& client, const ConnectionPtr& connection);
  void forget(const ConnectionPtr& connection, const std::string& reason);

  /// `cause` in words, for a trace.
  void carry_out(std::string_view cause);
  void send(const Envelope& envelope);
  void report(const Event& event);
  void report_status();
  void report_status_now();
  void report_links();

  nlohmann::json obey(const nlohmann::json& order);
  [[nodiscard]] nlohmann::json log_page(SequenceNumber from) const;
  [[nodiscard]] nlohmann::json message_page(std::size_t from) const;
  [[nodiscard]] nlohmann::json view_page(std::size_t view, std::size_t entry) const;

  std::uint32_t nodes_;
  Log log_;
  TraceSink trace_;
  std::string name_;
  Replica replica_;
  Journal journal_;
  wire::Decoder decoder_;
  std::string line_;  ///< the one that is being sent; its room stays
  WakeTimer timer_;
  WakeTimer status_timer_;
  std::vector<std::unique_ptr<net::Link>> links_;  ///< by node number; none to itself
  std::map<ConnectionPtr, NodeId> identified_;     ///< connections that said which node they are
  std::unordered_map<ClientId, std::weak_ptr<net::Connection>, HashName> routes_;
  ReplicaStatus reported_;
  TimePoint reported_at_;
  bool links_reported_ = false;
  std::unique_ptr<net::Server> server_;
  ControlChannel control_;
};

}  // namespace paxbank::cluster
