#include "paxbank/core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace paxbank {

void assertion_failed(const char* condition, const char* reason, const char* file, int line) {
  std::fprintf(stderr, "paxbank: invariant broken: %s (%s) at %s:%d\n", reason, condition, file,
               line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace paxbank
