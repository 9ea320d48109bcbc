#pragma once

#include "paxbank/core/acceptor.hpp"

namespace paxbank::testing {

/// Whether an acceptor that was made of another's changes keeps what that one keeps: all but what
/// it has learned to be chosen, or executed.
inline bool keeps_the_same(const Acceptor& copy, const Acceptor& original) {
  if (copy.promised() != original.promised() || copy.view() != original.view()) return false;
  const AcceptLog& log = original.log();
  if (copy.log().base() != log.base() || copy.log().last() != log.last()) return false;
  for (SequenceNumber s = log.base().next(); s <= log.last(); s = s.next()) {
    const LogEntry* here = copy.log().find(s);
    const LogEntry* there = log.find(s);
    if ((here == nullptr) != (there == nullptr)) return false;
    if (here != nullptr && (here->ballot != there->ballot || here->command != there->command)) {
      return false;
    }
  }
  return copy.checkpoint().to_checkpoint({1}) == original.checkpoint().to_checkpoint({1});
}

}  // namespace paxbank::testing
