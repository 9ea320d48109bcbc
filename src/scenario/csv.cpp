#include "paxbank/scenario/csv.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace paxbank::scenario {
namespace {

bool blank(char c) { return c == ' ' || c == '\t'; }

std::string quoted(std::string_view text) {
  constexpr std::size_t limit = 40;
  std::string shown;
  for (const char c : text.substr(0, limit)) {
    shown += std::iscntrl(static_cast<unsigned char>(c)) != 0 ? '?' : c;
  }
  return "\"" + shown + (text.size() > limit ? "…" : "") + "\"";
}

/// Reads the inside of a cell; columns count from where the cell stands in its line.
class Scanner {
 public:
  explicit Scanner(std::string_view text, std::size_t line = 1, std::size_t column = 1)
      : text_(text), line_(line), column_(column) {}

  [[noreturn]] void fail(std::size_t at, std::string_view found,
                         const std::string& expected) const {
    throw CsvError{
        line_, column_ + at,
        "found " + (found.empty() ? "nothing" : quoted(found)) + ", expected " + expected};
  }

  void skip_blanks() {
    while (at_ < text_.size() && (blank(text_[at_]) || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  [[nodiscard]] bool done() {
    skip_blanks();
    return at_ == text_.size();
  }

  void expect(char wanted, const std::string& of) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != wanted) {
      fail(at_, text_.substr(at_, 1), std::string("'") + wanted + "' of " + of);
    }
    ++at_;
  }

  [[nodiscard]] bool take(char wanted) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void expect_end(const std::string& after) {
    if (!done()) fail(at_, text_.substr(at_), "nothing after " + after);
  }

  /// Everything up to a delimiter, without blanks around it.
  std::string_view word() {
    skip_blanks();
    word_at_ = at_;
    while (at_ < text_.size() &&
           std::string_view(",()[]\n\r").find(text_[at_]) == std::string_view::npos)
      ++at_;
    std::string_view found = text_.substr(word_at_, at_ - word_at_);
    while (!found.empty() && blank(found.back())) found.remove_suffix(1);
    return found;
  }

  [[noreturn]] void fail_word(std::string_view found, const std::string& expected) const {
    fail(word_at_, found, expected);
  }

 private:
  std::string_view text_;
  std::size_t line_;
  std::size_t column_;
  std::size_t at_ = 0;
  std::size_t word_at_ = 0;
};

std::string names(const BankConfig& bank) {
  if (bank.accounts.size() > 2) {
    return bank.accounts.front().value.str() + " to " + bank.accounts.back().value.str();
  }
  return "one that the bank has";
}

AccountId read_account(Scanner& in, const BankConfig& bank) {
  const std::string_view word = in.word();
  const auto found =
      std::find_if(bank.accounts.begin(), bank.accounts.end(),
                   [word](const AccountId& account) { return account.value.view() == word; });
  if (found == bank.accounts.end()) in.fail_word(word, "an account, " + names(bank));
  return *found;
}

std::int64_t read_whole(Scanner& in, const std::string& expected) {
  const std::string_view word = in.word();
  std::string_view digits = word;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) {
    in.fail_word(word, expected);
  }
  return value;
}

Transaction scan_transaction(Scanner& in, const BankConfig& bank) {
  const std::string form = "a transaction (A, J, 3)";
  Transaction transaction;
  in.expect('(', form);
  transaction.from = read_account(in, bank);
  in.expect(',', form);
  transaction.to = read_account(in, bank);
  in.expect(',', form);
  transaction.amount = {read_whole(in, "an amount, a whole number of at most 18 digits")};
  in.expect(')', form);
  return transaction;
}

NodeSet read_live(Scanner& in, std::uint32_t nodes) {
  const std::string form = "a list of nodes [n1, n2, n3]";
  NodeSet live;
  in.expect('[', form);
  if (in.take(']')) return live;
  do {
    const std::string_view word = in.word();
    std::uint32_t number = 0;
    const bool named = word.size() > 1 && (word.front() == 'n' || word.front() == 'N');
    const auto [end, error] =
        named ? std::from_chars(word.data() + 1, word.data() + word.size(), number)
              : std::from_chars_result{word.data(), std::errc::invalid_argument};
    const bool known =
        error == std::errc() && end == word.data() + word.size() && number >= 1 && number <= nodes;
    if (!known) in.fail_word(word, "a node, n1 to n" + std::to_string(nodes));
    if (!live.insert({number})) in.fail_word(word, "each node once");
  } while (in.take(','));
  in.expect(']', form);
  return live;
}

struct Cell {
  std::string text;  ///< without its quotes
  std::size_t line = 1;
  std::size_t column = 1;

