#include "paxbank/cli/bench_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paxbank::cli {
namespace {

using ::testing::HasSubstr;

TEST(BenchCommand, ADisturbedFloorIsNotBelieved) {
  EXPECT_EQ(bench::disturbance(0.8, {10'000, 19'000}), "");
  EXPECT_EQ(bench::disturbance(1.0, {}), "");
  EXPECT_THAT(bench::disturbance(8.9, {10'000, 10'000}), HasSubstr("faster than the floor"));
  EXPECT_THAT(bench::disturbance(0.5, {21'000, 10'000}),
              HasSubstr("its turns made 10000 and 21000 a second"));
}

}  // namespace
}  // namespace paxbank::cli
