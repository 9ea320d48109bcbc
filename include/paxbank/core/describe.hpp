#pragma once

#include "paxbank/core/output.hpp"

#include <string>
#include <vector>

namespace paxbank {

// One short line for a reader's eyes; stories, log files and printlog all use these.
[[nodiscard]] std::string describe(NodeId node);                     ///< n3
[[nodiscard]] std::string describe(const Ballot& ballot);            ///< (2,n3)
[[nodiscard]] std::string describe(const Transaction& transaction);  ///< A->J 3
[[nodiscard]] std::string describe(const Command& command);          ///< A->J 3 (A#1), no-op
[[nodiscard]] std::string describe(const std::vector<AcceptedEntry>& entries);
[[nodiscard]] std::string describe(const Message& message);
[[nodiscard]] std::string describe(const Event& event);
[[nodiscard]] std::string describe(const Executed& executed);

}  // namespace paxbank
