// Assertions that stay on in release builds.
//
// They state what our own code promises (an invariant, a precondition), never what a peer sent:
// bytes from a peer are validated and refused. A broken invariant must stop the process before it
// can tell anybody something wrong; a stopped node is a fault that the protocol tolerates, a lying
// one is not.
#pragma once

#include <string>

namespace paxbank {

/// Says where an invariant broke and why. Does not return: it aborts the process, unless a guard of
/// this thread has something else in mind.
[[noreturn]] void assertion_failed(const char* condition, const char* reason, const char* file,
                                   int line);

/// While it lives, a broken invariant in this thread calls the handler, which must throw: a
/// simulator has seeds to name before it ends.
class AssertionGuard {
 public:
  using Handler = void (*)(const std::string& what);

  explicit AssertionGuard(Handler handler);
  AssertionGuard(const AssertionGuard&) = delete;
  AssertionGuard& operator=(const AssertionGuard&) = delete;
  ~AssertionGuard();

 private:
  Handler previous_;
};

}  // namespace paxbank

#define PAXBANK_ASSERT(condition, reason) \
  ((condition) ? static_cast<void>(0)     \
               : ::paxbank::assertion_failed(#condition, reason, __FILE__, __LINE__))
