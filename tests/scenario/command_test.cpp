#include "paxbank/scenario/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paxbank::scenario {
namespace {

using ::testing::HasSubstr;

template <class Command>
Command good(const std::string& line) {
  const auto read = read_commands(line, 5, default_bank());
  if (const auto* error = std::get_if<CommandError>(&read)) {
    ADD_FAILURE() << line << ": " << error->message;
    return {};
  }
  const auto& commands = std::get<std::vector<ConsoleCommand>>(read);
  EXPECT_EQ(commands.size(), 1U) << line;
  const auto* command = std::get_if<Command>(&commands.front());
  EXPECT_NE(command, nullptr) << line;
  return command == nullptr ? Command{} : *command;
}

std::string bad(const std::string& line) {
  const auto read = read_commands(line, 5, default_bank());
  const auto* error = std::get_if<CommandError>(&read);
  return error == nullptr ? "no error" : error->message;
}

TEST(Command, ReadsAllOfThemInAnyCase) {
  EXPECT_EQ(good<PrintDb>("printdb 3").nodes, NodeList{{3}});
  EXPECT_EQ(good<PrintDb>("  PrintDB  N3 ").nodes, NodeList{{3}});
  EXPECT_EQ(good<PrintLog>("printlog all").nodes.size(), 5U);
  EXPECT_EQ(good<PrintStatus>("printstatus n2 17").sequence, SequenceNumber{17});
  EXPECT_FALSE(good<PrintStatus>("printstatus ALL").sequence.has_value());
  good<PrintView>("printview 1");
  good<Next>("next");
  good<ShowLeader>("leader");
  good<ShowStatus>("status");
  EXPECT_EQ(good<Send>("send A J 3").transaction, (Transaction{{"A"}, {"J"}, {3}}));
  EXPECT_EQ(good<Send>("(A, J, 3)").transaction, (Transaction{{"A"}, {"J"}, {3}}));
  good<FailLeader>("LF");
  EXPECT_EQ(good<Disconnect>("disconnect n4").nodes, NodeList{{4}});
  EXPECT_EQ(good<Reconnect>("reconnect all").nodes.size(), 5U);
  good<Check>("check");
  EXPECT_EQ(good<RunFile>("run my file.csv ").file, "my file.csv");
  good<Help>("help");
  good<Quit>("quit");
}

TEST(Command, SaysWhatIsWrongAndShowsTheNearestRightOne) {
  EXPECT_THAT(bad("pritndb 1"), HasSubstr("\"pritndb\" is no command; the nearest is: printdb N"));
  EXPECT_THAT(bad("printdb"), HasSubstr("needs a node from 1 to 5"));
  EXPECT_THAT(bad("printdb 6"), HasSubstr("\"6\" is not a node from 1 to 5"));
  EXPECT_THAT(bad("printdb 0"), HasSubstr("\"0\" is not a node"));
  EXPECT_THAT(bad("printdb n"), HasSubstr("\"n\" is not a node"));
  EXPECT_THAT(bad("printdb 1 6"), HasSubstr("\"6\" is not a node from 1 to 5"));
  EXPECT_THAT(bad("printstatus 1 x"), HasSubstr("\"x\" is not a sequence number"));
  EXPECT_THAT(bad("printstatus 1 0"), HasSubstr("\"0\" is not a sequence number"));
  EXPECT_THAT(bad("send A J"), HasSubstr("send A J 3"));
  EXPECT_THAT(bad("send A X 3"), HasSubstr("expected an account, A to J"));
  EXPECT_THAT(bad("(A, J)"), HasSubstr("expected ',' of a transaction"));
  EXPECT_THAT(bad("run"), HasSubstr("needs a file"));
  EXPECT_THAT(bad("next 2"), HasSubstr("too much"));
}

TEST(Command, TakesWhatPeopleType) {
  const Transaction transaction{{"A"}, {"B"}, {1}};
  for (const char* line : {"send (A, B, 1)", "send a b 1", "(a, b, 1)", "SEND (a,B,1)"}) {
    EXPECT_EQ(good<Send>(line).transaction, transaction) << line;
  }
  BankConfig bank = default_bank();
  bank.accounts = {{"Ab"}, {"aB"}, {"C"}};
  EXPECT_TRUE(std::holds_alternative<CommandError>(read_commands("send ab c 1", 5, bank)));
  EXPECT_FALSE(std::holds_alternative<CommandError>(read_commands("send aB c 1", 5, bank)));

  const NodeList both{{1}, {3}};
  for (const char* line : {"printdb n1 n3", "printdb 1 3", "printdb 1,3", "printdb 1, n3 1"}) {
    EXPECT_EQ(good<PrintDb>(line).nodes, both) << line;
  }
  EXPECT_EQ(good<PrintStatus>("printstatus n1 n3").nodes, both);
  EXPECT_EQ(good<PrintStatus>("printstatus 1,3").nodes, both);
  EXPECT_EQ(good<PrintStatus>("printstatus 1, 3").nodes, both);
  EXPECT_EQ(good<PrintStatus>("printstatus 1,3 7").nodes, both);
  EXPECT_EQ(good<PrintStatus>("printstatus n1 n3 7").sequence, SequenceNumber{7});

  good<Quit>("exit");
  good<Quit>("q");
  good<Help>("?");
}

TEST(Command, ALineHasManyOrNone) {
  const auto count = [](const char* line) {
    const auto read = read_commands(line, 5, default_bank());
    return std::get<std::vector<ConsoleCommand>>(read).size();
  };
  EXPECT_EQ(count("printdb 1; send A B 1 ;;leader;"), 3U);
  EXPECT_EQ(count("  # printdb 1; leader"), 0U);
  EXPECT_EQ(count("#"), 0U);
  EXPECT_EQ(count(" \t\r"), 0U);
  EXPECT_THAT(bad("lf; printdb 9"), HasSubstr("\"9\" is not a node"));
}

TEST(Command, SuggestsOnlyWhatIsNear) {
  for (const char* line : {"x", "l", "ls", "disco", "!"}) {
    EXPECT_THAT(bad(line), ::testing::EndsWith("is no command; help lists them all")) << line;
  }
  EXPECT_THAT(bad("nxt"), HasSubstr("the nearest is: next"));
  EXPECT_THAT(bad("STATSU"), HasSubstr("the nearest is: status"));
}

TEST(Command, AfterSetTakesWhatNeedsNoAnswer) {
  const auto read = read_after_set("printdb all; printstatus all 1 ;; check", 5, default_bank());
  EXPECT_EQ(std::get<std::vector<ConsoleCommand>>(read).size(), 3U);
  for (const char* wrong : {"next", "printdb 1; quit", "printstatus 1", "prindb", "run x"}) {
    EXPECT_TRUE(std::holds_alternative<CommandError>(read_after_set(wrong, 5, default_bank())))
        << wrong;
  }
}

TEST(Command, HelpHasALineForEachAndTabCompletesThem) {
  EXPECT_EQ(command_help().size(), std::variant_size_v<ConsoleCommand>);
  using ::testing::Contains;
  using ::testing::ElementsAre;
  EXPECT_THAT(complete("printd", 5, default_bank()), ElementsAre("printdb"));
  EXPECT_THAT(complete("print", 5, default_bank()), ::testing::SizeIs(4));
  EXPECT_THAT(complete("printdb ", 3, default_bank()), ElementsAre("n1", "n2", "n3", "all"));
  EXPECT_THAT(complete("disconnect a", 3, default_bank()), ElementsAre("all"));
  EXPECT_THAT(complete("send A ", 3, default_bank()), Contains("J"));
  EXPECT_THAT(complete("leader ", 3, default_bank()), ::testing::IsEmpty());
  EXPECT_THAT(complete("leader; disc", 3, default_bank()), ElementsAre("disconnect"));
  EXPECT_THAT(complete("printdb n1 n2 a", 3, default_bank()), ElementsAre("all"));
}

}  // namespace
}  // namespace paxbank::scenario
