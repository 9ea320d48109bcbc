#include "paxbank/scenario/nearest.hpp"

#include <algorithm>

namespace paxbank::scenario {
namespace {

std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() < 3 || known.empty()) return std::nullopt;
  const auto best =
      std::min_element(known.begin(), known.end(), [&](const auto& left, const auto& right) {
        return distance(word, left) < distance(word, right);
      });
  if (distance(word, *best) > word.size() / 3) return std::nullopt;
  return *best;
}

}  // namespace paxbank::scenario
