// What is typed on a live page: it is done, one command after the other, or refused; and time as it
// is commanded from a page, from a script, at a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"
#include <string>

namespace paxbank::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* two_sets =
    "Set Number,Transactions,Live Nodes\n"
    "1,\"(A, J, 3)\",\"[n1, n2, n3, n4, n5]\"\n"
    "2,\"(B, C, 1)\",\"[n1, n2, n3, n4, n5]\"\n,\"(C, D, 1)\",\n,\"(D, E, 1)\",\n";

/// A page of a run that was started with `--web 0`, as far as typing goes.
class Page {
 public:
  explicit Page(Program& paxbank) {
    paxbank.read_until("watch it at http://127.0.0.1:");
    port_ = static_cast<std::uint16_t>(std::stoul(paxbank.read_until("/")));
    token_ = paxbank.read_until("/");
    token_.pop_back();
  }

  /// Returns when the run has it.
  void type(const std::string& line) const {
    const std::string host = "127.0.0.1:" + std::to_string(port_);
    const std::string body = R"({"line":")" + line + "\"}";
    Intruder connection(port_);
    connection.send("POST /" + token_ + "/command HTTP/1.1\r\nHost: " + host +
                    "\r\nOrigin: http://" + host +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_THAT(connection.read_line(), HasSubstr(" 204 ")) << line;
  }

 private:
  std::uint16_t port_ = 0;
  std::string token_;
};

TEST(Page, StepsThatAreBeingDoneEndBeforeTimeGoesOn) {
  Program paxbank({"--base-port", "0", "--web", "0", "--no-pause"}, Program::Input::pipe);
  const Page page(paxbank);
  paxbank.read_until("leads in ballot");
  page.type("pause");
  page.type("step 40");
  page.type("resume");
  std::string told = paxbank.read_until("the cluster runs on");
  std::size_t steps = 0;
  for (auto at = told.find("step: "); at != std::string::npos; at = told.find("step: ", at + 1)) {
    ++steps;
  }
  EXPECT_EQ(steps, 40U) << told;
  paxbank.type("send A B 1\n");
  paxbank.read_until("A->B 1        success");
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
}

TEST(Page, WhatFollowsAnotherCommandInItsLineWaitsWithIt) {
  Program paxbank({"--base-port", "0", "--web", "0"}, Program::Input::pipe);
  const Page page(paxbank);
  paxbank.read_until("leads in ballot");
  page.type("pause; send A B 1; resume; send B C 1");
  const std::string told = paxbank.read_until("B->C 1        success");
  const auto stands = told.find("time stands still: nothing happens");
  const auto waits = told.find("step lets it happen");
  const auto goes = told.find("the cluster runs on");
  EXPECT_TRUE(stands < waits && waits < goes && goes != std::string::npos) << told;
  paxbank.end_input();
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
}

TEST(Page, WhereNothingIsToBeTypedAtThePromptItsCommandsAreDoneBetweenSets) {
  const TemporaryFile sets(two_sets);
  Program paxbank({sets.name(), "--base-port", "0", "--web", "0", "--slow", "20"},
                  Program::Input::pipe);
  paxbank.end_input();
  const Page page(paxbank);
  // While the first leader is being elected, which takes seconds.
  page.type("slow 1");
  page.type("send D E 1; slow 20");
  paxbank.read_until("Set 1 is over");
  paxbank.read_until("D->E 1        success");
  paxbank.read_until("Set 2, live nodes");
  page.type("send E F 1");
  page.type("status; check");
  page.type("slow 1");
  paxbank.read_until("Set 2 is over");
  paxbank.read_until("E->F 1        success");
  paxbank.read_until("agreement     holds");
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
  EXPECT_THAT(paxbank.output(), HasSubstr("In all: 2 sets, 6 transactions: 6 success"));
}

TEST(Page, WhatCanBeDoneNoMoreIsTold) {
  Program paxbank({"--base-port", "0", "--web", "0"}, Program::Input::pipe);
  const Page page(paxbank);
  page.type("quit; send A B 1; check");
  paxbank.read_until("the run has ended: 2 of the commands typed are not done");
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
}

