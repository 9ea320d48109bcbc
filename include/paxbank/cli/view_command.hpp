#pragma once

#include "paxbank/view/run.hpp"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

namespace paxbank::cli {

struct ViewCommand {
  enum class Form { html, svg, perfetto, shiviz, mermaid };

  std::filesystem::path trace;
  std::filesystem::path output;  ///< empty: beside the trace, with the form's ending
  Form form = Form::html;
  std::optional<double> from_ms = {};
  std::optional<double> to_ms = {};
};

/// `paxbank view`: makes a picture of a trace. Returns the exit status: 0, or 2 if there is no
/// trace to read, or no place to write.
int run_view(const ViewCommand& command, std::ostream& out, std::ostream& err);

/// Writes a run as a page, opened at its violation if it has one. Returns what is wrong, or "".
[[nodiscard]] std::string write_view(const std::filesystem::path& path, const view::Run& run,
                                     const std::string& title);

/// The same for the trace in a file.
[[nodiscard]] std::string write_view(const std::filesystem::path& path,
                                     const std::filesystem::path& trace, const std::string& title);

}  // namespace paxbank::cli