  [[nodiscard]] bool empty() const {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return blank(c) || c == '\n' || c == '\r'; });
  }
};

/// Cuts the file into records of cells: RFC 4180, and commas inside brackets do not separate, so
/// that the unquoted form of the original's files is read too.
class Records {
 public:
  explicit Records(std::string_view text) : text_(text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  }

  /// The next record, or nullopt at the end. Throws CsvError.
  std::optional<std::vector<Cell>> next() {
    if (at_ == text_.size()) return std::nullopt;
    std::vector<Cell> cells;
    do {
      cells.push_back(cell());
    } while (take_separator());
    return cells;
  }

  [[nodiscard]] std::size_t line() const { return line_; }

  /// Goes to the next line, after an error.
  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    if (at_ < text_.size()) new_line();
  }

 private:
  [[nodiscard]] std::size_t column() const { return at_ - line_start_ + 1; }

  void new_line() {
    ++at_;
    ++line_;
    line_start_ = at_;
  }

  /// True after a comma; false at the end of the record, which is then consumed.
  bool take_separator() {
    if (at_ == text_.size()) return false;
    if (text_[at_] == ',') {
      ++at_;
      return true;
    }
    if (text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') new_line();
    return false;
  }

  [[nodiscard]] bool at_line_end() const {
    return text_[at_] == '\n' ||
           (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }

  Cell cell() {
    while (at_ < text_.size() && blank(text_[at_])) ++at_;
    if (at_ < text_.size() && text_[at_] == '"') return quoted_cell();
    Cell cell{"", line_, column()};
    int depth = 0;
    for (; at_ < text_.size() && !at_line_end(); ++at_) {
      const char c = text_[at_];
      if (c == ',' && depth == 0) break;
      if (c == '(' || c == '[') ++depth;
      if ((c == ')' || c == ']') && depth > 0) --depth;
      cell.text += c;
    }
    return cell;
  }

  Cell quoted_cell() {
    const CsvError unterminated{line_, column(),
                                "found a quote that is never closed, expected '\"'"};
    ++at_;
    Cell cell{"", line_, column()};
    while (true) {
      if (at_ == text_.size()) throw unterminated;
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] != '"') break;
        cell.text += '"';
        ++at_;
      } else {
        cell.text += c;
        if (c == '\n')
          new_line();
        else
          ++at_;
      }
    }
    while (at_ < text_.size() && blank(text_[at_])) ++at_;
    if (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) {
      throw CsvError{line_, column(),
                     "found " + quoted(text_.substr(at_, 1)) +
                         " after a closing quote, expected ',' or the line's end"};
    }
    return cell;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
};

