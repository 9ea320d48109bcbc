#pragma once

#include "paxbank/sim/run.hpp"

namespace paxbank::sim {

/// After the storm, with everything settled and nothing of the storm under way: one question to the
/// cluster, drawn from the seed, that a storm is too wild to ask.
void probe(Run& run);

}  // namespace paxbank::sim
