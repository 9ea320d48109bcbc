// What happened, event by event, for a trace: the same for a simulated and for a real run. What
// each line means is in docs/trace.md; how it looks is `wire`'s business.
#pragma once

#include "paxbank/core/client.hpp"
#include "paxbank/core/invariants.hpp"
#include "paxbank/core/replica.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace paxbank {

/// What a step has changed in a node. What `before` says as well is left out.
struct StateChange {
  const ReplicaStatus* before = nullptr;  ///< none: nothing of this node has been told yet
  const ReplicaStatus* after = nullptr;
  const std::vector<AcceptedEntry>* accepted = nullptr;
  const std::vector<AcceptedEntry>* learned = nullptr;
  const std::vector<SequenceNumber>* chosen = nullptr;
  /// All of them, where they do not follow from what was executed.
  const std::map<AccountId, Amount>* balances = nullptr;
};

/// What befell a process, or the network, from outside.
struct TraceFault {
  std::string_view fault;  ///< cut, heal, hold, clock, ...
  std::string what;
  std::vector<std::pair<std::string, std::string>> links = {};  ///< one way each: from, to
};

/// An order, the reason of a loss, what there is to say of a crash.
struct TraceWord {
  std::string_view text;
};

/// A step of the run's course, as JSON: what the run reported.
struct TraceMark {
  std::string_view json;
};

using TraceDetail =
    std::variant<std::monostate, TraceWord, const Event*, const Executed*, const Answer*,
                 const Request*, const StateChange*, const std::vector<std::string>*,
                 const TraceFault*, const Violation*, TraceMark>;

/// One line of a trace. What is empty is left out.
struct TraceEvent {
  TimePoint time = {};
  std::string_view node = {};  ///< where: n3, a client's name, network, run
  std::string_view kind = {};
  std::string_view id = {};
  std::string_view peer = {};
  std::string_view send = {};  ///< the id of the send that arrived, or did not
  const Message* message = nullptr;
  std::string_view same_as = {};  ///< the id of the send that says the message
  bool again = false;             ///< a resend
  TraceDetail detail = {};
  std::string_view cause = {};  ///< the id of the input whose step this came from
  std::string_view why = {};    ///< the same in words
};

using TraceSink = std::function<void(const TraceEvent&)>;

/// The first line of a trace. Each account of the bank has a client of its name.
struct TraceHead {
  std::string_view by;  ///< processes, simulator
  std::string run;
  std::uint64_t seed = 0;
  std::uint32_t nodes = 0;
  BankConfig bank;
};

/// The schema that this program writes and reads.
inline constexpr int trace_version = 2;

/// n3, a client's name, or all.
[[nodiscard]] std::string name_of(const Destination& party);

}  // namespace paxbank
