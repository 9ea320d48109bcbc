#pragma once

#include "paxbank/scenario/report.hpp"
#include "paxbank/sim/campaign.hpp"

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

namespace paxbank::cli {

struct SimCommand {
  sim::Campaign campaign;
  std::string faults = "all";   ///< as typed, for the command that replays a run
  std::filesystem::path trace;  ///< empty: none
  std::filesystem::path view;   ///< of the one run; empty: only of a violation
  scenario::Format format = scenario::Format::text;
  scenario::Style style;
  bool progress = false;  ///< on standard error, for a terminal
};

/// `A..B`, or one seed. Nullopt if it is neither, or B is below A.
[[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> read_seeds(
    const std::string& text);

/// `paxbank sim`: runs the seeds and says what came of it. Returns the exit status: 0, or 1 if a
/// rule was violated or a fault that was asked for never happened. Ctrl-C ends it with what came of
/// the seeds so far, and status 130.
int run_sim(const SimCommand& command, std::ostream& out, std::ostream& err);

}  // namespace paxbank::cli