std::string lowered(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (!blank(c)) result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

/// Builds the sets, record by record.
class Builder {
 public:
  Builder(std::uint32_t nodes, const BankConfig& bank) : nodes_(nodes), bank_(bank) {}

  static void header(const std::vector<Cell>& cells) {
    const char* const expected[] = {"setnumber", "transactions", "livenodes"};
    for (std::size_t i = 0; i < 3; ++i) {
      if (i < cells.size() && lowered(cells[i].text) == expected[i]) continue;
      const Cell& at = cells[std::min(i, cells.size() - 1)];
      Scanner(at.text, at.line, at.column)
          .fail(0, at.text, "the header \"Set Number,Transactions,Live Nodes\"");
    }
  }

  void record(const std::vector<Cell>& cells) {
    static const Cell nothing;
    const auto cell = [&](std::size_t i) -> const Cell& {
      return i < cells.size() ? cells[i] : nothing;
    };
    for (std::size_t i = 3; i < cells.size(); ++i) {
      if (!cells[i].empty()) scan(cells[i]).fail(0, cells[i].text, "three cells");
    }
    begin_set(cell(0), cell(2), cells.front());
    if (++rows_ > csv_rows_limit) {
      scan(cells.front()).fail(0, "more rows", "at most " + std::to_string(csv_rows_limit));
    }
    const Cell& row = cell(1);
    if (row.empty()) {
      scan(cells.size() > 1 ? row : cells.front()).fail(0, "", "a transaction (A, J, 3) or LF");
    }
    sets_.back().rows.push_back(read_row(row));
  }

  [[nodiscard]] std::vector<TransactionSet> take() { return std::move(sets_); }
  [[nodiscard]] bool empty() const { return sets_.empty(); }

 private:
  static Scanner scan(const Cell& cell) { return Scanner(cell.text, cell.line, cell.column); }

  void begin_set(const Cell& number_cell, const Cell& live_cell, const Cell& first) {
    std::optional<std::int64_t> number;
    if (!number_cell.empty()) {
      Scanner in = scan(number_cell);
      number = read_whole(in, "a set number");
      if (*number < 0) in.fail_word(number_cell.text, "a set number");
      in.expect_end("the set number");
      if (!sets_.empty() && *number < sets_.back().number) {
        in.fail_word(number_cell.text, "a set number of at least " +
                                           std::to_string(sets_.back().number) +
                                           ", as set numbers do not go down");
      }
    } else if (sets_.empty()) {
      scan(first).fail(0, "", "a set number, as this is the first row");
    }
    std::optional<NodeSet> live;
    if (!live_cell.empty()) {
      Scanner in = scan(live_cell);
      live = read_live(in, nodes_);
      in.expect_end("the live nodes");
    }
    const bool new_set = number && (sets_.empty() || *number != sets_.back().number);
    if (!new_set) {
      if (live && *live != sets_.back().live) {
        scan(live_cell).fail(0, live_cell.text, "the same live nodes throughout a set");
      }
      return;
    }
    if (!live && sets_.empty()) scan(first).fail(0, "", "the live nodes in the first row");
    sets_.push_back({*number, live ? *live : sets_.back().live, {}});
  }

  [[nodiscard]] Row read_row(const Cell& cell) const {
    Scanner in = scan(cell);
    if (lowered(cell.text) == "lf") return LeaderFailure{};
    if (!Scanner(in).take('(')) in.fail(0, cell.text, "a transaction (A, J, 3) or LF");
    const Transaction transaction = scan_transaction(in, bank_);
    in.expect_end("the transaction");
    return transaction;
  }

  std::uint32_t nodes_;
  const BankConfig& bank_;
  std::size_t rows_ = 0;
  std::vector<TransactionSet> sets_;
};

}  // namespace

CsvResult read_csv(std::string_view text, std::uint32_t nodes, const BankConfig& bank) {
  Records records(text);
  Builder builder(nodes, bank);
  std::vector<CsvError> errors;
  bool header = true;
  while (errors.size() < csv_errors_limit) {
    try {
      const auto cells = records.next();
      if (!cells) break;
      if (std::all_of(cells->begin(), cells->end(), [](const Cell& c) { return c.empty(); })) {
        continue;
      }
      if (header) {
        header = false;
        Builder::header(*cells);
      } else {
        builder.record(*cells);
      }
    } catch (const CsvError& error) {
      errors.push_back(error);
      if (error.message.find("quote") != std::string::npos) records.skip_line();
    }
  }
  if (errors.empty() && builder.empty()) {
    errors.push_back({records.line(), 1,
                      header ? "found no header, expected \"Set Number,Transactions,Live Nodes\""
                             : "found no rows, expected a set"});
  }
  if (!errors.empty()) return errors;
  return builder.take();
}

Transaction read_transaction(std::string_view text, const BankConfig& bank) {
  Scanner in(text);
  Transaction transaction = scan_transaction(in, bank);
  in.expect_end("the transaction");
  return transaction;
}

}  // namespace paxbank::scenario
