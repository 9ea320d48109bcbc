#include "paxbank/stats/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace paxbank::stats {

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < bucket_count; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

std::uint64_t Histogram::highest(std::size_t index) {
  if (index < linear) return index;
  const auto shift = static_cast<unsigned>(index / linear - 1);
  return ((index % linear + linear + 1) << shift) - 1;
}

std::uint64_t Histogram::quantile(double quantile) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += counts_[i];
    if (seen >= std::max<std::uint64_t>(rank, 1)) return highest(i);
  }
  return 0;
}

std::vector<std::pair<std::size_t, std::uint64_t>> Histogram::buckets() const {
  std::vector<std::pair<std::size_t, std::uint64_t>> buckets;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    if (counts_[i] > 0) buckets.emplace_back(i, counts_[i]);
  }
  return buckets;
}

bool Histogram::add_bucket(std::size_t index, std::uint64_t count) {
  if (index >= bucket_count) return false;
  counts_[index] += count;
  count_ += count;
  return true;
}

}  // namespace paxbank::stats
