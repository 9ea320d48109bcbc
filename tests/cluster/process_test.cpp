// How the processes begin and end, and what a user who makes a mistake is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"
#include <arpa/inet.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace paxbank::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A cluster that has served one transfer, and its processes.
class ProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    paxbank_.type("send A B 1\n");
    paxbank_.read_until("success");
    children_ = paxbank_.children();
    ASSERT_EQ(children_.size(), 6U);
  }
  Program paxbank_{{"--base-port", "0"}, Program::Input::pipe};
  std::vector<pid_t> children_;
};

TEST_F(ProcessTest, TheLaunchersDeathByAnySignalEndsAll) {
  paxbank_.signal(SIGKILL);
  EXPECT_EQ(paxbank_.wait(), -SIGKILL);
  await_end(children_);
}

TEST_F(ProcessTest, SigtermEndsAll) {
  paxbank_.signal(SIGTERM);
  EXPECT_EQ(paxbank_.wait(), 128 + SIGTERM);
  EXPECT_THAT(paxbank_.output(), HasSubstr("All well."));
  await_end(children_);
}

TEST_F(ProcessTest, AStoppedChildEndsToo) {
  ::kill(children_[2], SIGSTOP);
  paxbank_.signal(SIGINT);
  EXPECT_EQ(paxbank_.wait(), 128 + SIGINT);
  EXPECT_THAT(paxbank_.output(), HasSubstr("n3 does not answer"));
  await_end(children_);
}

TEST_F(ProcessTest, QuitLeavesNothingBehind) {
  paxbank_.type("quit\n");
  EXPECT_EQ(paxbank_.wait(), 0);
  await_end(children_);
}

TEST_F(ProcessTest, ANodeThatDiesIsNamedAndTheRunGoesOn) {
  ::kill(children_[1], SIGKILL);
  paxbank_.type("status\n");
  paxbank_.read_until("n2 died: killed by signal 9 (Killed)");
  paxbank_.type("send B C 1\nstatus\n");
  paxbank_.read_until("success");
  paxbank_.read_until("n2  127.0.0.1:");
  EXPECT_THAT(paxbank_.read_until("\n"), HasSubstr("dead"));
  paxbank_.type("printlog 2\n");
  paxbank_.read_until("n2's process is gone");
  paxbank_.type("quit\n");
  EXPECT_EQ(paxbank_.wait(), 1);
}

TEST_F(ProcessTest, WithoutItsClientManagerARunEndsAndSaysSo) {
  ::kill(children_[5], SIGKILL);
  paxbank_.type("send B C 1\nsend C D 1\n");
  paxbank_.read_until("client manager died: killed by signal 9");
  EXPECT_EQ(paxbank_.wait(), 1);
  await_end(children_);
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string told;
};

TEST(Mistakes, InOptionsAreToldBeforeAnythingStarts) {
  const std::vector<Mistake> mistakes{
      {{"--nodes", "4"}, "--nodes"},
      {{"--nodes", "x"}, "--nodes"},
      {{"--base-port", "70000"}, "--base-port"},
      {{"--base-port", "65534"}, "--base-port: 65534 leaves no room"},
      {{"--heartbeat-ms", "0"}, "--heartbeat-ms"},
      {{"--heartbeat-ms", "200"}, "at least twice the heartbeat (200 ms)"},
      {{"--leader-timeout-ms", "300"}, "expected MIN:MAX"},
      {{"--leader-timeout-ms", "600:300"}, "expected MIN:MAX"},
      {{"--client-timeout-ms", "-1"}, "--client-timeout-ms"},
      {{"--format", "xml"}, "--format"},
      {{"--log-level", "loud"}, "--log-level"},
      {{"--log-dir", "/dev/null/x"}, "--log-dir: /dev/null/x"},
      {{"--after-set", "prntdb all"}, "--after-set: \"prntdb\" is no command"},
      {{"--after-set", "printstatus all"}, "printstatus needs a sequence number here"},
      {{"--batch"}, "--batch runs a file"},
      {{"--history", "-5"}, "--history"},
      {{"--no-such-option"}, "--no-such-option"},
      {{"one.csv", "two.csv"}, "two.csv"},
      {{"/nonexistent.csv"}, "/nonexistent.csv: cannot be read: No such file"},
      {{"/tmp"}, "/tmp: found a directory"},
  };
  for (const Mistake& mistake : mistakes) {
    const Ended ended = run(mistake.arguments);
    EXPECT_EQ(ended.status, 2) << mistake.told;
    EXPECT_THAT(ended.errors, HasSubstr(mistake.told));
    EXPECT_THAT(ended.output, IsEmpty());
  }
}

TEST(Mistakes, InAFileAreAllToldWithLineAndColumn) {
  const TemporaryFile file(
      "Set Number,Transactions,Live Nodes\n"
      "1,\"(A, Z, 3)\",\"[n1, n2, n3]\"\n"
      ",\"(A, J, x)\",\n"
      ",\"(A, J, 1)\",\"[n1, n2]\"\n"
      "0,LF,\"[n9]\"\n");
  const Ended ended = run({file.name(), "--batch", "--format", "jsonl", "--base-port", "0"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors,
              HasSubstr(file.name() + ":2:8: found \"Z\", expected an account, A to J"));
  EXPECT_THAT(ended.errors, HasSubstr(":3:10: found \"x\", expected an amount"));
  EXPECT_THAT(ended.errors, HasSubstr(":4:"));
  EXPECT_THAT(ended.errors, HasSubstr(":5:1: found \"0\", expected a set number of at least 1"));
  EXPECT_THAT(ended.output, HasSubstr("{\"event\":\"error\",\"message\":"));
}

TEST(Mistakes, APortInUseIsNamedWithTheOptionThatChangesIt) {
  const int busy = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(busy, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(busy, 1), 0);
  ::getsockname(busy, reinterpret_cast<sockaddr*>(&address), &length);
  const int port = ntohs(address.sin_port);
  const Ended ended = run({"--base-port", std::to_string(port - 1)});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(port)));
  EXPECT_THAT(ended.errors, HasSubstr("--base-port 0"));
  EXPECT_THAT(ended.output, IsEmpty());
  ::close(busy);
}

TEST(Logs, EachProcessWritesItsOwnFile) {
  const TemporaryFile place("");
  const std::string directory = place.name() + ".d/logs";
  const Ended ended =
      run({"--base-port", "0", "--log-dir", directory, "--log-level", "debug"}, "send A B 1\n");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.errors, "");
  for (const char* name : {"n1", "n2", "n3", "n4", "n5", "client-manager"}) {
    std::ifstream in(directory + "/" + name + ".log");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_THAT(text, HasSubstr(name[0] == 'n' ? "executes 1" : "REPLY")) << name;
  }
  std::filesystem::remove_all(place.name() + ".d");
}

}  // namespace
}  // namespace paxbank::testing
