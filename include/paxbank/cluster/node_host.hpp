#pragma once

#include "paxbank/cluster/control.hpp"
#include "paxbank/cluster/links.hpp"
#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/cluster/store_writer.hpp"
#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/journal.hpp"
#include "paxbank/core/outbox.hpp"
#include "paxbank/core/replica.hpp"
#include "paxbank/core/tracer.hpp"
#include "paxbank/net/server.hpp"
#include "paxbank/wire/decoder.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace paxbank::cluster {

/// A node process: a replica, fed by its public port, its timer and the launcher's orders, and
/// carried out by its links and its store. It holds no protocol rule; it only checks that messages
/// come from whom they claim.
class NodeHost {
 public:
  NodeHost(asio::io_context& io, const ChildSettings& settings);

 private:
  using ConnectionPtr = net::Server::ConnectionPtr;
  /// A process of this run at the other end of a connection, as a trace calls the two.
  struct Caller {
    std::string process;
    std::uint64_t connection = 0;
  };
  /// Where a client is answered.
  struct Route {
    std::weak_ptr<net::Connection> to;
    bool of_this_run = false;  ///< a client of this run's own client manager
  };

  [[nodiscard]] Acceptor recovered(const ChildSettings& settings);
  void take_line(const ConnectionPtr& connection, std::string_view line);
  void take_hello(const ConnectionPtr& connection, const wire::Hello& hello);
  [[nodiscard]] std::string strangeness_of(const wire::Hello& hello) const;
  void take_message(const ConnectionPtr& connection, Message message);
  [[nodiscard]] std::optional<std::string> fault_of(const ConnectionPtr& connection,
                                                    const Message& message) const;
  [[nodiscard]] Destination sender_of(const ConnectionPtr& connection,
                                      const Message& message) const;
  bool route(const ClientId& client, const ConnectionPtr& connection, bool of_this_run = false);
  [[nodiscard]] std::string last_words(const ConnectionPtr& connection,
                                       const std::string& reason) const;
  void forget(const ConnectionPtr& connection, const std::string& reason);

  void carry_out();
  void take_output();
  bool send_ready();
  void store();
  void stored();
  void send(const Envelope& envelope);
  void send_to_client(const ClientId& client, const Message& message);
  void trace_input(const ConnectionPtr& connection, const Destination& from, const Message& message,
                   TimePoint now);
  void report(const Event& event);
  void report_status();
  void report_status_now();

  Response obey(const ShowStatus&) { return carried_out(); }
  static Response obey(const FollowPace& order);
  Response obey(const AskDue&) const { return Due{due_, name_ + "'s timer"}; }
  Response obey(const SetConnected& order);
  Response obey(const SetPaused& order);
  Response obey(const AskStore&) const;
  Response obey(const TakeSnapshot&) const;
  Response obey(const ReadCheckpoint&) const;
  Response obey(const ReadLog& order) const;
  Response obey(const ReadMessages& order) const;
  Response obey(const ReadViews& order) const;
  /// Whatever else there is, the client manager is ordered.
  template <class Other>
  static Response obey(const Other& order);
  void note_order(std::string_view order);
  Response carried_out();

  ControlChannel control_;
  Log log_;
  TraceFile trace_file_;
  std::string name_;
  Tracer tracer_;
  storage::Durability durability_;
  std::optional<storage::Store> store_;  ///< none: nothing outlives the process
  Replica replica_;
  Outbox outbox_;
  std::optional<StoreWriter> writer_;  ///< as long as there is a store
  TimePoint stored_at_;                ///< when something was last stored; in real time
  wire::Hello hello_;  ///< what this node says, and a peer of its run says but for the name
  Journal journal_;
  wire::Decoder decoder_;
  std::string line_;  ///< the one that is being sent; its room stays
  WakeTimer timer_;
  TimePoint due_ = never;            ///< when the replica wants to wake
  asio::steady_timer status_timer_;  ///< in real time: the launcher is told however the core's goes
  bool status_due_ = false;
  std::optional<Links> links_;
  std::map<ConnectionPtr, NodeId> identified_;  ///< connections that said which node they are
  std::map<ConnectionPtr, Caller> callers_;     ///< processes of this run
  std::set<ConnectionPtr> strangers_;           ///< about to be closed: they do not belong here
  TimePoint stranger_told_;
  std::unordered_map<ClientId, Route, HashName> routes_;
  ReplicaStatus reported_;
  TimePoint reported_at_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace paxbank::cluster
