#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paxbank::scenario {

[[nodiscard]] constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// A piece of a file for an error message: short, in quotes, control characters
/// as C writes them.
[[nodiscard]] std::string quoted(std::string_view text);

struct Cell {
  std::string text;  ///< without its quotes
  std::size_t line = 1;
  std::size_t column = 1;

  [[nodiscard]] bool empty() const;
};

/// Cuts a file into records of cells: RFC 4180, and commas inside brackets do not separate, so that
/// the unquoted form of the original's files is read too.
class Records {
 public:
  explicit Records(std::string_view text);

  /// The next record, or nullopt at the end. Throws CsvError for a quote out of place; the record
  /// after it then begins in the line after that quote.
  std::optional<std::vector<Cell>> next();

  [[nodiscard]] std::size_t line() const { return place_.line; }

 private:
  struct Place {
    std::size_t at = 0;
    std::size_t line = 1;
    std::size_t line_start = 0;

    [[nodiscard]] std::size_t column() const { return at - line_start + 1; }
  };

  void new_line();
  void skip_blanks();
  /// True after a comma; false at the end of the record, which is then consumed.
  bool take_separator();
  [[nodiscard]] bool at_line_end() const;
  Cell cell();
  Cell quoted_cell();
  [[noreturn]] void fail_quote(const Place& opening);

  std::string_view text_;
  Place place_;
};

}  // namespace paxbank::scenario
