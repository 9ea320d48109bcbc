// The process as its launcher sees it: what it reports, what it takes, when it ends.
#include "paxbank/web/server.hpp"

#include "paxbank/cluster/launcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "web/small_trace.hpp"
#include <future>
#include <httplib.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace paxbank::web {
namespace {

using namespace std::chrono_literals;
using paxbank::testing::SmallTrace;
using ::testing::HasSubstr;

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    int pair[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    launcher = cluster::Descriptor(pair[0]);
    Settings settings;
    settings.title = "a run";
    settings.child.control_fd = pair[1];
    settings.child.cluster.trace = trace.file();
    process = std::thread([settings] {
      asio::io_context io(1);
      const Server server(io, settings);
      io.run();
    });
    serves = std::get<cluster::Serves>(read_report());
    EXPECT_TRUE(std::holds_alternative<cluster::Ready>(read_report()));
  }
  ~ServerTest() override {
    if (process.joinable()) end();
  }

  /// Without its launcher it ends.
  void end() {
    launcher = {};
    process.join();
  }
  cluster::Report read_report() {
    std::string line;
    for (char byte = 0; byte != '\n' && ::read(launcher.number(), &byte, 1) == 1;) line += byte;
    return std::get<cluster::Report>(cluster::decode_from_child(line));
  }
  void order(const cluster::Order& order) const {
    const std::string line = cluster::encode(cluster::Numbered<cluster::Order>{1, order});
    EXPECT_EQ(::write(launcher.number(), line.data(), line.size()),
              static_cast<ssize_t>(line.size()));
  }
  httplib::Client client() const {
    httplib::Client client("127.0.0.1", serves.port);
    client.set_read_timeout(60s);
    return client;
  }
  std::string read_events_until(const std::string& text) const {
    std::string read;
    client().Get("/" + serves.token + "/events", [&](const char* data, std::size_t length) {
      read.append(data, length);
      return read.find(text) == std::string::npos;
    });
    return read;
  }

  SmallTrace trace;
  cluster::Descriptor launcher;
  std::thread process;
  cluster::Serves serves;
};

TEST_F(ServerTest, WhatIsTypedOnAPageIsReported) {
  const std::string origin = "http://127.0.0.1:" + std::to_string(serves.port);
  const auto answer = client().Post("/" + serves.token + "/command", {{"Origin", origin}},
                                    R"({"line":"lf"})", "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(std::get<cluster::Typed>(read_report()).line, "lf");
}

TEST_F(ServerTest, WhatTheRunReportsComesToThePages) {
  order(cluster::Show{"n3 leads\n"});
  EXPECT_THAT(read_events_until("n3 leads"), HasSubstr("event: told\n"));
}

TEST_F(ServerTest, RowsComeFromTheTraceAsItGrows) {
  trace.send(5, "n1>n2/1:1");
  EXPECT_THAT(read_events_until("n1>n2/1:1"), HasSubstr("event: rows\nid: 1\n"));
}

TEST_F(ServerTest, InSlowMotionPagesHearTheTimeThatIsNow) {
  cluster::set_pace(20);
  order(cluster::FollowPace{});
  EXPECT_THAT(read_events_until("event: now\n"), HasSubstr("event: head\n"));
  cluster::set_pace(1);
}

TEST_F(ServerTest, WithoutItsLauncherItEndsWhoeverWatches) {
  std::promise<void> begun;
  std::thread page([&] {
    bool first = true;
    client().Get("/" + serves.token + "/events", [&](const char*, std::size_t) {
      if (std::exchange(first, false)) begun.set_value();
      return true;
    });
  });
  begun.get_future().wait();
  end();
  page.join();
}

}  // namespace
}  // namespace paxbank::web
