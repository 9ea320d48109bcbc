// `paxbank view`, and `--view` of a run and of a simulated one, as they are typed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace paxbank::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

const std::string head =
    R"({"paxbank_trace":2,"by":"simulator","run":"7","seed":7,"nodes":3,"clients":["A"]})"
    "\n";
const std::string line = R"({"time_us":1,"node":"n1","kind":"timer"})"
                         "\n";

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Without showing all of a page if not.
bool contains(const fs::path& file, const std::string& text) {
  return text_of(file).find(text) != std::string::npos;
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

/// A folder that goes away with the test.
class ViewTest : public ::testing::Test {
 protected:
  ViewTest() {
    std::string name = (fs::temp_directory_path() / "paxbank-view-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ViewTest() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string in_folder(const std::string& name) const {
    return (folder_ / name).string();
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  /// The trace of a simulated run.
  [[nodiscard]] std::string simulated(const std::string& transactions) const {
    std::string trace = in_folder("run.jsonl");
    const Ended ended =
        run({"sim", "--seed", "3", "--transactions", transactions, "--trace", trace});
    EXPECT_NE(ended.status, 2) << ended.errors;
    return trace;
  }

  fs::path folder_;
};

// --- What is asked for

TEST_F(ViewTest, APageLiesBesideItsTrace) {
  const std::string trace = simulated("10");
  const Ended ended = run({"view", trace});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.errors, "");
  EXPECT_THAT(ended.output,
              AllOf(StartsWith("wrote " + in_folder("run.html") + ": "), EndsWith(" events\n")));
  EXPECT_TRUE(text_of(in_folder("run.html")).starts_with("<!DOCTYPE html>"));
  EXPECT_THAT(files(), UnorderedElementsAre("run.jsonl", "run.html"));
}

TEST_F(ViewTest, EachFormHasItsEnding) {
  const std::string trace = simulated("10");
  for (const auto& [form, name, begin] :
       {std::tuple("svg", "run.svg", "<svg "), std::tuple("perfetto", "run.perfetto.json", "{"),
        std::tuple("shiviz", "run.shiviz.log", "(?<event>.*)"),
        std::tuple("mermaid", "run.mmd", "sequenceDiagram\n")}) {
    const Ended ended = run({"view", trace, "--format", form, "--to", "400"});
    EXPECT_EQ(ended.status, 0) << ended.errors;
    EXPECT_TRUE(text_of(in_folder(name)).starts_with(begin));
  }
}

TEST_F(ViewTest, APictureGoesWhereItIsToldTo) {
  write(in_folder("t"), head + line);
  EXPECT_EQ(run({"view", in_folder("t"), "-o", in_folder("p")}).status, 0);
  EXPECT_THAT(files(), UnorderedElementsAre("t", "p"));
}

TEST_F(ViewTest, ARunIsShownAtItsEndAndLeavesNothingElse) {
  ::setenv("TMPDIR", folder_.c_str(), 1);
  const Ended ended = run({PAXBANK_DATA "/Testcases.csv", "--batch", "--base-port", "0", "--view",
                           in_folder("run.html")});
  ::unsetenv("TMPDIR");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_EQ(ended.errors, "");
  EXPECT_TRUE(contains(in_folder("run.html"), "Testcases.csv"));
  EXPECT_THAT(files(), ElementsAre("run.html"));
}

TEST_F(ViewTest, ASimulatedRunIsShown) {
  const Ended ended = run({"sim", "--seed", "7", "--faults", "none", "--transactions", "20",
                           "--view", in_folder("seed7.html")});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_TRUE(contains(in_folder("seed7.html"), "paxbank sim --seed 7"));
  EXPECT_THAT(files(), ElementsAre("seed7.html"));
  const Ended many = run({"sim", "--seeds", "1..9", "--view", in_folder("x.html")});
  EXPECT_EQ(many.status, 2);
  EXPECT_THAT(many.errors, HasSubstr("--view shows one run: give --seed"));
}

TEST_F(ViewTest, ALoadIsShownAsWell) {
  const std::string trace = in_folder("load.jsonl");
  const Ended load = run({"bench", "--windows", "1", "--transfers", "500", "--trace", trace});
  EXPECT_EQ(load.status, 0) << load.errors;
  const Ended ended = run({"view", trace});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.errors, "");
  EXPECT_THAT(run({"bench", "--trace", "/nonexistent/load.jsonl"}).errors,
              HasSubstr("--trace: /nonexistent/load.jsonl cannot be written"));
}

// --- What is wrong with the trace

TEST_F(ViewTest, WhatIsNoTraceIsRefusedAndAnEarlierPictureKept) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "is empty: a trace begins with {\"paxbank_trace\":2"},
      {line, "line 1: a trace of an older paxbank, without a head; write it anew with --trace"},
      {"{\"paxbank_trace\":9}\n", "line 1: a trace of version 9; this program reads version 2"},
      {"Set Number,Transactions\n", "line 1: no head of a trace"},
      {std::string("\x7f\x45LF\0\0\n", 7), "line 1: no head of a trace"},
      {head, "nothing happened: it has a head and no event"},
      {head + "no JSON\n", "line 2 is not JSON; no event is left to show"},
      {head + line.substr(0, 20), "line 2 is cut off in the middle"},
  };
  for (const auto& [trace, message] : cases) {
    write(in_folder("run.jsonl"), trace);
    write(in_folder("run.html"), "an earlier picture");
    const Ended ended = run({"view", in_folder("run.jsonl")});
    EXPECT_EQ(ended.status, 2) << message;
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.errors,
                AllOf(StartsWith("paxbank: " + in_folder("run.jsonl") + ": "), HasSubstr(message)));
    EXPECT_EQ(text_of(in_folder("run.html")), "an earlier picture");
    EXPECT_THAT(files(), UnorderedElementsAre("run.jsonl", "run.html")) << message;
  }
}

