#include "paxbank/cluster/load.hpp"

namespace paxbank::cluster {

LoadDriver::LoadDriver(const LoadOrder& order, std::uint32_t accounts, TimePoint now)
    : order_(order), start_(now), tenth_start_(now) {
  result_.success.resize(accounts);
}

bool LoadDriver::wants_more(TimePoint now) const {
  if (stopped_) return false;
  if (order_.transfers > 0) return result_.answered + under_way_ < order_.transfers;
  return now - start_ < order_.duration;
}

void LoadDriver::answered(std::uint32_t client, const Answer& answer, TimePoint now) {
  --under_way_;
  ++result_.answered;
  result_.duration = now - start_;
  result_.latency_ns.add(
      static_cast<std::uint64_t>(std::chrono::nanoseconds(answer.latency).count()));
  if (answer.result == Result::success) ++result_.success[client];
  if (order_.transfers >= 10 && result_.answered % (order_.transfers / 10) == 0) {
    result_.tenths.push_back(now - tenth_start_);
    tenth_start_ = now;
  }
}

}  // namespace paxbank::cluster
