#include "paxbank/wire/trace.hpp"

#include "paxbank/wire/codec.hpp"
#include "paxbank/wire/writer.hpp"

#include <nlohmann/json.hpp>

namespace paxbank::wire {
namespace {

/// Left out where there is nothing to say.
void add(Writer& out, auto key, std::string_view text) {
  if (!text.empty()) out.field(key, text);
}

}  // namespace

std::string encode(const TraceEvent& event) {
  std::string line;
  Writer out(line);
  out.raw("{\"time_us\":");
  out.value(event.time.time_since_epoch().count());
  out.field("node"_key, event.node);
  out.field("kind"_key, event.kind);
  add(out, "peer"_key, event.peer);
  if (event.message != nullptr) {
    out.raw("message"_key.with_comma);
    std::visit([&](const auto& message) { out.typed(message); }, *event.message);
  } else {
    out.field("what"_key, event.what);
  }
  add(out, "cause"_key, event.cause);
  out.raw("}\n");
  out.finish();
  return line;
}

nlohmann::ordered_json to_json(const TraceEvent& event) {
  return nlohmann::ordered_json::parse(encode(event));
}

}  // namespace paxbank::wire
