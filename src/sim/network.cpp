#include "paxbank/sim/network.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>

namespace paxbank::sim {

Network::Network(std::uint64_t seed, std::uint32_t parties)
    : random_(seed), parties_(parties), links_(std::size_t{parties} * parties) {}

Network::Fate Network::send(Party from, Party to, TimePoint now) {
  Link& way = link(from, to);
  ++counts_.sent;
  Fate fate;
  if (way.blocks > 0) {
    ++counts_.blocked;
    fate.blocked = true;
    return fate;
  }
  if (random_.chance(faults_.loss)) {
    ++counts_.lost;
    return fate;
  }
  fate.arrives[fate.copies++] = arrival(way, now);
  if (random_.chance(faults_.duplication)) {
    ++counts_.duplicated;
    fate.arrives[fate.copies++] = arrival(way, now);
  }
  return fate;
}

TimePoint Network::arrival(Link& link, TimePoint now) {
  TimePoint at =
      now + Duration(random_.between(faults_.latency_min.count(), faults_.latency_max.count()));
  if (random_.chance(faults_.delay)) {
    ++counts_.delayed;
    at += Duration(random_.between(0, faults_.delay_max.count()));
  }
  if (random_.chance(faults_.reordering)) {
    ++counts_.reordered;
    return at + Duration(random_.between(0, 10 * faults_.latency_max.count()));
  }
  link.last_arrival = std::max(link.last_arrival, at);
  return link.last_arrival;
}

void Network::unblock(Party from, Party to) {
  PAXBANK_ASSERT(link(from, to).blocks > 0, "what is taken back was there");
  --link(from, to).blocks;
}

void Network::heal() {
  for (Link& link : links_) link.blocks = 0;
}

}  // namespace paxbank::sim
