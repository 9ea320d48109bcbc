#include "paxbank/stats/histogram.hpp"

#include "paxbank/core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace paxbank::stats {
namespace {

TEST(Histogram, HoldsAgainstSortedSamples) {
  Random random(1);
  for (const std::int64_t range : {100LL, 10'000LL, 100'000'000LL, 1'000'000'000'000LL}) {
    Histogram histogram;
    std::vector<std::uint64_t> samples;
    for (int i = 0; i < 20'000; ++i) {
      // Skewed, as latencies are.
      const auto value = static_cast<std::uint64_t>(random.between(0, random.between(1, range)));
      samples.push_back(value);
      histogram.add(value);
    }
    std::sort(samples.begin(), samples.end());
    for (const double quantile : {0.0001, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::ceil(quantile * 20'000)) - 1;
      const std::uint64_t exact = samples[rank];
      EXPECT_GE(histogram.quantile(quantile), exact);
      EXPECT_LE(histogram.quantile(quantile), exact + exact / 128 + 1) << range << " " << quantile;
    }
  }
}

TEST(Histogram, TakesAnyValue) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  histogram.add(0);
  histogram.add(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  EXPECT_EQ(histogram.quantile(1), std::numeric_limits<std::uint64_t>::max());
}

TEST(Histogram, IsPutTogetherFromItsBuckets) {
  Histogram histogram;
  for (std::uint64_t v = 1; v < 1'000'000; v = v * 3 / 2 + 1) histogram.add(v);
  Histogram copy;
  for (const auto& [index, count] : histogram.buckets()) EXPECT_TRUE(copy.add_bucket(index, count));
  EXPECT_EQ(copy.count(), histogram.count());
  EXPECT_EQ(copy.quantile(0.9), histogram.quantile(0.9));
  EXPECT_FALSE(copy.add_bucket(1'000'000, 1));
  copy.add(histogram);
  EXPECT_EQ(copy.count(), 2 * histogram.count());
  EXPECT_EQ(copy.quantile(0.9), histogram.quantile(0.9));
}

}  // namespace
}  // namespace paxbank::stats
