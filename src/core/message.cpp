#include "paxbank/core/message.hpp"

namespace paxbank {
namespace {

struct ClaimedSender {
  std::optional<NodeId> operator()(const Prepare& m) const { return m.ballot.node; }
  std::optional<NodeId> operator()(const Promise& m) const { return m.node; }
  std::optional<NodeId> operator()(const NewView& m) const { return m.ballot.node; }
  std::optional<NodeId> operator()(const Accept& m) const { return m.ballot.node; }
  std::optional<NodeId> operator()(const Accepted& m) const { return m.node; }
  std::optional<NodeId> operator()(const Commit& m) const { return m.ballot.node; }
  std::optional<NodeId> operator()(const Request&) const { return std::nullopt; }
  std::optional<NodeId> operator()(const Reply&) const { return std::nullopt; }
  std::optional<NodeId> operator()(const Heartbeat& m) const { return m.node; }
  std::optional<NodeId> operator()(const Checkpoint& m) const { return m.node; }
};

}  // namespace

std::optional<NodeId> claimed_sender(const Message& message) {
  return std::visit(ClaimedSender{}, message);
}

}  // namespace paxbank
