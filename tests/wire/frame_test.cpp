#include "paxbank/wire/frame.hpp"

#include "paxbank/core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace paxbank::wire {
namespace {

/// Feeds text in pieces of the given size and collects the lines.
std::vector<std::string> cut(const std::string& text, std::size_t piece) {
  Framer framer;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto room = framer.prepare();
    const std::size_t count = std::min({piece, room.size(), text.size() - at});
    std::copy_n(text.data() + at, count, room.data());
    framer.commit(count);
    at += count;
    while (const auto line = framer.next()) lines.emplace_back(*line);
  }
  return lines;
}

TEST(Framer, CutsLinesHoweverTheyArrive) {
  const std::string text = "one\ntwo\r\n\nfour\nhalf";
  const std::vector<std::string> expected{"one", "two", "", "four"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(cut(text, piece), expected);
}

TEST(Framer, CutsLongLinesAcrossManyReads) {
  Random random(1);
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.emplace_back(static_cast<std::size_t>(random.between(0, 300'000)), 'x');
    text += expected.back() + "\n";
  }
  EXPECT_EQ(cut(text, 65'536), expected);
  EXPECT_EQ(cut(text, 1'000), expected);
}

TEST(Framer, SaysWhenALineIsTooLong) {
  Framer framer;
  std::size_t fed = 0;
  while (!framer.overflown()) {
    const auto room = framer.prepare();
    std::fill(room.begin(), room.end(), 'x');
    framer.commit(room.size());
    fed += room.size();
    EXPECT_FALSE(framer.next().has_value());
    ASSERT_LT(fed, 4 * Framer::frame_limit);
  }
  EXPECT_GT(framer.partial(), Framer::frame_limit);
}

}  // namespace
}  // namespace paxbank::wire
