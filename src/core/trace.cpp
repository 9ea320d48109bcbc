#include "paxbank/core/trace.hpp"

#include "paxbank/core/describe.hpp"

namespace paxbank {

std::string name_of(const Destination& party) {
  if (const auto* node = std::get_if<NodeId>(&party)) return describe(*node);
  if (const auto* client = std::get_if<ClientId>(&party)) return client->value.str();
  return "all";
}

}  // namespace paxbank
