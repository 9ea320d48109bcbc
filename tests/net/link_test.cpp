// The way to a peer that breaks, and comes back.
#include "paxbank/net/link.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace paxbank::net {
namespace {

/// A link, and the peer that it leads to.
class LinkTest : public ::testing::Test {
 protected:
  /// Lets the peer take the connection that comes, until the link stands.
  asio::ip::tcp::socket accept() {
    asio::ip::tcp::socket socket(io_);
    bool there = false;
    acceptor_.async_accept(socket, [&](const asio::error_code&) { there = true; });
    while (!there || !link_.connected()) io_.run_one();
    return socket;
  }

  void close(asio::ip::tcp::socket socket) {
    socket.close();
    while (link_.connected()) io_.run_one();
  }

  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::vector<std::uint64_t> greeted_;
  Link link_{io_, acceptor_.local_endpoint(), "peer",
             [this](std::uint64_t connection) {
               greeted_.push_back(connection);
               return std::string("hello\n");
             },
             [](std::string_view) {}};
};

TEST_F(LinkTest, CountsItsConnectionsAndTheLinesOfEachAnew) {
  for (const std::uint64_t connection : {1U, 2U, 3U}) {
    asio::ip::tcp::socket peer = accept();
    EXPECT_EQ(link_.next().connection, connection);
    EXPECT_EQ(link_.next().line, 1U);
    link_.send("line\n");
    EXPECT_EQ(link_.next().line, 2U);
    close(std::move(peer));
  }
  EXPECT_EQ(greeted_, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(LinkTest, WhatWaitsForAConnectionIsCountedOnIt) {
  close(accept());
  link_.send("line\n");
  EXPECT_EQ(link_.next().connection, 2U);
  EXPECT_EQ(link_.next().line, 2U);
  accept();
  EXPECT_EQ(link_.next().connection, 2U);
  EXPECT_EQ(link_.next().line, 2U);
}

}  // namespace
}  // namespace paxbank::net
