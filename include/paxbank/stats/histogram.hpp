#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace paxbank::stats {

/// Counts of values in log-linear buckets, as in HdrHistogram: 128 of equal width for each power of
/// two. A quantile is therefore at most 1/128 (0.8 %) above the sample that it stands for; values
/// below 128 are exact.
class Histogram {
 public:
  static constexpr unsigned precision_bits = 7;

  void add(std::uint64_t value) {
    ++counts_[index(value)];
    ++count_;
  }
  void add(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// The highest value of the bucket that holds the sample of this rank (0 < quantile <= 1). 0 if
  /// there are no samples.
  [[nodiscard]] std::uint64_t quantile(double quantile) const;

  /// The buckets that are not empty, to be sent to another process and put together there.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::uint64_t>> buckets() const;
  /// Adds such a bucket. Returns false, and adds nothing, if there is no bucket of that index.
  bool add_bucket(std::size_t index, std::uint64_t count);

 private:
  static constexpr std::size_t linear = std::size_t{1} << precision_bits;
  static constexpr std::size_t bucket_count = (64 - precision_bits + 1) * linear;

  [[nodiscard]] static std::size_t index(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= precision_bits) return value;
    const unsigned shift = width - precision_bits - 1;
    return (shift + 1) * linear + (value >> shift) - linear;
  }
  [[nodiscard]] static std::uint64_t highest(std::size_t index);

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(bucket_count);
  std::uint64_t count_ = 0;
};

}  // namespace paxbank::stats
