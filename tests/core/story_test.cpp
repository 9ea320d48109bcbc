// The golden protocol stories. To write what happens now into the files, and then read the
// difference:
//   core_test --gtest_filter='*Story*' --rewrite
#include "story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace paxbank::testing {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool rewriting = false;

std::vector<std::filesystem::path> stories() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PAXBANK_STORIES)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Story : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Story, ReadsAsItHappens) {
  const std::string happened = play_story(GetParam());
  if (rewriting) std::ofstream(GetParam()) << happened;
  EXPECT_EQ(read(GetParam()), happened);
  EXPECT_EQ(happened.find("VIOLATION"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Core, Story, ::testing::ValuesIn(stories()),
                         [](const auto& story) { return story.param.stem().string(); });

}  // namespace
}  // namespace paxbank::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  paxbank::testing::rewriting =
      std::find(arguments.begin(), arguments.end(), "--rewrite") != arguments.end();
  return RUN_ALL_TESTS();
}
