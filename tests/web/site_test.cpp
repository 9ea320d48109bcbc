// Who is answered, and what with; by real connections.
#include "paxbank/web/site.hpp"

#include "paxbank/cluster/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "web/small_trace.hpp"
#include <array>
#include <future>
#include <httplib.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace paxbank::web {
namespace {

using namespace std::chrono_literals;
using paxbank::testing::SmallTrace;
using ::testing::HasSubstr;

class SiteTest : public ::testing::Test {
 protected:
  /// A client that gives up only after far longer than it can take.
  httplib::Client client() const {
    httplib::Client client("127.0.0.1", site->port());
    client.set_read_timeout(60s);
    return client;
  }
  std::string path(const std::string& what) const { return "/" + site->token() + "/" + what; }
  std::string here() const { return "http://127.0.0.1:" + std::to_string(site->port()); }

  /// What comes up to and with a text.
  std::string read_events(const std::string& until, const std::string& query = "",
                          const httplib::Headers& headers = {}) const {
    std::string read;
    client().Get(path("events" + query), headers, [&](const char* data, std::size_t length) {
      read.append(data, length);
      return read.find(until) == std::string::npos;
    });
    return read;
  }
  int post(const std::string& body, const httplib::Headers& headers) const {
    const auto answer = client().Post(path("command"), headers, body, "application/json");
    return answer ? answer->status : -1;
  }
  void write_rows(int count) {
    for (int i = 0; i < count; ++i) trace.send(i, "n1>n2/1:" + std::to_string(i));
    while (feed.tail(TimePoint(0ms))) {
    }
    feed.tail(TimePoint(60ms));
  }

  SmallTrace trace;
  Feed feed{trace.file(), "a <run>"};
  std::promise<std::string> typed;
  std::optional<Site> site{std::in_place, std::uint16_t{0}, feed,
                           [this](const std::string& line) { typed.set_value(line); }};
};

TEST_F(SiteTest, ThePageIsThereForWhoKnowsTheToken) {
  const auto page = client().Get(path(""));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->body, HasSubstr("\"title\":\"a \\u003crun>\""));
  EXPECT_THAT(page->body, HasSubstr("\"live\":true"));
  EXPECT_FALSE(page->has_header("Access-Control-Allow-Origin"));
  EXPECT_EQ(site->token().size(), 32U);
}

TEST_F(SiteTest, WithoutTheTokenThereIsNothing) {
  const std::string other(32, '0');
  for (const std::string& wrong : {std::string("/"), "/" + other + "/", "/" + other + "/events",
                                   path("other"), "/" + site->token()}) {
    const auto answer = client().Get(wrong);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 404) << wrong;
  }
}

TEST_F(SiteTest, AnotherHostIsNotOurs) {
  const std::string port = std::to_string(site->port());
  const auto status = [&](const std::string& host) {
    return client().Get(path(""), {{"Host", host}})->status;
  };
  EXPECT_EQ(status("localhost:" + port), 200);
  EXPECT_EQ(status("evil.example:" + port), 403);
  EXPECT_EQ(status("127.0.0.1"), 403);
  EXPECT_EQ(status("127.0.0.1:1"), 403);
}

