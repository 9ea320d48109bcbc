#pragma once

#include "paxbank/core/message.hpp"
#include "paxbank/core/state_machine.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace paxbank {

/// What changed in an acceptor, and must be in durable storage before the messages of the same
/// Output leave (etcd's raft calls it HardState and Entries). `Acceptor::apply` makes the same of
/// it again.
struct Persist {
  std::optional<Ballot> promised;
  std::optional<Ballot> view;  ///< whose NEW_VIEW was accepted
  /// In the order in which they were accepted: of a slot that comes twice the later one counts.
  std::vector<AcceptedEntry> accepted;
  /// Learned to be chosen, and not accepted here in that ballot: nobody counts on these, but what
  /// is kept need not be asked for again.
  std::vector<AcceptedEntry> learned;
  /// Takes the place of all slots up to `executed()`. It must be there before they go.
  std::shared_ptr<const StateMachine> checkpoint;

  [[nodiscard]] bool empty() const {
    return !promised && !view && accepted.empty() && learned.empty() && checkpoint == nullptr;
  }
  /// Takes over what changed after this; of a slot that comes twice the later one counts.
  void append(Persist& later) {
    if (later.promised) promised = later.promised;
    if (later.view) view = later.view;
    if (later.checkpoint != nullptr) checkpoint = std::move(later.checkpoint);
    accepted.insert(accepted.end(), later.accepted.begin(), later.accepted.end());
    learned.insert(learned.end(), later.learned.begin(), later.learned.end());
    later.clear();
  }
  /// Room that was taken stays.
  void clear() {
    promised.reset();
    view.reset();
    accepted.clear();
    learned.clear();
    checkpoint.reset();
  }
};

}  // namespace paxbank
