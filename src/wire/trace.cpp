#include "paxbank/wire/trace.hpp"

#include "paxbank/wire/codec.hpp"

#include <nlohmann/json.hpp>

namespace paxbank::wire {

nlohmann::ordered_json to_json(const TraceEvent& event) {
  nlohmann::ordered_json json{{"time_us", event.time.time_since_epoch().count()},
                              {"node", event.node},
                              {"kind", event.kind}};
  if (!event.peer.empty()) json["peer"] = event.peer;
  if (event.message != nullptr) {
    json["message"] = to_json(*event.message);
  } else {
    json["what"] = event.what;
  }
  if (!event.cause.empty()) json["cause"] = event.cause;
  return json;
}

std::string encode(const TraceEvent& event) { return to_json(event).dump() + "\n"; }

}  // namespace paxbank::wire
