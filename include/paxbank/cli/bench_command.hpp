#pragma once

#include "paxbank/bench/bench.hpp"
#include "paxbank/scenario/report.hpp"

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

namespace paxbank::cli {

struct BenchCommand {
  cluster::Settings settings;
  bench::WindowsConfig windows;
  std::uint64_t transfers = 0;  ///< above 0: how throughput holds over so many
  std::uint32_t failovers = 0;  ///< above 0: so many leader failures under load
  std::uint32_t kills = 0;      ///< above 0: so many nodes killed and restarted under load
  std::filesystem::path plot;   ///< empty: none
  scenario::Format format = scenario::Format::text;
  scenario::Style style;
};

/// `1,10,100`. Nullopt if it is no list of windows.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> read_windows(const std::string& text);

/// What stands in the way of a plot, or "".
[[nodiscard]] std::string plot_problem(const std::filesystem::path& plot);

/// `paxbank bench`. Returns the exit status: 0, or 1 if a check failed or the floor was
/// disturbed. Throws cluster::StartError.
int run_bench(const BenchCommand& command, std::ostream& out, std::ostream& err);

}  // namespace paxbank::cli
