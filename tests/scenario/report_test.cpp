// What a person reads.
#include "paxbank/scenario/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace paxbank::scenario {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

NodeBalances holds(std::uint32_t node, std::int64_t balance) {
  return {.node = {node},
          .accounts = std::map<AccountId, Amount>{{{"A"}, {balance}}},
          .connected = true,
          .behind = false};
}

std::size_t widest(const std::string& text) {
  std::size_t width = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) width = std::max(width, line.size());
  return width;
}

TEST(ReportText, StaleNodesAreBehindAndRightOnesAreNotStarred) {
  Balances balances{holds(1, 10), holds(2, 10), holds(3, 10), holds(4, 7), holds(5, 7)};
  for (std::size_t i = 0; i < 3; ++i) balances[i].behind = true;
  balances[0].connected = false;
  balances.push_back({.node = {6}, .accounts = std::nullopt, .connected = true, .behind = true});
  EXPECT_EQ(to_text(DbShown{balances}),
            " account      n1       n2       n3       n4       n5       n6 \n"
            "         cut off                                         dead \n"
            "          behind   behind   behind                            \n"
            "       A      10       10       10        7        7        - \n");
}

TEST(ReportText, WhoHasExecutedAsMuchButDiffersIsStarred) {
  const std::string text = to_text(DbShown{{holds(1, 10), holds(2, 9), holds(3, 10)}});
  EXPECT_THAT(text, HasSubstr(" 10        9*      10 "));
  EXPECT_THAT(text, HasSubstr("* differs from the other nodes that have executed as much"));
}

TEST(ReportText, WideTablesComeInBlocks) {
  Balances balances;
  for (std::uint32_t n = 1; n <= 9; ++n) balances.push_back(holds(n, 10));
  const std::string text = to_text(DbShown{balances});
  EXPECT_LE(widest(text), 80U);
  EXPECT_THAT(text, HasSubstr(" n4 \n"));
  EXPECT_THAT(text, HasSubstr(" account      n5 "));
  EXPECT_LE(widest(to_text(DbShown{balances}, {40, false})), 40U);
}

TEST(ReportText, FitsTheWidth) {
  NodesShown nodes;
  for (std::uint32_t n = 1; n <= 5; ++n) nodes.nodes.push_back({NodeId{n}, {}});
  nodes.nodes[0].second.status.follows = Ballot{1, {4}};
  nodes.nodes[0].second.port = 5001;
  for (const ReportEvent& event : {ReportEvent(nodes), ReportEvent(HelpShown{})}) {
    EXPECT_LE(widest(to_text(event)), 80U);
    EXPECT_LE(widest(to_text(event, {60, false})), 60U);
  }
}

TEST(ReportText, ColourMovesNothing) {
  NodesShown nodes;
  for (const RoleName role : {RoleName::leader, RoleName::backup}) {
    NodeState state;
    state.port = 5001;
    state.status.role = role;
    nodes.nodes.emplace_back(NodeId{1}, state);
    state.status.connected = false;
    nodes.nodes.emplace_back(NodeId{2}, state);
  }
  std::string coloured = to_text(nodes, {80, true});
  coloured = std::regex_replace(coloured, std::regex("\x1b\\[[0-9]*m"), "");
  EXPECT_EQ(coloured, to_text(nodes));
}

TEST(ReportText, NamesTheSetsThatWereNotRun) {
  Summary summary;
  summary.sets = 1;
  summary.not_run = {2, 3, 4, 7};
  const std::string text = to_text(summary);
  EXPECT_THAT(text, HasSubstr("4 sets not run: 2 to 4 7\nAll that was run is well.\n"));
  EXPECT_THAT(text, Not(HasSubstr("All well.")));
}

TEST(ReportText, ACheckSaysWhomItCouldNotSee) {
  CheckShown shown;
  EXPECT_THAT(to_text(shown), Not(HasSubstr("not seen")));
  shown.audit.unseen = {{{2}, "dead"}, {{4}, "does not answer"}};
  EXPECT_THAT(to_text(shown), HasSubstr("  not seen      n2 (dead), n4 (does not answer)\n"));
  EXPECT_THAT(to_jsonl(shown), HasSubstr(R"("unseen":{"n2":"dead","n4":"does not answer"})"));
}

TEST(ReportText, WhatIsTypedHasNoSet) {
  Resolved resolved;
  resolved.row.row = 1;
  EXPECT_THAT(to_text(resolved), HasSubstr("answered now, row 1:"));
  resolved.row_set = 3;
  EXPECT_THAT(to_text(resolved), HasSubstr("answered now, set 3 row 1:"));
}

TEST(ReportText, SaysWhatCameOfFailures) {
  const auto changed = [](std::vector<NodeId> nodes, bool connected, std::size_t live) {
    return to_text(ConnectionsChanged{std::move(nodes), connected, {live, 5}});
  };
  EXPECT_EQ(changed({{3}}, false, 4), "  n3 is cut off; 4 of 5 are live\n");
  EXPECT_EQ(changed({{3}, {4}}, false, 2), "  n3 n4 are cut off; no quorum: 2 of 5 are live\n");
  EXPECT_EQ(changed({{3}}, true, 5), "  n3 is back; 5 of 5 are live\n");
  EXPECT_EQ(changed({}, true, 5), "  nothing changes; 5 of 5 are live\n");
  EXPECT_EQ(to_text(LeaderFailed{1, NodeId{3}, {2, 5}}),
            "    LF  n3 fails; no quorum: 2 of 5 are live\n");
  EXPECT_EQ(to_text(LeaderShown{1, std::nullopt, {{{3}, {2, {3}}}}}),
            "  nobody leads\n  n3 believes that it leads in ballot (2,n3), without a quorum\n");
}

TEST(ReportText, AllLogsCountTimeFromTheStartOfTheRun) {
  LogShown shown;
  shown.node = {2};
  shown.log.emplace();
  shown.messages.entries.push_back({.time = TimePoint(std::chrono::microseconds(412'300)),
                                    .sent = true,
                                    .peer = NodeId{1},
                                    .message = Prepare{}});
  const std::string text = to_text(shown, {200, false});
  EXPECT_THAT(text, HasSubstr("times from the start of the run"));
  EXPECT_THAT(text, HasSubstr("412.3 ms  -> n1"));
}

TEST(ReportText, ColoursOutcomesForATerminalAlone) {
  RowDone row;
  row.transaction = {{"A"}, {"B"}, {1}};
  EXPECT_THAT(to_text(row, {80, true}), HasSubstr("\x1b[31mtimeout"));
  EXPECT_THAT(to_text(row), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace paxbank::scenario
