#pragma once

#include "paxbank/view/run.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace paxbank::view {

struct PageOptions {
  std::string title;                          ///< of what the run is, as its user knows it
  std::optional<std::uint32_t> open_at = {};  ///< the event that the page opens at
  bool live = false;                          ///< more events will come
};

/// What a page knows of a run beside its events: names, notes, the lanes, as a JSON object that can
/// stand in a page.
[[nodiscard]] std::string page_head(const Run& run, const PageOptions& options);

/// Writes the run as one page that needs nothing else: no network, no other file.
void write_page(std::ostream& out, const Run& run, const PageOptions& options);

/// The page of a run of which no event is known yet: they come to it row by row.
[[nodiscard]] std::string empty_page(const std::string& head);

/// Appends one event of a run that grows, as the page takes it: a JSON array. -1: there is none.
/// What arrived has the text of its send and does not say it again.
void append_row(std::string& out, const Run& run, std::uint32_t place);

}  // namespace paxbank::view
