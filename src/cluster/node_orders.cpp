// What the launcher orders of a node. The rest of NodeHost is in node_host.cpp.
#include "paxbank/cluster/node_host.hpp"

#include <algorithm>

namespace paxbank::cluster {
namespace {

/// Entries in one answer to the launcher.
constexpr std::size_t page_size = 1'000;
/// And bytes of messages, before the one that goes beyond.
constexpr std::size_t page_bytes = std::size_t{1} << 20U;

}  // namespace

Response NodeHost::obey(const SetConnected& order) {
  if (order.connected != replica_.connected()) {
    note_order(order.connected ? "reconnect" : "disconnect");
  }
  if (order.connected) {
    replica_.reconnect(core_now());
  } else {
    replica_.disconnect(core_now());
  }
  return carried_out();
}

Response NodeHost::obey(const SetPaused& order) {
  note_order(order.paused ? "pause" : "resume");
  if (order.paused) {
    replica_.pause(core_now());
  } else {
    replica_.resume(core_now());
  }
  return carried_out();
}

void NodeHost::note_order(std::string_view order) {
  if (tracer_) tracer_.order(core_now(), order);
}

Response NodeHost::carried_out() {
  carry_out();
  report_status_now();  // before the response: who has that knows this
  return Done{};
}

Response NodeHost::obey(const FollowPace& /*order*/) {
  follow_pace();
  return Done{};
}

Response NodeHost::obey(const AskStore& /*order*/) const {
  if (!store_) return StoreState{};
  return StoreState{.kept = true,
                    .synced = durability_ == storage::Durability::power,
                    .bytes = store_->bytes(),
                    .last_write = real_now() - stored_at_};
}

Response NodeHost::obey(const TakeSnapshot& /*order*/) const {
  return Snapshot{replica_.log().base(), replica_.log().executed(), replica_.bank().balances()};
}

Response NodeHost::obey(const ReadCheckpoint& /*order*/) const {
  return replica_.acceptor().checkpoint().to_checkpoint(replica_.id());
}

Response NodeHost::obey(const ReadLog& order) const {
  LogPage page;
  for (SequenceNumber s = std::max(order.from, replica_.log().base().next());
       s <= replica_.log().last() && page.lines.size() < page_size; s = s.next()) {
    if (const LogEntry* entry = replica_.log().find(s)) page.lines.push_back({s, *entry});
  }
  return page;
}

Response NodeHost::obey(const ReadMessages& order) const {
  const auto& entries = journal_.entries();
  MessagePage page;
  std::size_t bytes = 0;
  std::size_t i = order.from;
  for (; i < entries.size() && i - order.from < page_size && bytes < page_bytes; ++i) {
    page.entries.push_back(entries[i]);
    bytes += wire::encode(entries[i].message).size();
  }
  page.next = i;
  page.end = i >= entries.size();
  page.heartbeats_left_out = journal_.heartbeats_left_out();
  page.forgotten = journal_.forgotten();
  return page;
}

Response NodeHost::obey(const ReadViews& order) const {
  const auto& views = journal_.views();
  ViewPage page;
  page.end = order.view >= views.size();
  if (page.end) return page;
  const View& shown = views[order.view];
  const std::size_t until = std::min(shown.entries.size(), order.entry + page_size);
  page.part.ballot = shown.ballot;
  for (std::size_t i = order.entry; i < until; ++i) page.part.entries.push_back(shown.entries[i]);
  page.complete = until == shown.entries.size();
  return page;
}

}  // namespace paxbank::cluster
