#pragma once

#include "paxbank/view/run.hpp"

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace paxbank::view {

/// Not a trace that can be shown; says in which line, and what would be right.
struct NoTrace : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// More than this is not shown: a page of it could not be used.
struct Limits {
  std::size_t events = 5'000'000;
  std::size_t text_bytes = std::size_t{3} << 30U;
  /// No line of a trace is nearly as long: no message is.
  std::size_t line_bytes = std::size_t{64} << 20U;
};

/// Makes a run of a trace, line by line, as it is read or as it grows.
///
/// What is whole is taken; what is not is told in `Run::notes`, with the line's number.
class Reader {
 public:
  /// `growing`: it is shown while it is read. The names of sends are kept then, and time never goes
  /// back: what comes late takes the time of what is there.
  enum class Trace { whole, growing };

  explicit Reader(const Limits& limits = {}, Trace trace = Trace::whole);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  /// Takes a line, without its end. Throws NoTrace if the first one is no head of this schema.
  /// Returns false if nothing of what follows is of any use.
  bool take(std::string_view line);

  /// The last line has no end: it may be half of one.
  void take_unended(std::string_view line);

  /// A line that is longer than the limit: nothing of it is kept.
  void take_too_long();

  /// All has been taken: puts the events in the order of their times.
  void finish();

  [[nodiscard]] const Run& run() const;
  [[nodiscard]] Run take_run();

 private:
  class Lines;
  std::unique_ptr<Lines> lines_;
};

/// Reads a whole trace. Throws NoTrace, also if there is no event in it.
[[nodiscard]] Run read_trace(std::istream& in, const Limits& limits = {});

}  // namespace paxbank::view
