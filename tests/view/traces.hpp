// Traces to show: of simulated runs, and small ones written by hand.
#pragma once

#include "paxbank/view/reader.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace paxbank::view {

/// The trace of a simulated run with every fault; of fewer transactions a shorter one.
[[nodiscard]] std::string simulated(std::uint64_t seed, std::uint32_t transactions = 40);

/// A head and these lines.
[[nodiscard]] std::string trace_of(const std::vector<std::string>& lines);

/// Three nodes, two clients, every kind of event, and text that other programs could take for
/// their own.
[[nodiscard]] std::string nasty_trace();
inline constexpr const char* nasty_name =
    "<script>alert(1)</script> \"x\" {y}; %%{init: 1}%% # &lt;";

[[nodiscard]] Run read(const std::string& trace, const Limits& limits = {});

/// A trace as it stands in its file, read without any code of the view.
struct Plain {
  explicit Plain(const std::string& trace);

  [[nodiscard]] std::size_t count(const std::string& kind) const;
  /// The send that a receive, drop or loss names; null if it names none.
  [[nodiscard]] const nlohmann::json* send_of(const nlohmann::json& line) const;
  [[nodiscard]] std::string type_of(const nlohmann::json& send) const;

  nlohmann::json head;
  std::vector<nlohmann::json> lines;
  std::map<std::string, std::size_t> by_id;  ///< places in `lines`
};

}  // namespace paxbank::view
