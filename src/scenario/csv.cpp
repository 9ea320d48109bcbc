#include "paxbank/scenario/csv.hpp"

#include "paxbank/scenario/csv_records.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace paxbank::scenario {
namespace {

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
    while (at_ < text_.size() &&
           (is_blank(text_[at_]) || text_[at_] == '\n' || text_[at_] == '\r')) {
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
    while (!found.empty() && is_blank(found.back())) found.remove_suffix(1);
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

/// How accounts may be written.
enum class Spelling { exact, any_case };

bool same_in_any_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

AccountId read_account(Scanner& in, const BankConfig& bank, Spelling spelling) {
  const std::string_view word = in.word();
  const AccountId* similar = nullptr;
  int count = 0;
  for (const AccountId& account : bank.accounts) {
    if (account.value.view() == word) return account;
    if (spelling == Spelling::exact || !same_in_any_case(account.value.view(), word)) continue;
    similar = &account;
    ++count;
  }
  if (count != 1) in.fail_word(word, "an account, " + names(bank));
  return *similar;
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

Transaction scan_transaction(Scanner& in, const BankConfig& bank, Spelling spelling) {
  const std::string form = "a transaction (A, J, 3)";
  Transaction transaction;
  in.expect('(', form);
  transaction.from = read_account(in, bank, spelling);
  in.expect(',', form);
  transaction.to = read_account(in, bank, spelling);
  in.expect(',', form);
  transaction.amount = {read_whole(in, "an amount, a whole number of at most 18 digits")};
  in.expect(')', form);
  return transaction;
}

/// The number of a node that is written n1, n2, …; 0 if it is written otherwise.
std::uint32_t node_number(std::string_view word) {
  if (word.size() < 2 || (word.front() != 'n' && word.front() != 'N')) return 0;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(word.data() + 1, word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() ? number : 0;
}

/// `strangers` are the nodes that the cluster does not have: a file for more nodes than there are
/// names them in each set, but that is one mistake, told once. Nullopt where it has been told.
std::optional<NodeSet> read_live(Scanner& in, std::uint32_t nodes,
                                 std::set<std::uint32_t>& strangers) {
  const std::string form = "a list of nodes [n1, n2, n3]";
  NodeSet live;
  in.expect('[', form);
  if (in.take(']')) return live;
  do {
    const std::string_view word = in.word();
    const std::uint32_t number = node_number(word);
    if (number > nodes) {
      if (!strangers.insert(number).second) return std::nullopt;
      const std::string name = "n" + std::to_string(number);
      const std::string count = std::to_string(nodes);
      in.fail_word(word, "a node, n1 to n" + count + ": " + name +
                             " is not one of this cluster's " + count + " nodes (--nodes " + count +
                             ")");
    }
    if (number == 0) in.fail_word(word, "a node, n1 to n" + std::to_string(nodes));
    if (!live.insert({number})) in.fail_word(word, "each node once");
  } while (in.take(','));
  in.expect(']', form);
  return live;
}

std::string lowered(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (!is_blank(c)) result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

constexpr const char* row_form = "a transaction (A, J, 3), LF, KILL(n3) or RESTART(n3)";

/// The nodes in KILL(n1, n2) or RESTART(all).
std::vector<NodeId> scan_nodes(Scanner& in, std::uint32_t nodes, const std::string& form) {
  std::vector<NodeId> named;
  in.expect('(', form);
  do {
    const std::string_view word = in.word();
    if (lowered(std::string(word)) == "all") {
      for (std::uint32_t n = 1; n <= nodes; ++n) named.push_back({n});
      continue;
    }
    const std::uint32_t number = node_number(word);
    if (number == 0 || number > nodes) {
      in.fail_word(word, "a node, n1 to n" + std::to_string(nodes) + ", or all");
    }
    named.push_back({number});
  } while (in.take(','));
  in.expect(')', form);
  return named;
}

constexpr const char* header_form = "the header \"Set Number,Transactions,Live Nodes\"";

/// Builds the sets, record by record, and keeps what is wrong. A set whose first row has a mistake
/// begins all the same, so that the rows after it are not wrong as well.
class Builder {
 public:
  Builder(std::uint32_t nodes, const BankConfig& bank) : nodes_(nodes), bank_(bank) {}

  /// The first record of the file.
  void header(const std::vector<Cell>& cells) {
    if (is_row(cells)) {
      const std::string above = std::string(header_form) + " in a line above the first row";
      attempt([&] { scan(cells.front()).fail(0, cells.front().text, above); });
      record(cells);
      return;
    }
    const char* const expected[] = {"setnumber", "transactions", "livenodes"};
    for (std::size_t i = 0; i < 3; ++i) {
      if (i < cells.size() && lowered(cells[i].text) == expected[i]) continue;
      const Cell& at = cells[std::min(i, cells.size() - 1)];
      attempt([&] { scan(at).fail(0, at.text, header_form); });
      return;
    }
  }

  void record(const std::vector<Cell>& cells) {
    static const Cell nothing;
    const auto cell = [&](std::size_t i) -> const Cell& {
      return i < cells.size() ? cells[i] : nothing;
    };
    for (std::size_t i = 3; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      attempt([&] { scan(cells[i]).fail(0, cells[i].text, "three cells"); });
      break;
    }
    begin_set(cell(0), cell(2), cells.front());
    const Cell& row = cell(1);
    attempt([&] {
      if (row.empty()) {
        scan(cells.size() > 1 ? row : cells.front()).fail(0, "", row_form);
      }
      sets_.back().rows.push_back(read_row(row));
    });
    if (++rows_ > csv_rows_limit) {
      const std::string limit = "at most " + std::to_string(csv_rows_limit);
      attempt([&] { scan(cells.front()).fail(0, "more rows", limit); });
    }
  }

  /// A record that could not be read at all: it may have begun a set.
  void lost(const CsvError& error) {
    errors_.push_back(error);
    live_.reset();
    if (sets_.empty()) sets_.emplace_back();
  }

  [[nodiscard]] bool full() const { return errors_.size() >= csv_errors_limit; }
  [[nodiscard]] std::vector<CsvError> errors() const { return errors_; }
  [[nodiscard]] std::vector<TransactionSet> take() { return std::move(sets_); }
  [[nodiscard]] bool empty() const { return sets_.empty(); }

 private:
  static Scanner scan(const Cell& cell) { return Scanner(cell.text, cell.line, cell.column); }

  /// Whether a first record is no header but a row.
  static bool is_row(const std::vector<Cell>& cells) {
    const std::string number = lowered(cells[0].text);
    const std::string row = cells.size() > 1 ? lowered(cells[1].text) : "";
    return row == "lf" || row.starts_with("(") || row.starts_with("kill(") ||
           row.starts_with("restart(") ||
           (!number.empty() && std::isdigit(static_cast<unsigned char>(number[0])) != 0);
  }

  template <class Act>
  void attempt(const Act& act) {
    if (full()) return;
    try {
      act();
    } catch (const CsvError& error) {
      errors_.push_back(error);
    }
  }

  void begin_set(const Cell& number_cell, const Cell& live_cell, const Cell& first) {
    const bool first_row = sets_.empty();
    const bool numbered = !number_cell.empty();
    std::optional<std::int64_t> number;
    attempt([&] {
      if (numbered) {
        number = read_number(number_cell);
      } else if (first_row) {
        scan(first).fail(0, "", "a set number, as this is the first row");
      }
    });
    if (first_row || (numbered && number != sets_.back().number)) {
      attempt([&] { check_order(number_cell, number); });
      sets_.push_back({number.value_or(first_row ? 0 : sets_.back().number), {}, {}});
      attempt([&] {
        if (first_row && live_cell.empty()) {
          scan(first).fail(0, "", "the live nodes in the first row");
        }
      });
      if (!live_cell.empty()) live_ = read_live_cell(live_cell);
      if (live_) sets_.back().live = *live_;
    } else if (!live_cell.empty()) {
      const auto live = read_live_cell(live_cell);
      attempt([&] {
        if (live && live_ && *live != *live_) {
          scan(live_cell).fail(0, live_cell.text, "the same live nodes throughout a set");
        }
      });
    }
  }

  static std::int64_t read_number(const Cell& cell) {
    Scanner in = scan(cell);
    const std::int64_t number = read_whole(in, "a set number");
    if (number < 0) in.fail_word(cell.text, "a set number");
    in.expect_end("the set number");
    return number;
  }

  void check_order(const Cell& cell, std::optional<std::int64_t> number) const {
    if (!number || sets_.empty() || *number > sets_.back().number) return;
    scan(cell).fail(0, cell.text,
                    "a set number of at least " + std::to_string(sets_.back().number) +
                        ", as set numbers do not go down");
  }

  /// Nullopt if it has a mistake, which is then noted.
  std::optional<NodeSet> read_live_cell(const Cell& cell) {
    std::optional<NodeSet> live;
    attempt([&] {
      Scanner in = scan(cell);
      const auto read = read_live(in, nodes_, strangers_);
      if (read) in.expect_end("the live nodes");
      live = read;
    });
    return live;
  }

  [[nodiscard]] Row read_row(const Cell& cell) const {
    Scanner in = scan(cell);
    if (lowered(cell.text) == "lf") return LeaderFailure{};
    if (!Scanner(in).take('(')) return read_named_row(in, cell);
    const Transaction transaction = scan_transaction(in, bank_, Spelling::exact);
    in.expect_end("the transaction");
    return transaction;
  }

  [[nodiscard]] Row read_named_row(Scanner in, const Cell& cell) const {
    const std::string name = lowered(std::string(in.word()));
    if (name != "kill" && name != "restart") in.fail(0, cell.text, row_form);
    std::vector<NodeId> named = scan_nodes(in, nodes_, name == "kill" ? "KILL(n3)" : "RESTART(n3)");
    in.expect_end("the nodes");
    if (name == "kill") return NodesDie{std::move(named)};
    return NodesComeBack{std::move(named)};
  }

  std::uint32_t nodes_;
  const BankConfig& bank_;
  std::size_t rows_ = 0;
  std::vector<TransactionSet> sets_;
  std::optional<NodeSet> live_;  ///< of the last set, if they could be read
  std::set<std::uint32_t> strangers_;
  std::vector<CsvError> errors_;
};

bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

}  // namespace

CsvResult read_csv(std::string_view text, std::uint32_t nodes, const BankConfig& bank) {
  if (is_utf16(text)) {
    return std::vector<CsvError>{{1, 1, "found UTF-16, expected UTF-8: save the file as UTF-8"}};
  }
  Records records(text);
  Builder builder(nodes, bank);
  bool header = true;
  while (!builder.full()) {
    try {
      const auto cells = records.next();
      if (!cells) break;
      if (std::all_of(cells->begin(), cells->end(), [](const Cell& c) { return c.empty(); })) {
        continue;
      }
      if (std::exchange(header, false)) {
        builder.header(*cells);
      } else {
        builder.record(*cells);
      }
    } catch (const CsvError& error) {
      header = false;
      builder.lost(error);
    }
  }
  std::vector<CsvError> errors = builder.errors();
  if (errors.empty() && builder.empty()) {
    errors.push_back({records.line(), 1,
                      header ? "found no header, expected " + std::string(header_form)
                             : "found no rows, expected a set"});
  }
  if (!errors.empty()) return errors;
  return builder.take();
}

Transaction read_transaction(std::string_view text, const BankConfig& bank) {
  Scanner in(text);
  Transaction transaction = scan_transaction(in, bank, Spelling::any_case);
  in.expect_end("the transaction");
  return transaction;
}

}  // namespace paxbank::scenario
