#include "paxbank/view/bands.hpp"

#include <nlohmann/json.hpp>

namespace paxbank::view {
namespace {

using Json = nlohmann::json;

/// A field, if it is there and of that type: the trace may be anybody's.
template <class Value>
void take(const Json& state, const char* key, Value& value) {
  const auto found = state.find(key);
  if (found == state.end()) return;
  if (const auto* said = found->get_ptr<const Value*>()) value = *said;
}

void take_state(Band& band, const Json& state) {
  bool whole = false;
  take(state, "whole", whole);
  if (whole) band = Band{.from_us = band.from_us};
  take(state, "role", band.role);
  take(state, "connected", band.connected);
  take(state, "paused", band.paused);
  const auto follows = state.find("follows");
  if (follows == state.end()) return;
  const bool known = follows->is_array() && follows->size() == 2 &&
                     (*follows)[0].is_number_unsigned() && (*follows)[1].is_number_unsigned();
  band.round = known ? (*follows)[0].get<std::uint32_t>() : 0;
  band.owner = known ? (*follows)[1].get<std::uint8_t>() : 0;
}

bool looks_the_same(const Band& a, const Band& b) {
  return a.role == b.role && a.round == b.round && a.owner == b.owner &&
         a.connected == b.connected && a.paused == b.paused;
}

}  // namespace

std::vector<Band> bands_of(const Run& run, std::uint16_t lane) {
  std::vector<Band> bands;
  Band band;
  const auto change = [&](const Band& next, std::int64_t at) {
    if (looks_the_same(band, next)) return;
    band.to_us = at;
    if (band.to_us > band.from_us) bands.push_back(band);
    band = next;
    band.from_us = at;
  };
  for (const Event& event : run.events) {
    if (event.lane != lane) continue;
    Band next = band;
    if (event.kind == Kind::crash) {
      next = Band{};
    } else if (event.kind == Kind::state) {
      const Json state = Json::parse(run.text(event.body), nullptr, /*allow_exceptions=*/false);
      if (!state.is_object()) continue;
      take_state(next, state);
    } else {
      continue;
    }
    change(next, event.time_us);
  }
  band.to_us = run.events.empty() ? 0 : run.events.back().time_us;
  if (band.to_us > band.from_us) bands.push_back(band);
  return bands;
}

}  // namespace paxbank::view
