#pragma once

#include "paxbank/core/trace.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace paxbank::wire {

/// A trace event as an object: `time_us`, `node`, `kind`, `peer`, the message (or `what`, in
/// words), `cause`.
[[nodiscard]] nlohmann::ordered_json to_json(const TraceEvent& event);

/// The same as a line of a trace file, its `\n` included.
[[nodiscard]] std::string encode(const TraceEvent& event);

}  // namespace paxbank::wire
