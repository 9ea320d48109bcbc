#pragma once

#include "paxbank/core/replica.hpp"

namespace paxbank::testing {

/// What has gathered in a replica, carried out by a driver whose storage takes no time: its own
/// votes count at once, and what came of them is part of the output.
inline Output flush_at_once(Replica& replica, TimePoint now) {
  Output all;
  for (bool votes = true; votes;) {
    Output& output = replica.flush();
    all.persist.append(output.persist);
    all.wake_at = output.wake_at;
    const auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(all.committed, output.committed);
    append(all.executed, output.executed);
    append(all.events, output.events);
    const std::vector<Envelope> messages = output.messages;
    votes = false;
    for (const Envelope& envelope : messages) {
      if (envelope.to != Destination(replica.id())) {
        all.messages.push_back(envelope);
        continue;
      }
      replica.take_own_vote(std::get<Accepted>(envelope.message), now);
      votes = true;
    }
  }
  return all;
}

}  // namespace paxbank::testing
