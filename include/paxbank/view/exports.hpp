// A run for other programs, and for paper.
#pragma once

#include "paxbank/view/run.hpp"

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <stdexcept>

namespace paxbank::view {

/// The part of a run that is meant, by its times; both ends included.
struct Part {
  std::int64_t from_us = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_us = std::numeric_limits<std::int64_t>::max();

  [[nodiscard]] bool holds(std::int64_t time_us) const {
    return time_us >= from_us && time_us <= to_us;
  }
};

/// The part holds more than the form can show; says how much, and what to do.
struct TooMuch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Lanes, bands, arrows: the page's picture as it stands, for a document. Throws TooMuch.
void write_svg(std::ostream& out, const Run& run, const Part& part);

/// Chrome's trace format, which Perfetto reads: a slice for each step, a flow for each message that
/// arrived.
void write_perfetto(std::ostream& out, const Run& run, const Part& part);

/// ShiViz's: a line for each event with its vector clock; no clock has a hole.
void write_shiviz(std::ostream& out, const Run& run, const Part& part);

/// A Mermaid sequence diagram. Throws TooMuch where Mermaid would not draw it.
void write_mermaid(std::ostream& out, const Run& run, const Part& part);

}  // namespace paxbank::view
