#include "paxbank/cluster/load.hpp"

#include <nlohmann/json.hpp>

namespace paxbank::cluster {

using Json = nlohmann::json;

Json to_control(const LoadOrder& order) {
  return {{"order", "load"},
          {"clients", order.clients},
          {"duration_us", order.duration.count()},
          {"transfers", order.transfers}};
}

LoadOrder load_order_from_control(const Json& json) {
  return {json.at("clients").get<std::uint32_t>(),
          Duration(json.at("duration_us").get<std::int64_t>()),
          json.at("transfers").get<std::uint64_t>()};
}

Json to_control(const LoadResult& result) {
  Json tenths = Json::array();
  for (const Duration tenth : result.tenths) tenths.push_back(tenth.count());
  return {{"duration_us", result.duration.count()},
          {"answered", result.answered},
          {"latency_us", result.latency_us.buckets()},
          {"tenths_us", tenths},
          {"success", result.success}};
}

LoadResult load_result_from_control(const Json& json) {
  LoadResult result;
  result.duration = Duration(json.at("duration_us").get<std::int64_t>());
  result.answered = json.at("answered").get<std::uint64_t>();
  for (const Json& bucket : json.at("latency_us")) {
    result.latency_us.add_bucket(bucket.at(0).get<std::size_t>(),
                                 bucket.at(1).get<std::uint64_t>());
  }
  for (const Json& tenth : json.at("tenths_us")) {
    result.tenths.emplace_back(tenth.get<std::int64_t>());
  }
  result.success = json.at("success").get<std::vector<std::uint64_t>>();
  return result;
}

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
  result_.latency_us.add(static_cast<std::uint64_t>(answer.latency.count()));
  if (answer.result == Result::success) ++result_.success[client];
  if (order_.transfers >= 10 && result_.answered % (order_.transfers / 10) == 0) {
    result_.tenths.push_back(now - tenth_start_);
    tenth_start_ = now;
  }
}

}  // namespace paxbank::cluster
