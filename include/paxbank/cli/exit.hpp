#pragma once

#include "paxbank/scenario/report.hpp"

#include <string>
#include <vector>

namespace paxbank::cli {

/// The exit statuses of every command.
inline constexpr int exit_ok = 0;
inline constexpr int exit_broken = 1;         ///< it ran, and something does not hold
inline constexpr int exit_usage = 2;          ///< what was asked for cannot be done
inline constexpr int exit_by_signal = 128;    ///< and the signal's number: as a shell reports it
inline constexpr int exit_interrupted = 130;  ///< by Ctrl-C

/// A mistake of the user's: in words on standard error, and for scripts on standard output.
/// Returns the exit status.
int refuse(scenario::Format format, const std::vector<std::string>& problems);

/// The exit status of a command that has ended with `status`: not well if its output did not get
/// through.
int finish(int status);

}  // namespace paxbank::cli
