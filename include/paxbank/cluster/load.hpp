#pragma once

#include "paxbank/core/client.hpp"
#include "paxbank/stats/histogram.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace paxbank::cluster {

/// Keeps so many clients busy: each sends the next transfer when it has the answer to the last.
struct LoadOrder {
  std::uint32_t clients = 1;
  Duration duration{};  ///< for so long; 0: until `transfers` are answered
  std::uint64_t transfers = 0;
};

struct LoadResult {
  Duration duration{};  ///< from the first request to the last answer
  std::uint64_t answered = 0;
  stats::Histogram latency_ns;
  std::vector<Duration> tenths;        ///< how long each tenth of `LoadOrder::transfers` took
  std::vector<std::uint64_t> success;  ///< transfers that went through since the start, by client
};

/// What came of a load, or why that is not known.
using LoadOutcome = std::variant<LoadResult, std::string>;

/// Says what each client sends next, and keeps count. Client i sends 1 to client i+1, the last one
/// to the first: so balances follow from the successes, and nothing lost or done twice can hide.
class LoadDriver {
 public:
  LoadDriver(const LoadOrder& order, std::uint32_t accounts, TimePoint now);

  /// Whether a client that is free sends another one.
  [[nodiscard]] bool wants_more(TimePoint now) const;
  void sent() { ++under_way_; }
  void stop() { stopped_ = true; }
  void answered(std::uint32_t client, const Answer& answer, TimePoint now);
  [[nodiscard]] bool done(TimePoint now) const { return under_way_ == 0 && !wants_more(now); }

  [[nodiscard]] std::uint32_t clients() const { return order_.clients; }
  [[nodiscard]] const LoadResult& result() const { return result_; }

 private:
  LoadOrder order_;
  TimePoint start_;
  TimePoint tenth_start_;
  std::uint64_t under_way_ = 0;
  bool stopped_ = false;
  LoadResult result_;
};

}  // namespace paxbank::cluster
