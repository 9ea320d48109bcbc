#include "paxbank/sim/network.hpp"

#include <gtest/gtest.h>

namespace paxbank::sim {
namespace {

TEST(Network, CutsThatOverlapHealOneByOne) {
  Network network(1, 3);
  const auto arrives = [&](Party from, Party to) {
    return network.send(from, to, TimePoint()).copies > 0;
  };
  network.block(0, 1);
  network.block(0, 1);
  network.block(0, 2);
  EXPECT_TRUE(arrives(1, 0));
  network.unblock(0, 1);
  EXPECT_FALSE(arrives(0, 1));
  network.unblock(0, 1);
  EXPECT_TRUE(arrives(0, 1));
  EXPECT_FALSE(arrives(0, 2));
  network.heal();
  EXPECT_TRUE(arrives(0, 2));
}

}  // namespace
}  // namespace paxbank::sim
