#include "paxbank/scenario/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paxbank::scenario {
namespace {

using ::testing::HasSubstr;

const std::string header = "Set Number,Transactions,Live Nodes\n";

std::vector<TransactionSet> good(const std::string& text) {
  const CsvResult result = read_csv(text, 5, default_bank());
  if (const auto* errors = std::get_if<std::vector<CsvError>>(&result)) {
    ADD_FAILURE() << errors->front().line << ":" << errors->front().column << " "
                  << errors->front().message;
    return {};
  }
  return std::get<std::vector<TransactionSet>>(result);
}

std::vector<CsvError> bad(const std::string& text) {
  const CsvResult result = read_csv(text, 5, default_bank());
  if (const auto* errors = std::get_if<std::vector<CsvError>>(&result)) return *errors;
  ADD_FAILURE() << "no error in " << text;
  return {{}};
}

void expect_error(const std::string& rows, std::size_t line, std::size_t column,
                  const std::string& found, const std::string& expected) {
  const CsvError error = bad(header + rows).front();
  EXPECT_EQ(error.line, line) << rows;
  EXPECT_EQ(error.column, column) << rows;
  EXPECT_THAT(error.message, HasSubstr("found " + found));
  EXPECT_THAT(error.message, HasSubstr("expected " + expected));
}

TEST(Csv, ReadsSetsRowsAndLeaderFailures) {
  const auto sets = good(header +
                         "1,\"(A, J, 3)\",\"[n1, n2, n3]\"\n"
                         ",LF,\n"
                         "2,\"(C, D, -1)\",\"[n5]\"\n");
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].live.size(), 3U);
  ASSERT_EQ(sets[0].rows.size(), 2U);
  EXPECT_EQ(std::get<Transaction>(sets[0].rows[0]), (Transaction{{"A"}, {"J"}, {3}}));
  EXPECT_TRUE(std::holds_alternative<LeaderFailure>(sets[0].rows[1]));
  EXPECT_EQ(sets[1].number, 2);
  EXPECT_EQ(std::get<Transaction>(sets[1].rows[0]).amount, Amount{-1});
}

TEST(Csv, TakesEveryDialectThatIsPromised) {
  const std::string canonical = header + "1,\"(A, C, 5)\",\"[n1, n2]\"\n,\"(B, C, 1)\",\n";
  const auto reference = good(canonical);
  const std::vector<std::string> dialects{
      header + "1,(A,C,5),[n1,n2]\n,(B,C,1),\n",                         // unquoted
      header + "1,(A,C,5),[n1,n2]\n1,(B,C,1),[n1,n2]",                   // in every row, no end
      "\xEF\xBB\xBF" + canonical,                                        // byte-order mark
      header + " 1 , \"( A ,C, 5 )\" ,\t[ n1 ,n2 ] \n\n , (B,C,1)\n\n",  // blanks, missing cell
      "set number, transactions ,LIVE NODES\r\n1,\"(A,C,5)\",\"[N1,n2]\"\r\n,\"(B,C,1)\"\r\n,,\r\n",
      header + "\"1\",\"(A,\nC,5)\",\"[n1,n2]\"\n,\"(B,C,1)\",\"\"\n"};
  for (const std::string& dialect : dialects) {
    const auto sets = good(dialect);
    ASSERT_EQ(sets.size(), 1U) << dialect;
    EXPECT_EQ(sets[0].live, reference[0].live) << dialect;
    ASSERT_EQ(sets[0].rows.size(), 2U) << dialect;
    EXPECT_EQ(std::get<Transaction>(sets[0].rows[1]), std::get<Transaction>(reference[0].rows[1]));
  }
}

TEST(Csv, ControlCharactersAreShownByTheirNames) {
  EXPECT_THAT(bad("Set Number\tTransactions\tLive Nodes\n").front().message,
              HasSubstr("found \"Set Number\\tTransactions\\tLive Nodes\", expected the header"));
  EXPECT_THAT(bad(header + "1,\"(A,\x1bJ,\r3)\",[n1]\n").front().message,
              HasSubstr("found \"\\x1bJ\""));
}

