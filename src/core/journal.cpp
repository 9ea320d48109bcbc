#include "paxbank/core/journal.hpp"

#include "paxbank/core/layout.hpp"

#include <algorithm>

namespace paxbank {
namespace {

/// Counts what a message holds in lists. A layout's visitor.
struct Weigh {
  std::size_t listed = 0;

  void field(auto /*key*/, const auto& /*x*/) {}
  template <class Item>
  void field(auto /*key*/, const std::vector<Item>& items) {
    listed += items.size();
  }
  void point(auto /*key*/, SequenceNumber /*n*/) {}
  void field_or(auto /*key*/, const auto& /*x*/, const auto& /*absent*/) {}
  void always_or(auto /*key*/, const auto& /*x*/, const auto& /*absent*/) {}
  void optional(auto /*key*/, const auto& /*maybe*/) {}
  void one_or_many(auto /*one*/, auto /*many*/, const auto& items) { listed += items.size() - 1; }
  [[nodiscard]] static bool chooses(auto /*key*/, bool written) { return written; }
  static void check(bool /*holds*/, auto /*key*/, const char* /*expected*/) {}
};

std::size_t weight_of(const Message& message) {
  Weigh weigh;
  std::visit([&]<class Type>(const Type& m) { Layout<Type>::fields(weigh, m); }, message);
  return 1 + weigh.listed;
}

}  // namespace

bool Journal::is_news(bool sent, const Destination& peer, const Message& message) {
  const auto* heartbeat = std::get_if<Heartbeat>(&message);
  if (heartbeat == nullptr) return true;
  const auto [last, inserted] = last_heartbeat_.try_emplace({sent, peer}, *heartbeat);
  if (!inserted && last->second == *heartbeat) {
    ++heartbeats_left_out_;
    return false;
  }
  last->second = *heartbeat;
  return true;
}

void Journal::sent(TimePoint now, Envelope envelope) {
  if (limit_ == 0 || !is_news(true, envelope.to, envelope.message)) return;
  add({now, true, std::move(envelope.to), std::move(envelope.message)});
}

void Journal::received(TimePoint now, const Destination& from, Message message) {
  if (limit_ == 0 || !is_news(false, from, message)) return;
  add({now, false, from, std::move(message)});
}

void Journal::add(JournalEntry entry) {
  weight_ += weight_of(entry.message);
  entries_.push_back(std::move(entry));
  while (weight_ > limit_ && !entries_.empty()) {
    weight_ -= weight_of(entries_.front().message);
    entries_.pop_front();
    ++forgotten_;
  }
}

void Journal::saw(const SawNewView& view) {
  if (views_.empty() || views_.back().ballot != view.ballot) views_.push_back({view.ballot, {}});
  std::vector<AcceptedEntry>& entries = views_.back().entries;
  for (const AcceptedEntry& entry : view.entries) {
    // A part that came twice adds nothing.
    if (!entries.empty() && entry.sequence <= entries.back().sequence) continue;
    if (entries.size() >= view_entries_limit) break;  // no honest view is as long
    entries.push_back(entry);
    ++view_weight_;
  }
  while (views_.size() > views_limit || (view_weight_ > view_entries_limit && views_.size() > 1)) {
    view_weight_ -= views_.front().entries.size();
    views_.pop_front();
  }
}

}  // namespace paxbank
