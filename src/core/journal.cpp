#include "paxbank/core/journal.hpp"

#include <algorithm>

namespace paxbank {
namespace {

std::size_t weight_of(const Message& message) {
  if (const auto* promise = std::get_if<Promise>(&message)) return 1 + promise->accept_log.size();
  if (const auto* view = std::get_if<NewView>(&message)) return 1 + view->accept_log.size();
  if (const auto* accept = std::get_if<Accept>(&message)) return accept->commands.size();
  if (const auto* commit = std::get_if<Commit>(&message)) {
    return std::max<std::size_t>(1, commit->commands.size());
  }
  if (const auto* checkpoint = std::get_if<Checkpoint>(&message)) {
    return 1 + checkpoint->sessions.size();
  }
  return 1;
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
    entries.push_back(entry);
    ++view_weight_;
  }
  while (views_.size() > views_limit || (view_weight_ > view_entries_limit && views_.size() > 1)) {
    view_weight_ -= views_.front().entries.size();
    views_.pop_front();
  }
}

}  // namespace paxbank
