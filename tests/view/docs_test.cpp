// What page, drawing and docs/view.md each say for themselves is the same.
#include "paxbank/view/exports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traces.hpp"
#include <fstream>
#include <regex>
#include <sstream>

namespace paxbank::view {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::string& file) {
  std::ifstream in(std::string(PAXBANK_ROOT) + "/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What a pattern's groups take, at each match.
std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern) {
  return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

TEST(Colours, AreTheSameInPageDrawingAndDocs) {
  const std::string page = text_of("src/view/page/colours.js");
  const std::string docs = text_of("docs/view.md");
  std::ostringstream drawing;
  write_svg(drawing, read(nasty_trace()), {});
  const auto colours = matches(page, std::regex(R"RE(\["([A-Z_]+)", "(#\w+)", "(#\w+)"\])RE"));
  ASSERT_EQ(colours.size(), std::size(type_names));
  for (std::size_t type = 0; type < colours.size(); ++type) {
    const std::string light = colours[type][2];
    const std::string dark = colours[type][3];
    EXPECT_EQ(colours[type][1].str(), type_names[type]);
    EXPECT_THAT(docs, HasSubstr("| " + colours[type][1].str() + " | `" + light + "`" +
                                (light == dark ? "" : " (`" + dark + "`)") + " |"));
    EXPECT_THAT(drawing.str(), HasSubstr("<marker id=\"a" + std::to_string(type) + "\""));
    EXPECT_THAT(drawing.str(), HasSubstr("d=\"M0 0L8 4L0 8z\" fill=\"" + light + "\""));
  }
}

TEST(Keys, AreAllInTheDocs) {
  const std::string page = text_of("src/view/page/keys.js");
  const std::string docs = text_of("docs/view.md");
  const auto single = matches(page, std::regex(R"RE(\[\[".*"\], "([^"]+)", )RE"));
  const auto both = matches(page, std::regex(R"RE(both\("(\w)", "([^"]+)")RE"));
  EXPECT_GT(single.size(), 20U);
  EXPECT_GT(both.size(), 5U);
  for (const std::smatch& key : single) EXPECT_THAT(docs, HasSubstr(key[1].str()));
  for (const std::smatch& key : both) {
    EXPECT_THAT(docs, HasSubstr("| `" + key[1].str() + "`"));
    EXPECT_THAT(docs, HasSubstr("next " + key[2].str()));
  }
}

}  // namespace
}  // namespace paxbank::view
