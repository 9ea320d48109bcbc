#pragma once

#include "paxbank/cluster/settings.hpp"
#include "paxbank/scenario/report.hpp"

#include <filesystem>
#include <string>

namespace paxbank::cli {

struct RunCommand {
  std::string file;  ///< empty: manual mode
  bool batch = false;
  bool concurrent = false;
  bool runs_on = false;        ///< the cluster does, while the prompt waits
  std::string after_set;       ///< commands with semicolons
  std::filesystem::path view;  ///< empty: no picture
  scenario::Format format = scenario::Format::text;
};

/// `paxbank [FILE.csv]`: reads everything that was given, then starts the cluster. Returns the exit
/// status.
int run_scenario(const RunCommand& command, const cluster::Settings& settings);

}  // namespace paxbank::cli
