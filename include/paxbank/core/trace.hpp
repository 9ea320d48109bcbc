#pragma once

#include "paxbank/core/client.hpp"
#include "paxbank/core/output.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace paxbank {

/// One thing that happened somewhere, for a trace: the same for a simulated and for a real run.
struct TraceEvent {
  TimePoint time;
  std::string_view node;   ///< where: n3, a client's name, or "network"
  std::string_view kind;   ///< receive, send, event, execute, answer, timer, order, fault
  std::string_view peer;   ///< from whom or to whom; empty where there is nobody
  const Message* message;  ///< nullptr where there is none
  std::string_view what;   ///< in words, where there is no message
  std::string_view cause;  ///< in words: the input whose step this came from
};

using TraceSink = std::function<void(const TraceEvent&)>;

/// n3, a client's name, or all.
[[nodiscard]] std::string name_of(const Destination& party);

/// An input in words: `ACCEPT from n2`.
[[nodiscard]] std::string cause_of(const Message& message, const Destination& from);

/// Traces what a node's steps have led to. `cause` is the input, as in "ACCEPT from n2".
void trace_output(const TraceSink& sink, TimePoint time, std::string_view node,
                  const Output& output, std::string_view cause);

/// The same for a client's.
void trace_client(const TraceSink& sink, TimePoint time, const ClientId& client,
                  const ClientOutput& output, std::string_view cause);

}  // namespace paxbank