TEST_F(ViewTest, WhatIsWholeIsShownAndWhatIsMissingIsTold) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {line + line.substr(0, 20), "line 3 is cut off in the middle; shown is what is before it"},
      {line + head + line, "line 3 begins another run; shown is the first, up to there"},
      {"x\n" + line, "line 2 is not JSON"},
      {std::string(70'000'000, 'x') + "\n" + line, "line 2 has more than 67108864 bytes"},
  };
  for (const auto& [lines, message] : cases) {
    write(in_folder("run.jsonl"), head + lines);
    const Ended ended = run({"view", in_folder("run.jsonl")});
    EXPECT_EQ(ended.status, 0) << ended.errors;
    EXPECT_THAT(ended.errors, HasSubstr(in_folder("run.jsonl") + ": " + message));
    EXPECT_EQ(ended.output, "wrote " + in_folder("run.html") + ": 1 events\n");
    EXPECT_TRUE(contains(in_folder("run.html"), message)) << "the page says it, too: " << message;
  }
}

TEST_F(ViewTest, ATraceThatIsNotThereIsNamed) {
  EXPECT_THAT(run({"view", "/nonexistent/run.jsonl"}).errors,
              HasSubstr("/nonexistent/run.jsonl: No such file or directory"));
  EXPECT_THAT(run({"view", folder_.string()}).errors, HasSubstr(": is a directory"));
  const Ended none = run({"view"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.errors, HasSubstr("which trace?"));
}

// --- What is wrong with the place

TEST_F(ViewTest, ATraceIsNeverOverwritten) {
  const std::string trace = in_folder("run.html");
  write(trace, head + line);
  fs::create_symlink(trace, in_folder("same"));
  for (const std::vector<std::string>& command : {std::vector<std::string>{"view", trace},
                                                  {"view", trace, "-o", trace},
                                                  {"view", trace, "-o", in_folder("same")}}) {
    const Ended ended = run(command);
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.errors, HasSubstr(" is the trace itself: name another file with -o"));
    EXPECT_EQ(text_of(trace), head + line);
  }
}

