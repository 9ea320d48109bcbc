#include "paxbank/sim/faults.hpp"

#include <algorithm>

namespace paxbank::sim {
namespace {

constexpr std::array<std::string_view, fault_count> names{
    "loss",        "duplication", "delay",        "reordering",    "partition",     "one-way",
    "chained",     "quorum-loss", "disconnect",   "crash",         "pause",         "clock",
    "client-drop", "burst",       "client-cut",   "cluster-pause", "succession",    "slow-disk",
    "torn-batch",  "full-disk",   "sync-failure", "unsent",        "client-restart"};

}  // namespace

std::string_view to_string(Fault fault) { return names[static_cast<std::size_t>(fault)]; }

std::optional<FaultSet> read_faults(std::string_view text, std::string& wrong) {
  if (text == "all") return FaultSet().set();
  if (text == "none") return FaultSet();
  FaultSet faults;
  while (true) {
    const auto end = std::min(text.find(','), text.size());
    const auto found = std::find(names.begin(), names.end(), text.substr(0, end));
    if (found == names.end()) {
      wrong = text.substr(0, end);
      return std::nullopt;
    }
    faults.set(static_cast<std::size_t>(found - names.begin()));
    if (end == text.size()) return faults;
    text.remove_prefix(end + 1);
  }
}

std::string fault_names() {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ",") + std::string(name);
  return text;
}

}  // namespace paxbank::sim