TEST(Csv, ABlankLiveCellOfANewSetMeansAsAbove) {
  const auto sets = good(header + "1,LF,\"[n1,n2]\"\n3,LF,\n");
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[1].live, sets[0].live);
}

TEST(Csv, NamesPlaceFindingAndExpectation) {
  expect_error("1,\"(A, X, 3)\",[n1]\n", 2, 8, "\"X\"", "an account, A to J");
  expect_error("1,\"(A, J, 3.5)\",[n1]\n", 2, 11, "\"3.5\"", "an amount, a whole number");
  expect_error("1,\"(A, J, )\",[n1]\n", 2, 11, "nothing", "an amount");
  expect_error("1,\"(A, J, 99999999999999999999)\",[n1]\n", 2, 11, "\"9999", "an amount");
  expect_error("1,\"(A, J)\",[n1]\n", 2, 9, "\")\"", "',' of a transaction");
  expect_error("1,(A,J,3),[n1,n6]\n", 2, 15, "\"n6\"", "a node, n1 to n5");
  expect_error("1,(A,J,3),[n1,n1]\n", 2, 15, "\"n1\"", "each node once");
  expect_error("1,(A,J,3),n1\n", 2, 11, "\"n\"", "'[' of a list");
  expect_error("x,(A,J,3),[n1]\n", 2, 1, "\"x\"", "a set number");
  expect_error("1,hello,[n1]\n", 2, 3, "\"hello\"", "a transaction (A, J, 3), LF, KILL(n3)");
  expect_error("1,(A,J,3) too,[n1]\n", 2, 11, "\"too\"", "nothing after the transaction");
  expect_error("1,,[n1]\n", 2, 3, "nothing", "a transaction");
  expect_error("1,LF,[n1],more\n", 2, 11, "\"more\"", "three cells");
  expect_error(",LF,[n1]\n", 2, 1, "nothing", "a set number, as this is the first row");
  expect_error("1,LF,\n", 2, 1, "nothing", "the live nodes in the first row");
  expect_error("2,LF,[n1]\n1,LF,[n1]\n", 3, 1, "\"1\"", "a set number of at least 2");
  expect_error("1,LF,[n1]\n,LF,[n2]\n", 3, 5, "\"[n2]\"", "the same live nodes");
  expect_error("1,\"(A,J,3),[n1]\n", 2, 3, "a quote that is never closed", "'\"'");
  expect_error("1,\"(A,J,3)\"x,[n1]\n", 2, 12, "\"x\" after a closing quote", "','");
}

TEST(Csv, RefusesAFileWithoutHeaderOrRows) {
  EXPECT_THAT(bad("").front().message,
              HasSubstr("expected the header \"Set Number,Transactions,Live Nodes\""));
  EXPECT_THAT(bad("\n\n").front().message, HasSubstr("found no header"));
  EXPECT_THAT(bad(header).front().message, HasSubstr("found no rows"));
  EXPECT_THAT(bad("1,(A,J,3),[n1]\n").front().message, HasSubstr("expected the header"));
}

/// The places of all errors, as "line:column".
std::vector<std::string> places(const std::string& text, std::uint32_t nodes = 5) {
  std::vector<std::string> places;
  const CsvResult result = read_csv(text, nodes, default_bank());
  if (const auto* errors = std::get_if<std::vector<CsvError>>(&result)) {
    for (const CsvError& e : *errors) {
      places.push_back(std::to_string(e.line) + ":" + std::to_string(e.column));
    }
  }
  return places;
}

