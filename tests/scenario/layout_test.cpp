#include "paxbank/scenario/layout.hpp"

#include <gtest/gtest.h>

namespace paxbank::scenario {
namespace {

TEST(Layout, WhatFitsStaysAsItIs) {
  EXPECT_EQ(wrapped("  a  b\n\nc\n", 40), "  a  b\n\nc\n");
  EXPECT_EQ(wrapped("no end", 40), "no end");
  EXPECT_EQ(wrapped("\x1b[31mfour\x1b[0m five", 9), "\x1b[31mfour\x1b[0m five");
  EXPECT_EQ(wrapped("äöü äöü", 7), "äöü äöü");
}

TEST(Layout, ProseBreaksBetweenWordsBelowWhereItBegan) {
  EXPECT_EQ(wrapped("  one two three four\n", 12), "  one two\n  three four\n");
  EXPECT_EQ(wrapped("  name    what it is and does\nnext\n", 22),
            "  name    what it is\n          and does\nnext\n");
  EXPECT_EQ(wrapped("a/word/that/is/longer/than/a/line too", 10),
            "a/word/that/is/longer/than/a/line\ntoo");
}

TEST(Layout, ColoursTakeNoRoom) {
  EXPECT_EQ(wrapped("  \x1b[31mname   \x1b[0m what it is and does\n", 22),
            "  \x1b[31mname   \x1b[0m what it is\n          and does\n");
}

TEST(Layout, ColourOnlyWhereItIsWanted) {
  EXPECT_EQ(painted("x", Colour::red, {80, false}), "x");
  EXPECT_EQ(painted("x", Colour::plain, {80, true}), "x");
  EXPECT_EQ(painted("x", Colour::red, {80, true}), "\x1b[31mx\x1b[0m");
}

}  // namespace
}  // namespace paxbank::scenario