TEST_F(SiteTest, ACommandComesFromOurPagesOnly) {
  const std::string body = R"({"line":"send A B 1"})";
  EXPECT_EQ(post(body, {}), 403);
  EXPECT_EQ(post(body, {{"Origin", "null"}}), 403);
  EXPECT_EQ(post(body, {{"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(post(body, {{"Origin", "https" + here().substr(4)}}), 403);
  EXPECT_EQ(post(body, {{"Origin", here()}}), 204);
  EXPECT_EQ(typed.get_future().get(), "send A B 1");
}

TEST_F(SiteTest, ACommandIsALineInAnObjectAndNotLong) {
  const httplib::Headers ours{{"Origin", here()}};
  EXPECT_EQ(post("send A B 1", ours), 400);
  EXPECT_EQ(post(R"({"line":7})", ours), 400);
  EXPECT_EQ(post("{\"line\":\"" + std::string(5000, 'x') + "\"}", ours), 413);
}

TEST_F(SiteTest, EventsComeFromTheBeginningAndThenAsTheyHappen) {
  write_rows(2);
  std::promise<void> begun;
  std::promise<std::string> all;
  std::thread page([&] {
    std::string read;
    client().Get(path("events"), [&](const char* data, std::size_t length) {
      const bool before = read.find("id: 2\n") != std::string::npos;
      read.append(data, length);
      if (!before && read.find("id: 2\n") != std::string::npos) begun.set_value();
      return read.find("e1") == std::string::npos;
    });
    all.set_value(read);
  });
  begun.get_future().wait();
  feed.tell("e1");
  const std::string read = all.get_future().get();
  page.join();
  EXPECT_THAT(read, HasSubstr("event: head\n"));
  EXPECT_THAT(read, HasSubstr("n1>n2/1:1"));
}

TEST_F(SiteTest, APageThatComesBackGoesOn) {
  write_rows(3);
  const std::string next = "n1>n2/1:2";
  const std::string asked = read_events(next, "?from=2");
  const std::string back = read_events(next, "", {{"Last-Event-ID", "2"}});
  EXPECT_EQ(asked, back);
  EXPECT_EQ(asked.find("n1>n2/1:1"), std::string::npos);
}

TEST_F(SiteTest, APageThatDoesNotReadHindersNobody) {
  write_rows(60'000);  // more than two sockets hold
  const int deaf = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(site->port());
  auto* generic = reinterpret_cast<sockaddr*>(&address);  // the socket API's own idiom
  ASSERT_EQ(::connect(deaf, generic, sizeof address), 0);
  const std::string request =
      "GET " + path("events") + " HTTP/1.1\r\nHost: " + here().substr(7) + "\r\n\r\n";
  ASSERT_EQ(::send(deaf, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  const std::string whole = read_events("id: 60000\n");
  EXPECT_THAT(whole, HasSubstr("id: 60000\n"));
  site.reset();  // and it holds up no end
  std::size_t got = 0;
  std::array<char, 1U << 16U> part{};
  for (ssize_t size = 1; size > 0;) {
    size = ::recv(deaf, part.data(), part.size(), 0);
    got += size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  ::close(deaf);
  EXPECT_LT(got, whole.size());
}

TEST_F(SiteTest, TenPagesAllGetAll) {
  std::vector<std::future<std::string>> pages;
  for (int i = 0; i < 10; ++i) {
    pages.push_back(std::async(std::launch::async, [this] { return read_events("the end"); }));
  }
  (void)read_events("event: head");  // another one, that is closed
  write_rows(1000);
  feed.tell("the end");
  for (std::future<std::string>& page : pages) {
    const std::string events = page.get();
    EXPECT_THAT(events, HasSubstr("\nid: 1000\n"));
    EXPECT_THAT(events, HasSubstr("n1>n2/1:999"));
  }
}

TEST_F(SiteTest, TheEndEndsPages) {
  std::string read;
  std::promise<void> begun;
  std::thread page([&] {
    client().Get(path("events"), [&](const char* data, std::size_t length) {
      if (read.empty()) begun.set_value();
      read.append(data, length);
      return true;
    });
  });
  begun.get_future().wait();
  site.reset();
  page.join();
  EXPECT_THAT(read, HasSubstr("event: head"));
}

TEST_F(SiteTest, APortInUseIsTold) {
  Feed other(trace.file(), "");
  try {
    const Site second(site->port(), other, {});
    FAIL() << "two listen on one port";
  } catch (const cluster::ChildError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot serve pages on 127.0.0.1:" +
                                        std::to_string(site->port()) + ": Address already in use"));
  }
}

}  // namespace
}  // namespace paxbank::web
