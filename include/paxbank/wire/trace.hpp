#pragma once

#include "paxbank/core/trace.hpp"

#include <string>

namespace paxbank::wire {

/// A line of a trace file, its `\n` included. What its fields mean is in docs/trace.md.
void append(std::string& out, const TraceEvent& event);
[[nodiscard]] std::string encode(const TraceEvent& event);

/// The first line of a trace file.
[[nodiscard]] std::string encode(const TraceHead& head);

}  // namespace paxbank::wire
