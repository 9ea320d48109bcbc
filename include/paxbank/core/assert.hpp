// Assertions that stay on in release builds.
//
// They state what our own code promises (an invariant, a precondition), never what a peer sent:
// bytes from a peer are validated and refused. A broken invariant must stop the process before it
// can tell anybody something wrong; a stopped node is a fault that the protocol tolerates, a lying
// one is not.
#pragma once

namespace paxbank {

/// Prints the broken condition with its place and reason to standard error and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* reason, const char* file,
                                   int line);

}  // namespace paxbank

#define PAXBANK_ASSERT(condition, reason) \
  ((condition) ? static_cast<void>(0)     \
               : ::paxbank::assertion_failed(#condition, reason, __FILE__, __LINE__))
