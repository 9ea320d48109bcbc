#pragma once

#include <filesystem>
#include <iosfwd>

namespace paxbank::cli {

/// `paxbank data inspect DIR`: what nodes have kept, for a person; of a whole data directory, or of
/// one node's folder in it. It reads only, also while the nodes run. Returns the exit status: 0, 1
/// if a node's folder cannot be read, or 2 if there is none.
int inspect_data(const std::filesystem::path& directory, std::ostream& out, std::ostream& err);

}  // namespace paxbank::cli