TEST_F(ViewTest, APlaceThatCannotBeWrittenIsNamed) {
  write(in_folder("run.jsonl"), head + line);
  const auto view_to = [&](const std::string& place) {
    Ended ended = run({"view", in_folder("run.jsonl"), "-o", place});
    EXPECT_EQ(ended.status, 2) << place;
    EXPECT_EQ(ended.output, "");
    return ended.errors;
  };
  EXPECT_EQ(view_to("/nonexistent/run.html"),
            "paxbank: /nonexistent/run.html cannot be written: No such file or directory\n");
  EXPECT_EQ(view_to(folder_.string()),
            "paxbank: " + folder_.string() + " cannot be written: Is a directory\n");
  EXPECT_EQ(view_to("/dev/full"),
            "paxbank: /dev/full cannot be written: No space left on device\n");
}

TEST_F(ViewTest, AFolderThatMayNotBeWrittenInIsNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  write(in_folder("run.jsonl"), head + line);
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  const Ended ended = run({"view", in_folder("run.jsonl")});
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("run.html cannot be written: Permission denied"));
}

TEST_F(ViewTest, AFullDiskLeavesTheEarlierPicture) {
  const std::string trace = simulated("10");
  write(in_folder("run.html"), "an earlier picture");
  const ShortFiles limit(100'000);
  const Ended ended = run({"view", trace});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("run.html cannot be written: File too large"));
  EXPECT_EQ(text_of(in_folder("run.html")), "an earlier picture");
  EXPECT_THAT(files(), UnorderedElementsAre("run.jsonl", "run.html"));
}

TEST_F(ViewTest, ARunWhosePictureHasNoPlaceDoesNotStart) {
  for (const std::string place : {"/nonexistent/run.html", "/tmp"}) {
    const Ended ended = run({"--base-port", "0", "--view", place}, "send A B 1\n");
    EXPECT_EQ(ended.status, 2);
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.errors, HasSubstr("--view: " + place));
  }
  const Ended sim = run({"sim", "--seed", "1", "--view", "/nonexistent/run.html"});
  EXPECT_EQ(sim.status, 2);
  EXPECT_THAT(sim.errors, HasSubstr("--view: /nonexistent/run.html cannot be written"));
}

TEST_F(ViewTest, APictureThatIsLostIsTold) {
  const Ended ended = run({"--base-port", "0", "--view", "/dev/full"}, "send A B 1\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.errors, HasSubstr("--view: /dev/full cannot be written"));
}

// --- Parts

TEST_F(ViewTest, TooMuchForAFormIsRefused) {
  const std::string trace = simulated("300");
  for (const char* form : {"svg", "mermaid"}) {
    const Ended ended = run({"view", trace, "--format", form});
    EXPECT_EQ(ended.status, 2) << form;
    EXPECT_THAT(ended.errors, HasSubstr("name a shorter part by --from and --to"));
  }
  EXPECT_THAT(files(), ElementsAre("run.jsonl"));
}

TEST_F(ViewTest, APartIsNamedInOrderAndForADrawing) {
  write(in_folder("run.jsonl"), head + line);
  const Ended late =
      run({"view", in_folder("run.jsonl"), "--format", "svg", "--from", "9", "--to", "8"});
  EXPECT_EQ(late.status, 2);
  EXPECT_THAT(late.errors, HasSubstr("--to is before --from"));
  const Ended page = run({"view", in_folder("run.jsonl"), "--from", "9"});
  EXPECT_EQ(page.status, 2);
  EXPECT_THAT(page.errors, HasSubstr("a page shows the whole run"));
}

}  // namespace
}  // namespace paxbank::testing
