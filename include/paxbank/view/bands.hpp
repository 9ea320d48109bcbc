#pragma once

#include "paxbank/view/run.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace paxbank::view {

/// What a node was for a while: as long as nothing of this changed.
struct Band {
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::string role = {};  ///< backup, candidate, leader; empty while it is dead
  std::uint32_t round = 0;
  std::uint8_t owner = 0;  ///< of the ballot that it follows, stands or leads in; 0: of none
  bool connected = true;
  bool paused = false;
};

/// A node's bands, in order, without holes, to the end of the run.
[[nodiscard]] std::vector<Band> bands_of(const Run& run, std::uint16_t lane);

}  // namespace paxbank::view