TEST(Csv, OneMistakeInASetsFirstRowIsOneError) {
  using ::testing::ElementsAre;
  EXPECT_THAT(places(header + "1,LF,[n1,n9]\n,LF,\n,LF,[n1]\n2,LF,\n"), ElementsAre("2:10"));
  EXPECT_THAT(places(header + "1,LF,\n,LF,\n2,LF,\n"), ElementsAre("2:1"));
  EXPECT_THAT(places(header + "x,LF,[n1]\n,LF,\n,LF,[n1]\n2,LF,[n1]\n"), ElementsAre("2:1"));
  EXPECT_THAT(places(header + "1,LF,[n1]\nx,LF,[n2]\n,LF,[n2]\n"), ElementsAre("3:1"));
  EXPECT_THAT(places(header + "2,LF,[n1]\n1,LF,[n1]\n1,LF,\n"), ElementsAre("3:1"));
  EXPECT_THAT(places(header + "1,(A,X,1),[n1]\n,LF,\n"), ElementsAre("2:6"));
  EXPECT_THAT(places(header + "1,\"(A,B,1),[n1]\n,LF,\n"), ElementsAre("2:3"));
  // Three mistakes are three errors, in one row or in many.
  EXPECT_THAT(places(header + "x,(A,X,1),[n9]\n"), ElementsAre("2:1", "2:12", "2:6"));
}

TEST(Csv, AFileForMoreNodesIsToldOnceWithTheOptionThatSaysHowMany) {
  const std::string text =
      header + "1,LF,\"[n1,n2,n4,n5]\"\n,LF,\n2,LF,\"[n3,n4]\"\n3,LF,\"[n5]\"\n";
  EXPECT_THAT(places(text, 3), ::testing::ElementsAre("2:14", "5:8"));
  const CsvResult result = read_csv(text, 3, default_bank());
  EXPECT_THAT(std::get<std::vector<CsvError>>(result).front().message,
              HasSubstr("n4 is not one of this cluster's 3 nodes (--nodes 3)"));
}

TEST(Csv, AFileWithoutItsHeaderKeepsItsFirstRow) {
  for (const char* first : {"1,(A,J,3),[n1]\n", "1,LF,[n1]\n", "1\n"}) {
    const auto errors = bad(std::string(first) + ",(A,X,1),\n");
    EXPECT_THAT(errors.front().message, HasSubstr("in a line above the first row")) << first;
    EXPECT_EQ(errors.back().line, 2U);
    EXPECT_THAT(errors.back().message, HasSubstr("\"X\"")) << first;
  }
  EXPECT_THAT(places("1,(A,J,3),[n1]\n,(A,B,1),\n"), ::testing::ElementsAre("1:1"));
}

TEST(Csv, AMistakeHidesNoOther) {
  using ::testing::ElementsAre;
  EXPECT_THAT(places(header + "1,(A,quote,1),[n1]\n,(A,X,1),\n"), ElementsAre("2:6", "3:5"));
  EXPECT_THAT(places(header + "1,\"LF\"x,[n1]\n,(A,X,1),\n"), ElementsAre("2:7", "3:5"));
  // The quote that is not closed is the first one, not that of the next row.
  EXPECT_THAT(places(header + "1,\"(A,J,3),[n1]\n,\"(A,X,1)\",\n,LF,\n,(A,Y,1),\n"),
              ElementsAre("2:3", "3:6", "5:5"));
}

TEST(Csv, NamesUtf16) {
  for (const char* mark : {"\xFF\xFE", "\xFE\xFF"}) {
    const auto errors = bad(mark + std::string("S\0e\0", 4));
    EXPECT_EQ(errors.size(), 1U);
    EXPECT_THAT(errors.front().message,
                HasSubstr("UTF-16, expected UTF-8: save the file as UTF-8"));
  }
}

TEST(Csv, TellsAllErrorsAtOnceUpToTwenty) {
  std::string text = header + "1,LF,[n1]\n";
  for (int i = 0; i < 3; ++i) text += ",(A,X,1),\n";
  EXPECT_EQ(bad(text).size(), 3U);
  for (int i = 0; i < 50; ++i) text += ",(A,X,1),\n";
  EXPECT_EQ(bad(text).size(), 20U);
}

TEST(Csv, SurvivesBytesThatAreNoText) {
  EXPECT_FALSE(bad(std::string("\0\xFF\xFE\"\n,,,\n\"", 10)).empty());
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_FALSE(bad(header + all).empty());
}

}  // namespace
}  // namespace paxbank::scenario
