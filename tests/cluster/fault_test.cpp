// What goes wrong around the protocol: processes that are stopped, streams that are closed, disks
// that are full, others who send as well. The run goes on, and says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace paxbank::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// The number of the node that leads.
std::size_t leader_of(Program& paxbank) {
  paxbank.type("leader\n");
  const std::string said = paxbank.read_until(" leads in ballot");
  return static_cast<std::size_t>(said.at(said.rfind(" leads") - 1) - '0');
}

class StoppedTest : public ::testing::Test {
 protected:
  /// Stops a backup, by its number.
  std::size_t stop_a_backup() {
    const std::size_t backup = leader_of(paxbank_) % 5 + 1;
    child_ = paxbank_.children().at(backup - 1);
    ::kill(child_, SIGSTOP);
    return backup;
  }
  void TearDown() override {
    if (child_ > 0) ::kill(child_, SIGCONT);
  }

  Program paxbank_{{"--base-port", "0"}, Program::Input::pipe};
  pid_t child_ = -1;
};

TEST_F(StoppedTest, ABackupThatStandsStillHoldsNothingUpAndIsToldWhenItComesBack) {
  const std::string name = "n" + std::to_string(stop_a_backup());
  paxbank_.read_until(name + " does not answer");  // while nobody types
  paxbank_.type("send A B 1\nleader\nprintdb all\nstatus\nprintlog " + name + "\n");
  paxbank_.read_until("success");
  paxbank_.read_until(" leads in ballot");
  paxbank_.read_until("B ");
  paxbank_.read_until(name + "  127.0.0.1:");
  EXPECT_THAT(paxbank_.read_until("\n"), HasSubstr("does not answer"));
  paxbank_.read_until(name + "'s process is gone or does not answer");
  ::kill(child_, SIGCONT);
  paxbank_.read_until(name + " answers again");
  paxbank_.type("send B C 1\nprintstatus " + name + " 2\nquit\n");
  paxbank_.read_until(name + "  2: E, executed");
  EXPECT_EQ(paxbank_.wait(), 0);
}

TEST_F(StoppedTest, OneThatNeverComesBackIsAFault) {
  stop_a_backup();
  paxbank_.type("send A B 1\nquit\n");
  EXPECT_EQ(paxbank_.wait(), 1);
  EXPECT_THAT(paxbank_.output(), AllOf(HasSubstr("success"), HasSubstr(" does not answer")));
}

TEST_F(StoppedTest, ACheckSaysWhomItCouldNotSee) {
  const std::string name = "n" + std::to_string(stop_a_backup());
  paxbank_.type("check\n");
  paxbank_.read_until("not seen      " + name + " (does not answer)");
  ::kill(child_, SIGKILL);
  child_ = -1;
  paxbank_.read_until(name + " died");
  paxbank_.type("check\nquit\n");
  paxbank_.read_until("not seen      " + name + " (dead)");
  EXPECT_EQ(paxbank_.wait(), 1);
}

TEST_F(StoppedTest, WhatWasOrderedMeanwhileIsMadeUpFor) {
  const std::string name = "n" + std::to_string(stop_a_backup());
  paxbank_.read_until(name + " does not answer");
  paxbank_.type("disconnect " + name + "\nsend A B 1\n");
  paxbank_.read_until("success");
  ::kill(child_, SIGCONT);
  paxbank_.read_until(name + " answers again");
  paxbank_.type("status\n");
  paxbank_.read_until(name + "  127.0.0.1:");
  EXPECT_THAT(paxbank_.read_until("\n"), HasSubstr("disconnected"));
}

TEST(Stopped, AFileRunsToItsEndWithoutTheOneThatStandsStill) {
  Program paxbank({PAXBANK_DATA "/Testcases.csv", "--batch", "--base-port", "0"});
  const auto children = paxbank.children();
  paxbank.read_until("Set 1 is over");
  ::kill(paxbank.children().at(4), SIGSTOP);
  EXPECT_EQ(paxbank.wait(), 1);
  EXPECT_THAT(paxbank.output(), AllOf(HasSubstr("n5 does not answer"), HasSubstr("12 sets")));
}

TEST(Streams, ClosedOnesDeafenNobody) {
  const TemporaryFile log("");
  const std::string directory = log.name() + ".d";
  Program paxbank(
      {PAXBANK_DATA "/Testcases.csv", "--batch", "--base-port", "0", "--log-dir", directory},
      Program::Input::closed);
  EXPECT_EQ(paxbank.wait(), 1);  // its report is lost
  for (const char* name : {"n1", "n2", "n3", "n4", "n5"}) {
    std::ifstream in(directory + "/" + name + ".log");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_THAT(text, HasSubstr("follows")) << name;
  }
  std::filesystem::remove_all(directory);
}

TEST(FullDisk, ATraceThatCannotBeBegunIsRefused) {
  const Ended ended = run({"--base-port", "0", "--trace", "/dev/full"}, "send A B 1\n");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("--trace: /dev/full cannot be written"));
}

