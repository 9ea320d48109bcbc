// What docs/trace.md promises of a trace, line by line.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace paxbank::testing {

/// What there was to look at.
struct Traced {
  std::size_t sends = 0;
  std::size_t arrived = 0;
  std::uint64_t connections = 0;  ///< the most that one process made to another
};

/// Expects that time never goes back, that a name is that of one line, that a cause is an input of
/// the same process and stands before what came of it, and that whatever arrives or is lost names a
/// send that stands before it, from where and to where it says, and does so once.
Traced expect_rules_kept(const std::vector<nlohmann::json>& lines);

}  // namespace paxbank::testing
