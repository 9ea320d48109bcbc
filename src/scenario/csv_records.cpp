#include "paxbank/scenario/csv_records.hpp"

#include "paxbank/scenario/csv.hpp"

#include <algorithm>
#include <cctype>

namespace paxbank::scenario {

namespace {

/// As C writes it, if it is a control character.
std::string visible(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (std::iscntrl(byte) == 0) return {c};
  if (c == '\t') return "\\t";
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  return {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t limit = 40;
  std::string shown;
  for (const char c : text.substr(0, limit)) shown += visible(c);
  return "\"" + shown + (text.size() > limit ? "…" : "") + "\"";
}

bool Cell::empty() const {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_blank(c) || c == '\n' || c == '\r'; });
}

Records::Records(std::string_view text) : text_(text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
}

std::optional<std::vector<Cell>> Records::next() {
  if (place_.at == text_.size()) return std::nullopt;
  std::vector<Cell> cells;
  do {
    cells.push_back(cell());
  } while (take_separator());
  return cells;
}

void Records::new_line() {
  ++place_.at;
  ++place_.line;
  place_.line_start = place_.at;
}

void Records::skip_blanks() {
  while (place_.at < text_.size() && is_blank(text_[place_.at])) ++place_.at;
}

bool Records::take_separator() {
  if (place_.at == text_.size()) return false;
  if (text_[place_.at] == ',') {
    ++place_.at;
    return true;
  }
  if (text_[place_.at] == '\r') ++place_.at;
  if (place_.at < text_.size() && text_[place_.at] == '\n') new_line();
  return false;
}

bool Records::at_line_end() const {
  return text_[place_.at] == '\n' || (text_[place_.at] == '\r' && (place_.at + 1 == text_.size() ||
                                                                   text_[place_.at + 1] == '\n'));
}

Cell Records::cell() {
  skip_blanks();
  if (place_.at < text_.size() && text_[place_.at] == '"') return quoted_cell();
  Cell cell{"", place_.line, place_.column()};
  int depth = 0;
  for (; place_.at < text_.size() && !at_line_end(); ++place_.at) {
    const char c = text_[place_.at];
    if (c == ',' && depth == 0) break;
    if (c == '(' || c == '[') ++depth;
    if ((c == ')' || c == ']') && depth > 0) --depth;
    cell.text += c;
  }
  return cell;
}

/// A quote that is not closed swallows what follows up to the next quote, lines away: the mistake
/// is where it opens, and the lines after that are read for themselves.
void Records::fail_quote(const Place& opening) {
  CsvError error{opening.line, opening.column(),
                 "found a quote that is never closed, expected '\"'"};
  if (place_.at < text_.size() && place_.line == opening.line) {
    error = {place_.line, place_.column(),
             "found " + quoted(text_.substr(place_.at, 1)) +
                 " after a closing quote, expected ',' or the line's end"};
  }
  place_ = opening;
  while (place_.at < text_.size() && text_[place_.at] != '\n') ++place_.at;
  if (place_.at < text_.size()) new_line();
  throw error;
}

Cell Records::quoted_cell() {
  const Place opening = place_;
  ++place_.at;
  Cell cell{"", place_.line, place_.column()};
  while (true) {
    if (place_.at == text_.size()) fail_quote(opening);
    const char c = text_[place_.at];
    if (c == '"') {
      ++place_.at;
      if (place_.at == text_.size() || text_[place_.at] != '"') break;
      cell.text += '"';
      ++place_.at;
    } else {
      cell.text += c;
      if (c == '\n')
        new_line();
      else
        ++place_.at;
    }
  }
  skip_blanks();
  if (place_.at < text_.size() && text_[place_.at] != ',' && !at_line_end()) fail_quote(opening);
  return cell;
}

}  // namespace paxbank::scenario
