#include "paxbank/core/assert.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace paxbank {
namespace {

thread_local AssertionGuard::Handler current = nullptr;

}  // namespace

void assertion_failed(const char* condition, const char* reason, const char* file, int line) {
  const std::string where =
      std::filesystem::path(file).filename().string() + ":" + std::to_string(line);
  const std::string what = std::string(reason) + " (" + condition + ") at " + where;
  if (current != nullptr) current(what);
  std::fprintf(stderr, "paxbank: invariant broken: %s\n", what.c_str());
  std::fflush(stderr);
  std::abort();
}

AssertionGuard::AssertionGuard(Handler handler) : previous_(std::exchange(current, handler)) {}

AssertionGuard::~AssertionGuard() { current = previous_; }

}  // namespace paxbank
