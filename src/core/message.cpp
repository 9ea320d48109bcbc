#include "paxbank/core/message.hpp"

#include "paxbank/core/layout.hpp"

namespace paxbank {

std::optional<NodeId> claimed_sender(const Message& message) {
  return std::visit([]<class Type>(const Type& m) { return Layout<Type>::sender(m); }, message);
}

}  // namespace paxbank
