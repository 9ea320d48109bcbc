#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

namespace paxbank::cli {

/// Whether a file can be made at this place; returns what is wrong, or "". Nothing is left behind.
[[nodiscard]] std::string cannot_be_written(const std::filesystem::path& path);

/// Writes a file whole or not at all: whatever stood there stays until all has been written.
/// Returns what is wrong, or "".
[[nodiscard]] std::string write_file(const std::filesystem::path& path,
                                     const std::function<void(std::ostream&)>& write);

}  // namespace paxbank::cli
