#pragma once

#include "paxbank/core/trace.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace paxbank {

/// Finds out which messages were sent before: from the messages alone, so that the protocol need
/// not say, and neither need a node that is not ours.
class SentBefore {
 public:
  /// Notes that the message goes to `peer`. Returns whether all it says was sent there before.
  bool note(std::string_view peer, const Message& message);

 private:
  using Way = std::tuple<std::string, std::size_t, ClientId>;  ///< peer, type, whose request
  std::map<Way, std::pair<Ballot, std::uint64_t>> furthest_;
};

/// Writes one party's part of a trace: gives its inputs their ids, and says of everything that
/// follows from an input that it did.
class Tracer {
 public:
  /// Writes nothing.
  Tracer() = default;
  /// `life`: how often the party has been started before; what it names then is not named again.
  Tracer(TraceSink sink, std::string node, std::uint64_t life = 0)
      : sink_(std::move(sink)),
        node_(std::move(node)),
        prefix_(life == 0 ? node_ + "." : node_ + "." + std::to_string(life) + "r") {}

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(sink_); }

  // Inputs. What the party does after several of them came of all of them.
  void start(TimePoint now) { input(now, {.kind = "start"}, "start"); }
  void order(TimePoint now, std::string_view what);
  void submit(TimePoint now, const Request& request);
  /// What the node asked to be stored has been.
  void stored(TimePoint now);
  /// Written only if something comes of it.
  void timer() { timer_due_ = true; }
  /// `send`: the id under which the message was sent; empty if its sender is not in the trace.
  void receive(TimePoint now, const Destination& from, const Message& message,
               std::string_view send);
  /// It arrived, and went no further: this node is cut off.
  void drop(TimePoint now, const Destination& from, const Message& message, std::string_view send);

  /// What a node's steps have led to, but for its messages. Those are said one by one, after this.
  void output(TimePoint now, const Output& output, const Replica& replica);
  void output(TimePoint now, const ClientOutput& output);
  /// A message leaves for one peer, under this id. `copy`: it is the one of the call before, for
  /// another peer.
  void send(TimePoint now, std::string_view peer, const Message& message, std::string_view id,
            bool copy);
  /// A message that was sent will not arrive.
  void lost(TimePoint now, std::string_view peer, std::string_view send, std::string_view reason);
  /// All that came of the inputs has been said.
  void done();

  void fault(TimePoint now, const TraceFault& what);
  void crash(TimePoint now, std::string_view what);
  /// The process is back with what it had stored.
  void restart(TimePoint now);

  /// A name for something of this party's that no other line has.
  [[nodiscard]] std::string next_id() { return prefix_ + std::to_string(++last_id_); }

 private:
  void write(TimePoint now, TraceEvent event);
  void input(TimePoint now, TraceEvent event, std::string why);
  void settle_cause(TimePoint now);
  void tell_state(TimePoint now, const Output& output, const Replica& replica);

  TraceSink sink_;
  std::string node_;
  std::string prefix_;  ///< of the names that it gives
  std::uint64_t last_id_ = 0;
  TimePoint last_;  ///< time never falls back from one line to the next
  bool timer_due_ = false;
  std::vector<std::string> inputs_;  ///< since the last done()
  std::string cause_;
  std::string why_;
  std::optional<ReplicaStatus> told_;  ///< the node's state as it was said last
  SentBefore sent_before_;
  std::string said_in_;  ///< the id of the last send that was no copy
};

}  // namespace paxbank
