// How an acceptor's state looks in bytes: short, as a node writes some for every command. What is
// read back is checked: a checksum says that bytes are as they were written, not that this program
// wrote them.
#pragma once

#include "paxbank/core/persist.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace paxbank::storage {

struct Ballots {
  Ballot promised;
  Ballot view;
  bool operator==(const Ballots&) const = default;
};

struct Entries {
  std::vector<AcceptedEntry> accepted;
  std::vector<AcceptedEntry> learned;
  bool operator==(const Entries&) const = default;
};

// These replace what is in `bytes`, whose room is used again.
void encode(const Ballots& ballots, std::string& bytes);
void encode(const std::vector<AcceptedEntry>& accepted, const std::vector<AcceptedEntry>& learned,
            std::string& bytes);
void encode(const Checkpoint& checkpoint, std::string& bytes);

// Nullopt for bytes that are none of these.
[[nodiscard]] std::optional<Ballots> decode_ballots(std::string_view bytes);
[[nodiscard]] std::optional<Entries> decode_entries(std::string_view bytes);
[[nodiscard]] std::optional<Checkpoint> decode_checkpoint(std::string_view bytes);

}  // namespace paxbank::storage
