// The prompt, typed at by a script and by a person at a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"
#include <csignal>
#include <cstdlib>

namespace paxbank::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string file = PAXBANK_DATA "/Testcases.csv";

TEST(Prompt, AScriptThatEndsLetsTheFileRunOn) {
  const Ended ended = run({file, "--base-port", "0"}, "printdb 1\nnext\nleader\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("Set 12 is over"));
  EXPECT_THAT(ended.output, HasSubstr("All well."));
}

TEST(Prompt, WhatALineHasAfterNextWaitsForTheNextSet) {
  const Ended ended =
      run({file, "--base-port", "0", "--format", "jsonl"}, "next; leader; q\nprintdb 1\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("\"event\":\"set_end\",\"set\":2"));
  EXPECT_THAT(ended.output, Not(HasSubstr("printdb")));
}

TEST(Prompt, QuitLeavesTheRestOfTheFile) {
  const Ended ended = run({file, "--base-port", "0"}, "quit\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("Set 1 is over"));
  EXPECT_THAT(ended.output, Not(HasSubstr("Set 2")));
}

TEST(Prompt, AWrongCommandChangesNothingAndShowsTheRightOne) {
  Program paxbank({"--base-port", "0"}, Program::Input::pipe);
  paxbank.type("pritndb 1\n");
  paxbank.read_until("the nearest is: printdb N");
  paxbank.type("printdb 9\n");
  paxbank.read_until("\"9\" is not a node from 1 to 5");
  paxbank.type("printlog\n");
  paxbank.read_until("printlog needs a node");
  paxbank.type("send A Z 3\n");
  paxbank.read_until("expected an account, A to J");
  paxbank.type("next\n");
  paxbank.read_until("there is no next set in manual mode");
  paxbank.type("run /nonexistent.csv\n");
  paxbank.read_until("/nonexistent.csv: cannot be read");
  paxbank.type("lf; printdb 9\n");  // a mistake in any: nothing of the line is carried out
  paxbank.read_until("\"9\" is not a node from 1 to 5");
  paxbank.type("# a comment; lf\nsend a j 3; send B C 1\n");
  EXPECT_THAT(paxbank.read_until("success"), Not(HasSubstr("fails")));
  paxbank.read_until("B->C 1");
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 2);
}

/// Everything in the table of commands, by hand, as a person does it.
TEST(Prompt, APersonAtATerminalCanDoEverything) {
  Program paxbank({"--base-port", "0"}, Program::Input::terminal);
  const auto does = [&](const std::string& typed, std::string_view seen) {
    paxbank.read_until("paxbank> ");
    paxbank.type(typed + "\n");
    return paxbank.read_until(seen);
  };
  paxbank.read_until("send A J 3 transfers 3 from A to J");
  does("help", "N is 3, n3, n1 n2 or all");
  does("send A J 3", "success");
  does("(B, C, 2)", "success");
  does("  PRINTDB All ", "account");
  does("printdb n1", "account");
  does("printlog 1", "A->J 3 (A#1)");
  does("printview all", "NEW_VIEW ballot");
  does("printstatus all 1", "n5  1: E, executed");
  paxbank.read_until("paxbank> ");
  paxbank.type("printstatus 2\n");
  paxbank.read_until("sequence number: ");
  paxbank.type("2\n");
  paxbank.read_until("n2  2: E, executed");
  does("leader", "leads in ballot");
  does("lf", "fails");
  does("send C D 1", "success");
  does("status", "disconnected");
  does("reconnect all", "is back; 5 of 5 are live");
  does("status", "n5");
  does("disconnect 4", "n4 is cut off; 4 of 5 are live");
  does("send D E 1", "success");
  does("reconnect n4", "n4 is back; 5 of 5 are live");
  does("check", "conservation  holds");
  does("next", "there is no next set in manual mode");
  does("run " + file, "Set 1 is over");
  paxbank.read_until("set 1> ");
  paxbank.type("next\n");
  paxbank.read_until("set 2> ");
  paxbank.type("quit\n");
  EXPECT_EQ(paxbank.wait(), 0);
  EXPECT_THAT(paxbank.output(), HasSubstr("10 sets not run: 3 to 12"));
  EXPECT_THAT(paxbank.output(), HasSubstr("All that was run is well."));
}

