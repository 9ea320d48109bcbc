// What comes to a node's public port from somebody who does not mean well, or does not know how to
// speak: the connection is closed with a line in the log, and the cluster still answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"

namespace paxbank::testing {
namespace {

using ::testing::HasSubstr;

class IntruderTest : public ::testing::Test {
 protected:
  void SetUp() override { still_answers(); }
  void TearDown() override {
    still_answers();
    paxbank_.type("check\nquit\n");
    EXPECT_EQ(paxbank_.wait(), 0);
    EXPECT_THAT(paxbank_.output(), HasSubstr("agreement     holds"));
  }

  void still_answers() {
    paxbank_.type("send A B 1\nsend B A 1\n");
    paxbank_.read_until("B->A 1        success");
  }
  /// To n2, at the port that `status` names.
  Intruder connect() {
    if (port_ == 0) {
      paxbank_.type("status\n");
      paxbank_.read_until("n2  127.0.0.1:");
      port_ = static_cast<std::uint16_t>(std::stoul(paxbank_.read_until(" ")));
    }
    return Intruder(port_);
  }

  /// Sends it and waits until the node has closed the connection and said why.
  void refused(const std::string& bytes, const std::string& why) {
    SCOPED_TRACE(why);
    Intruder intruder = connect();
    intruder.send(bytes);
    intruder.await_close();
    paxbank_.read_errors_until("paxbank: n2: closed the connection of 127.0.0.1:");
    EXPECT_THAT(paxbank_.read_errors_until("\n"), HasSubstr(why));
  }

  Program paxbank_{{"--base-port", "0"}, Program::Input::pipe};
  std::uint16_t port_ = 0;
};

TEST_F(IntruderTest, WhatIsNoMessageIsRefused) {
  refused("GET / HTTP/1.1\r\n\r\n", "not JSON");
  refused("\n", "not JSON");
  refused(std::string("\0\xff\xfe\n", 4), "not JSON");
  refused("[]\n", "");
  refused("{\"type\":\"HELLO\"}\n", "HELLO");
  refused("{\"type\":\"BYE\"}\n", "BYE");
  refused("{\"ballot\":[1,1]}\n", "type");
  refused("{\"type\":\"REQUEST\",\"client_id\":\"A\",\"timestamp\":1}\n",
          "field \"transaction\" is missing");
  refused(
      "{\"type\":\"REQUEST\",\"client_id\":7,\"timestamp\":1,\"transaction\":[\"A\",\"B\",1]}\n",
      "field \"client_id\"");
  refused(
      "{\"type\":\"REQUEST\",\"client_id\":\"A\",\"timestamp\":1e400,"
      "\"transaction\":[\"A\",\"B\",1]}\n",
      "");
  refused(std::string(10'000, '[') + "\n", "");
}

TEST_F(IntruderTest, AForeignBallotIsRefused) {
  const std::string hello = "{\"type\":\"HELLO\",\"node_id\":4}\n";
  refused("{\"type\":\"PREPARE\",\"ballot\":[9,3],\"from_sequence\":1}\n", "has not said HELLO");
  refused(hello + "{\"type\":\"PREPARE\",\"ballot\":[9,3],\"from_sequence\":1}\n",
          "n4 sent what only n3 may send");
  refused(hello +
              "{\"type\":\"HEARTBEAT\",\"ballot\":[9,4],\"node_id\":5,\"committed\":0,"
              "\"executed\":0}\n",
          "n4 sent what only n5 may send");
  refused(hello +
              "{\"type\":\"ACCEPT\",\"ballot\":[9,6],\"sequence_number\":1,"
              "\"request\":\"no-op\"}\n",
          "from 1 to 5");
  refused(hello +
              "{\"type\":\"ACCEPT\",\"ballot\":[0,4],\"sequence_number\":1,"
              "\"request\":\"no-op\"}\n",
          "ballot");
  refused(hello + "{\"type\":\"HELLO\",\"node_id\":3}\n", "was n4, now claims to be n3");
  refused("{\"type\":\"HELLO\",\"node_id\":2}\n", "which is this node");
  refused(
      "{\"type\":\"REPLY\",\"ballot\":[1,1],\"client_id\":\"A\",\"timestamp\":1,"
      "\"result\":\"success\"}\n",
      "nobody's client");
}

TEST_F(IntruderTest, AGiantFrameIsRefused) {
  refused(std::string((std::size_t{8} << 20U) + 2, 'x'), "a frame of more than 8388608 bytes");
  refused("{\"type\":\"" + std::string(std::size_t{9} << 20U, 'x') + "\"}\n",
          "a frame of more than 8388608 bytes");
}

TEST_F(IntruderTest, HalfALineAndSilenceIsRefused) {
  refused("{\"type\":\"REQ", "half a line, and then silence");
  Intruder half = connect();
  half.send("{\"type\"");  // and the connection ends in the middle
}

TEST_F(IntruderTest, AHundredConnectionsThatNeverSpeakHinderNobody) {
  std::vector<Intruder> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(connect());
  still_answers();
}

TEST_F(IntruderTest, OfTooManyConnectionsTheMostSilentGo) {
  std::vector<Intruder> silent;
  for (int i = 0; i < 300; ++i) silent.push_back(connect());
  still_answers();
  silent.front().await_close();
}

TEST_F(IntruderTest, AClientByHandIsServedOnceHoweverOftenItAsks) {
  Intruder client = connect();
  const std::string request =
      "{\"type\":\"REQUEST\",\"client_id\":\"me\",\"timestamp\":1,\"transaction\":[\"A\",\"J\",3]}"
      "\n";
  client.send(request);
  const std::string reply = client.read_line();
  EXPECT_THAT(reply, HasSubstr("\"type\":\"REPLY\""));
  EXPECT_THAT(reply, HasSubstr("\"result\":\"success\""));
  client.send(request);
  EXPECT_EQ(client.read_line(), reply);
  paxbank_.type("printdb 2\n");
  EXPECT_THAT(paxbank_.read_until("J      13"), HasSubstr("A       7"));
}

}  // namespace
}  // namespace paxbank::testing
