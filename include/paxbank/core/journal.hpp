#pragma once

#include "paxbank/core/output.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace paxbank {

/// A message as a node saw it pass.
struct JournalEntry {
  TimePoint time;
  bool sent = false;  ///< sent, else received
  Destination peer;   ///< to whom, or from whom
  Message message;
};

/// A NEW_VIEW as a node saw it: for a long one, all its parts together.
struct View {
  Ballot ballot;
  std::vector<AcceptedEntry> entries;
};

/// What `printlog` and `printview` show beside the log: the messages that a node sent and received,
/// and the views that it saw. Bounded, oldest out first.
///
/// A HEARTBEAT that says what the one before on the same way said is no news and is only counted,
/// or they would crowd out everything else.
class Journal {
 public:
  /// `limit`: how many messages are kept; an accept log's entries count as messages of their own.
  explicit Journal(std::size_t limit) : limit_(limit) {}

  void sent(TimePoint now, Envelope envelope);
  void received(TimePoint now, const Destination& from, Message message);
  void saw(const SawNewView& view);

  [[nodiscard]] const std::deque<JournalEntry>& entries() const { return entries_; }
  [[nodiscard]] const std::deque<View>& views() const { return views_; }
  [[nodiscard]] std::uint64_t heartbeats_left_out() const { return heartbeats_left_out_; }
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

 private:
  static constexpr std::size_t view_entries_limit = 100'000;
  static constexpr std::size_t views_limit = 1'000;

  void add(JournalEntry entry);
  [[nodiscard]] bool is_news(bool sent, const Destination& peer, const Message& message);

  std::size_t limit_;
  std::size_t weight_ = 0;
  std::size_t view_weight_ = 0;
  std::deque<JournalEntry> entries_;
  std::deque<View> views_;
  std::map<std::pair<bool, Destination>, Heartbeat> last_heartbeat_;
  std::uint64_t heartbeats_left_out_ = 0;
  std::uint64_t forgotten_ = 0;
};

}  // namespace paxbank
