#pragma once

#include "paxbank/core/ballot.hpp"
#include "paxbank/core/bank.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace paxbank {

/// Everything has a bound (protocol.md rule 18); what happens at each is said where it is used.
struct Limits {
  /// Slots that a leader proposes beyond its committed point; further requests wait.
  std::uint64_t proposals_in_flight = 4'096;
  /// Entries in one PROMISE or NEW_VIEW; more go into further ones. Keeps frames far below 8 MiB.
  std::uint64_t entries_per_message = 4'096;
  /// A slot further than this beyond the committed point is not accepted: a node so far behind
  /// catches up first, and nobody can make it reserve memory for a slot number out of the blue.
  std::uint64_t slots_ahead = 65'536;
  /// Slots that are proposed in one ACCEPT.
  std::uint64_t accepts_per_message = 1'024;
  /// Entries that wait for being stored; a node whose disk does not keep up stands still until it
  /// does.
  std::uint64_t entries_unstored = 65'536;
  /// Slots whose COMMITs are on their way to a node that catches up, and of those in one message.
  std::uint64_t catch_up_window = 4'096;
  std::uint64_t commits_per_message = 256;
  /// A node that learns many commits says how far it is after each so many.
  std::uint64_t commits_per_answer = 1'024;
  /// Entries in all parts of one node's PROMISE. Only a candidate that is so far behind needs more;
  /// one that is not wins.
  std::uint64_t entries_per_vote = 1'048'576;
  /// ACCEPTs sent again to one node at a time.
  std::uint64_t accepts_resent = 1'024;
  /// A checkpoint is taken after each so many slots; once a quorum has executed them, the log
  /// before it goes.
  std::uint64_t checkpoint_interval = 16'384;
  /// A ballot whose round is further than this beyond all that is known is refused: no cluster can
  /// have had so many elections while a node was away (one in each leader timeout, for days), and
  /// whoever wants to use up the rounds that there are needs thousands of millions of messages.
  std::uint64_t rounds_ahead = std::uint64_t{1} << 20U;
  /// Requests taken but not yet executed, newest per client; more are refused, and their clients
  /// ask again.
  std::size_t pending_requests = 16'384;
};

struct ReplicaConfig {
  NodeId id;
  std::uint32_t nodes = 5;
  Duration heartbeat = std::chrono::milliseconds(50);
  Duration leader_timeout_min = std::chrono::milliseconds(300);
  Duration leader_timeout_max = std::chrono::milliseconds(600);
  /// How long a COMMIT may wait for an ACCEPT that it can travel with. 0: it never waits.
  Duration commit_delay{};
  BankConfig bank = default_bank();
  Limits limits;

  [[nodiscard]] std::uint32_t quorum() const { return quorum_of(nodes); }

  /// What was not acknowledged is sent again after this long, then after twice as long, up to
  /// `resend_max()`. Long enough for an answer on the way, short beside a leader timeout.
  [[nodiscard]] Duration resend_min() const { return heartbeat * 2; }
  [[nodiscard]] Duration resend_max() const { return heartbeat * 20; }
};

}  // namespace paxbank