TEST(Prompt, ATerminalHasCompletionHistoryAndEditing) {
  Program paxbank({"--base-port", "0"}, Program::Input::terminal);
  paxbank.read_until("paxbank> ");
  paxbank.type("printd\t 1\n");
  paxbank.read_until("account");
  paxbank.read_until("paxbank> ");
  paxbank.type("\x1b[A\n");  // up: the last command again
  paxbank.read_until("account");
  paxbank.read_until("paxbank> ");
  paxbank.type("lexader\x02\x02\x02\x02\x7f\n");  // back over "ader", and the x goes
  paxbank.read_until("leads in ballot");
  paxbank.read_until("paxbank> ");
  paxbank.type("\x04");  // end of input
  EXPECT_EQ(paxbank.wait(), 0);
}

TEST(Prompt, AfterCtrlZAndFgTheLineGoesOnWithEditing) {
  Program paxbank({"--base-port", "0"}, Program::Input::terminal);
  paxbank.read_until("paxbank> ");
  paxbank.type("lexader");
  paxbank.read_until("lexader");
  paxbank.stop_and_go_on();
  paxbank.read_until("paxbank> lexader");
  paxbank.type("\x02\x02\x02\x02\x7f\n");  // back over "ader", and the x goes
  paxbank.read_until("leads in ballot");
  paxbank.read_until("paxbank> ");
  paxbank.type("quit\n");
  EXPECT_EQ(paxbank.wait(), 0);
}

TEST(Prompt, ATerminalHasColourUnlessItIsNotWanted) {
  for (const bool wanted : {true, false}) {
    wanted ? ::unsetenv("NO_COLOR") : ::setenv("NO_COLOR", "1", 1);
    Program paxbank({"--base-port", "0"}, Program::Input::terminal);
    paxbank.read_until("paxbank> ");
    paxbank.type("leader; quit\n");
    EXPECT_EQ(paxbank.wait(), 0);
    EXPECT_EQ(paxbank.output().find("\x1b[36mn") != std::string::npos, wanted);
  }
  ::unsetenv("NO_COLOR");
}

TEST(Prompt, CtrlCAtAnEmptyLineEndsTheRunWithItsSummary) {
  Program paxbank({"--base-port", "0"}, Program::Input::terminal);
  paxbank.read_until("paxbank> ");
  const auto children = paxbank.children();
  EXPECT_EQ(children.size(), 6U);
  paxbank.type("\x03");
  EXPECT_EQ(paxbank.wait(), 130);
  EXPECT_THAT(paxbank.output(), HasSubstr("All well."));
  await_end(children);
}

TEST(Prompt, CtrlCCancelsWhatIsBeingTyped) {
  Program paxbank({"--base-port", "0"}, Program::Input::terminal);
  paxbank.read_until("paxbank> ");
  paxbank.type("send A B 5");
  paxbank.read_until("5");
  paxbank.type("\x03");
  paxbank.read_until("paxbank> ");
  paxbank.type("printstatus 2\n");
  paxbank.read_until("sequence number: ");
  paxbank.type("\x03");
  paxbank.read_until("paxbank> ");
  paxbank.type("leader\n");
  paxbank.read_until("leads in ballot");
  paxbank.read_until("paxbank> ");
  paxbank.type("quit\n");
  EXPECT_EQ(paxbank.wait(), 0);
  EXPECT_THAT(paxbank.output(), HasSubstr("0 transactions"));
}

