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
  if (whole) band = Band{};
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

/// A candidate follows nobody: its ballot is the one that it stands in.
Band as_it_stands(Band band, const Event& stands) {
  if (band.role != "candidate") return band;
  band.round = stands.round;
  band.owner = stands.owner;
  return band;
}

/// Whether an event changed what its node is.
bool take_event(Band& band, Event& stands, const Run& run, const Event& event) {
  if (event.kind == Kind::crash) {
    band = Band{};
    return true;
  }
  if (event.kind != Kind::state && event.kind != Kind::event) return false;
  const Json body = Json::parse(run.text(event.body), nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return false;
  if (event.kind == Kind::state) {
    take_state(band, body);
    return true;
  }
  std::string what;
  take(body, "event", what);
  if (what == "stands") stands = event;
  return false;
}

}  // namespace

std::vector<Band> bands_of(const Run& run, std::uint16_t lane) {
  std::vector<Band> bands;
  Band known;  // as its lines say
  Band band;   // as it is shown
  Event stands;
  for (const Event& event : run.events) {
    if (event.lane != lane || !take_event(known, stands, run, event)) continue;
    const Band next = as_it_stands(known, stands);
    if (looks_the_same(band, next)) continue;
    band.to_us = event.time_us;
    if (band.to_us > band.from_us) bands.push_back(band);
    band = next;
    band.from_us = event.time_us;
  }
  band.to_us = run.events.empty() ? 0 : run.events.back().time_us;
  if (band.to_us > band.from_us) bands.push_back(band);
  return bands;
}

}  // namespace paxbank::view
