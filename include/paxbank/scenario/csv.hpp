#pragma once

#include "paxbank/core/ballot.hpp"
#include "paxbank/core/bank.hpp"
#include "paxbank/core/command.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace paxbank::scenario {

/// `LF`: the leader fails, whoever that is by then.
struct LeaderFailure {};

/// `KILL(n3)`: the processes of these nodes end at once.
struct NodesDie {
  std::vector<NodeId> nodes;
};
/// `RESTART(n3)`: those of them that are dead come back with what they have kept.
struct NodesComeBack {
  std::vector<NodeId> nodes;
};

using Row = std::variant<Transaction, LeaderFailure, NodesDie, NodesComeBack>;

/// A set of the file: its rows are numbered from 1, `LF` rows included.
struct TransactionSet {
  std::int64_t number = 0;
  NodeSet live;
  std::vector<Row> rows;
};

/// Something wrong at a place in the file; line and column count from 1, columns in bytes.
struct CsvError {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;  ///< what was found and what was expected
};

/// No more than so many of a file's errors are told at once.
inline constexpr std::size_t csv_errors_limit = 20;
/// A file with more rows is refused.
inline constexpr std::size_t csv_rows_limit = 1'000'000;

using CsvResult = std::variant<std::vector<TransactionSet>, std::vector<CsvError>>;

/// Reads a whole file for a cluster of `nodes` and a bank. The format is in the README, "The CSV
/// file".
[[nodiscard]] CsvResult read_csv(std::string_view text, std::uint32_t nodes,
                                 const BankConfig& bank);

/// Reads a transaction as it is typed, `(A, J, 3)` or `(a, j, 3)`: in any case, unless that leaves
/// open which account is meant. Throws CsvError, with columns in the text.
[[nodiscard]] Transaction read_transaction(std::string_view text, const BankConfig& bank);

}  // namespace paxbank::scenario