TEST(Prompt, CtrlCWhileASetRunsEndsTheRunWithItsSummary) {
  std::string rows = "Set Number,Transactions,Live Nodes\n1,\"(A, B, 1)\",\"[n1, n2]\"\n";
  for (int i = 0; i < 1'000; ++i) rows += ",\"(A, B, 1)\",\n";  // half a second each: no quorum
  const TemporaryFile slow(rows);
  Program paxbank({slow.name(), "--base-port", "0"}, Program::Input::terminal);
  paxbank.read_until("no quorum; its client keeps asking");
  paxbank.signal(SIGINT);
  EXPECT_EQ(paxbank.wait(), 130);
  EXPECT_THAT(paxbank.output(), HasSubstr("1 set, "));
}

TEST(Prompt, CtrlCWhileTheProcessesAreBeingEndedIsHeard) {
  Program paxbank({"--base-port", "0"}, Program::Input::pipe);
  paxbank.read_until("leads in ballot");
  paxbank.type("leader\n");
  paxbank.read_until("leads in ballot");
  const pid_t client_manager = paxbank.children().back();
  ::kill(client_manager, SIGSTOP);  // its end is waited for, for two seconds
  paxbank.type("quit\n");
  paxbank.read_until("All well.");
  paxbank.signal(SIGINT);
  EXPECT_EQ(paxbank.wait(), 130);
}

TEST(Prompt, ADeathIsToldWhileSomebodyTypesAndTheLineIsShownAgain) {
  Program paxbank({"--base-port", "0"}, Program::Input::terminal);
  paxbank.read_until("paxbank> ");
  paxbank.type("hel");
  paxbank.read_until("hel");
  ::kill(paxbank.children()[1], SIGKILL);
  paxbank.read_until("n2 died: killed by signal 9 (Killed)");
  paxbank.read_until("paxbank> hel");
  paxbank.type("p\n");
  paxbank.read_until("ends everything");
  paxbank.read_until("paxbank> ");
  paxbank.type("quit\n");
  EXPECT_EQ(paxbank.wait(), 1);
}

TEST(Prompt, WithoutATerminalPrintstatusTakesNoLineForAnAnswer) {
  const Ended ended = run({"--base-port", "0"}, "printstatus 2\nleader\n");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.output, HasSubstr("printstatus needs a sequence number here"));
  EXPECT_THAT(ended.output, HasSubstr("leads in ballot (1,n"));
}

TEST(Prompt, ALineWithoutEndIsToldOnceAndSkippedWhileSignalsAreHeard) {
  Program paxbank({"--base-port", "0"}, "/dev/zero");
  paxbank.read_until("a line of more than 65536 bytes is no command");
  paxbank.signal(SIGTERM);
  EXPECT_EQ(paxbank.wait(), 143);
  EXPECT_THAT(paxbank.output(), HasSubstr("All well."));
}

TEST(Prompt, WhatFollowsALineThatIsTooLongIsRead) {
  const std::string longest = "# " + std::string(65'534, 'x');
  const TemporaryFile typed(longest + "\n" + longest + "x\n" + std::string(300'000, 'y') +
                            "\nleader\n" + std::string(300'000, 'z'));
  const Ended ended = run_from(typed.name(), {"--base-port", "0", "--format", "jsonl"});
  EXPECT_EQ(ended.status, 2) << ended.errors;
  std::vector<std::string> events;
  for (const auto& event : json_lines(ended.output)) events.push_back(event["event"]);
  EXPECT_THAT(events,
              ::testing::ElementsAre("leader", "notice", "notice", "leader", "notice", "summary"));
}

TEST(Prompt, AFileCanBeTheInput) {
  const TemporaryFile typed("send A B 1\nprintdb 2");
  const Ended ended = run_from(typed.name(), {"--base-port", "0"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("B      11"));
}

TEST(Prompt, NothingMovesUnderTheReadersEyes) {
  Program paxbank({"--base-port", "0", "--format", "jsonl"}, Program::Input::pipe);
  paxbank.type("send A B 1\nprintlog 2\n");
  paxbank.read_until("\"event\":\"printlog\"");
  const std::string first = paxbank.read_until("\n");
  // Asking twice more takes far longer than a leader timeout only if the timers ran; the log is the
  // same either way it is asked, because nothing is sent meanwhile.
  paxbank.type("check\nstatus\nprintlog 2\n");
  paxbank.read_until("\"event\":\"printlog\"");
  EXPECT_EQ(paxbank.read_until("\n"), first);
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 0);
}

}  // namespace
}  // namespace paxbank::testing