TEST(FullDisk, ATraceThatIsLostIsToldAndAFault) {
  const TemporaryFile file;
  const ShortFiles limit(4'096);
  const Ended ended = run({"--base-port", "0", "--trace", file.name()}, "send A B 1\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("lost its trace from here on: File too large"),
                                  HasSubstr("NOT well")));
}

TEST(FullDisk, ALogThatIsLostIsToldAndAFault) {
  const TemporaryFile place("");
  const std::string directory = place.name() + ".d";
  std::filesystem::create_directory(directory);
  std::filesystem::create_symlink("/dev/full", directory + "/n2.log");
  const Ended ended = run({"--base-port", "0", "--log-dir", directory}, "send A B 1\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("n2 lost lines of its log: No space left on device"));
  std::filesystem::remove_all(directory);
}

TEST(FullDisk, WhatAnyCommandSaysIsLostAndAFault) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"--version"}, {"--help"}, {"sim", "--seeds", "1..2"}}) {
    const Ended ended = run_from("/dev/null", command, "/dev/full");
    EXPECT_EQ(ended.status, 1) << command[0];
    EXPECT_THAT(ended.errors, HasSubstr("standard output cannot be written")) << command[0];
  }
}

TEST(FullDisk, AReportThatIsLostIsToldAndAFault) {
  const Ended ended = run_from("/dev/null", {"--base-port", "0"}, "/dev/full");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.errors, HasSubstr("standard output: No space left on device"));
}

TEST(Load, HalfAMillionRowsAtOnceAreNoLineTooLong) {
  std::string rows =
      "Set Number,Transactions,Live Nodes\n1,\"(A, B, 1)\",\"[n1, n2, n3, n4, n5]\"\n";
  for (int i = 1; i < 500'000; ++i) {
    const char payer = static_cast<char>('A' + i % 10);
    rows += std::string(",\"(") + payer + ", A, 1)\",\n";
  }
  const TemporaryFile file(rows);
  Program paxbank(
      {file.name(), "--batch", "--concurrent", "--base-port", "0", "--format", "jsonl"});
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.errors();
  EXPECT_THAT(paxbank.output(), HasSubstr("\"transactions\":500000"));
}

TEST(Load, WhatAClientHasNoRoomForIsRefused) {
  std::string rows = "Set Number,Transactions,Live Nodes\n1,\"(A, B, 1)\",\"[n1, n2]\"\n";
  for (int i = 0; i < 500'000; ++i) rows += ",\"(A, B, 1)\",\n";
  const TemporaryFile file(rows);  // below quorum nothing is answered, and twice is one too many
  const std::string twice = "run " + file.name() + "\nnext\nrun " + file.name() + "\nnext\n";
  const Ended ended = run({"--base-port", "0", "--concurrent"}, twice);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("A->B 1        dropped  too many of its client's "
                                      "transactions wait"));
  EXPECT_THAT(ended.output,
              HasSubstr("1000002 transactions: 0 success, 0 failed, 1000001 timeout, 1\ndropped"));
}

/// Clients that paxbank knows nothing of, as fast as they are answered, until the end.
class OutsideLoad {
 public:
  explicit OutsideLoad(std::uint16_t port) : connection_(port), thread_([this] { run(); }) {}
  ~OutsideLoad() {
    stop_ = true;
    thread_.join();
  }

 private:
  static constexpr int clients = 4;

  void run() {
    for (int timestamp = 1; !stop_; ++timestamp) {
      std::string requests;
      for (int client = 0; client < clients; ++client) {
        requests += "{\"type\":\"REQUEST\",\"client_id\":\"outside" + std::to_string(client) +
                    "\",\"timestamp\":" + std::to_string(timestamp) +
                    ",\"transaction\":[\"A\",\"B\",1]}\n";
      }
      connection_.send(requests);
      for (int client = 0; client < clients && !stop_; ++client) connection_.read_line();
    }
  }

  Intruder connection_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

TEST(OutsideClients, NeitherHoldUpACommandNorBlurACheck) {
  Program paxbank({"--base-port", "0"}, Program::Input::pipe);
  const std::size_t leader = leader_of(paxbank);
  const std::string backup = std::to_string(leader % 5 + 1);
  paxbank.type("status\n");
  paxbank.read_until("n" + std::to_string(leader) + "  127.0.0.1:");
  const OutsideLoad load(static_cast<std::uint16_t>(std::stoul(paxbank.read_until(" "))));
  for (int i = 0; i < 3; ++i) {
    paxbank.type("disconnect " + backup + "\nreconnect all\ncheck\n");
    EXPECT_THAT(paxbank.read_until("conservation  "), Not(HasSubstr("BROKEN")));
    paxbank.read_until("holds\n");
  }
  paxbank.type("quit\n");
  EXPECT_EQ(paxbank.wait(), 0) << paxbank.output();
}

}  // namespace
}  // namespace paxbank::testing
