#pragma once

#include "paxbank/cluster/log.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/core/trace.hpp"

namespace paxbank::cluster {

/// A sink that appends to the trace file, a whole line at a time, so that many processes can share
/// it. Empty if no trace is wanted. Its times count from `settings.epoch_us`.
[[nodiscard]] TraceSink open_trace(const Settings& settings, OnLost on_lost);

}  // namespace paxbank::cluster