TEST(StandingTime, WhenTheInputEndsTheRestOfTheFileRuns) {
  const TemporaryFile sets(two_sets);
  const Ended ended =
      run({sets.name(), "--base-port", "0", "--slow", "2"}, "pause\nsend A B 1\nprintdb 1\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, AllOf(HasSubstr("the input has ended while time stood still"),
                                  HasSubstr("A->B 1        success"),
                                  HasSubstr("In all: 2 sets, 5 transactions: 5 success")));
}

TEST(StandingTime, WhenTheInputEndsWithoutAFileWhatWasBegunEnds) {
  const Ended ended = run({"--base-port", "0", "--slow", "1"}, "pause\nlf\nsend A B 1\n");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("A->B 1        success"));
}

TEST(StandingTime, IsNothingThatASetCanEndWith) {
  const TemporaryFile sets(two_sets);
  for (const char* command : {"pause", "check; step 2"}) {
    const Ended ended = run({sets.name(), "--batch", "--slow", "2", "--after-set", command});
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.errors, HasSubstr("cannot run after each set"));
  }
}

TEST(StandingTime, WhatIsBegunInItIsNoFaultOfTheCluster) {
  const Ended ended = run({"--base-port", "0", "--slow", "1"},
                          "pause\nsend A B 1\ndisconnect n5\nreconnect n5\nresume\nsend C D 1\n");
  EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
  EXPECT_THAT(ended.output,
              AllOf(HasSubstr("A->B 1        success"), HasSubstr("C->D 1        success"),
                    HasSubstr("All well."), Not(HasSubstr("is not answered"))));
}

TEST(StandingTime, NothingTimesOutInIt) {
  Program paxbank({"--base-port", "0", "--slow", "1"}, Program::Input::pipe);
  paxbank.type("disconnect n1 n2 n3\npause\nsend A B 1\n");
  EXPECT_THAT(paxbank.read_until("step lets it happen"), Not(HasSubstr("timeout")));
  paxbank.type("resume\nsend C D 1\n");  // now time goes, and it is too long for both
  paxbank.read_until("A->B 1        timeout");
  paxbank.read_until("C->D 1        timeout");
  paxbank.type("pause\nsend D E 1\nquit\n");
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
  EXPECT_THAT(paxbank.output(), HasSubstr("3 timeout"));
  EXPECT_THAT(paxbank.output(), HasSubstr("the run ends before its answer"));
}

TEST(TimeAtATerminal, CanBeCommandedWhileRowsRun) {
  const TemporaryFile sets(two_sets);
  Program paxbank({"--base-port", "0", "--slow", "1"}, Program::Input::terminal);
  paxbank.read_until("paxbank> ");
  paxbank.type("slow 100; run " + sets.name() + "\r");
  paxbank.read_until("Set 1, live nodes");  // its row takes seconds
  paxbank.type("pause\r");
  EXPECT_THAT(paxbank.read_until("time stands still"), Not(HasSubstr("success")));
  // What is no command of time waits for the prompt.
  paxbank.type("send H I 1\r");
  paxbank.type("slow 1; resume\r");
  EXPECT_THAT(paxbank.read_until("Set 1 is over"), Not(HasSubstr("H->I")));
  paxbank.read_until("H->I 1");
  paxbank.read_until("set 1> ");
  paxbank.type("quit\r");
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
}

TEST(TimeAtATerminal, WhatIsHalfTypedWhenAPromptComesMakesRoomForIt) {
  Program paxbank({"--base-port", "0", "--web", "0"}, Program::Input::terminal);
  const Page page(paxbank);
  paxbank.read_until("paxbank> ");
  paxbank.type("slow 100; send A B 1\r");
  paxbank.read_until("100 times as long");
  paxbank.type("lea");
  paxbank.read_until("lea");
  page.type("slow 1");
  const std::string told = paxbank.read_until("paxbank> lea");
  EXPECT_THAT(told, ::testing::EndsWith("\r\x1b[Kpaxbank> lea"));
  paxbank.type("der\r");
  paxbank.read_until("leads in ballot");
  paxbank.type("quit\r");
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
}

}  // namespace
}  // namespace paxbank::testing
