#pragma once

#include "paxbank/core/state_machine.hpp"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <vector>

namespace paxbank {

/// Requests that this node took from clients or from other nodes and has not executed yet: the
/// newest of each client. They outlive leaderships, so that whoever leads next gets them
/// (protocol.md rule 15).
class PendingRequests {
 public:
  struct Taken {
    Request request;
    TimePoint forwarded_at = TimePoint::min();
  };

  explicit PendingRequests(std::size_t limit) : limit_(limit) {}

  /// Takes a request, replacing an older one of the same client. Returns the entry of the client's
  /// newest request if that is now this one, or nullptr: the client has asked for something newer,
  /// or there is no room (the request is not taken; its client asks again).
  Taken* take(const Request& request) {
    const auto known = taken_.find(request.client);
    if (known == taken_.end()) {
      if (taken_.size() >= limit_) return nullptr;
      return &taken_.try_emplace(request.client, Taken{request}).first->second;
    }
    if (request.timestamp < known->second.request.timestamp) return nullptr;
    if (request.timestamp > known->second.request.timestamp) known->second = Taken{request};
    return &known->second;
  }

  /// A request was executed. Returns whether it was pending here; anything of its client that is
  /// not newer is dropped.
  bool executed(const Request& request) {
    const auto known = taken_.find(request.client);
    if (known == taken_.end() || known->second.request.timestamp > request.timestamp) return false;
    const bool was_this_one = known->second.request.timestamp == request.timestamp;
    taken_.erase(known);
    return was_this_one;
  }

  /// A checkpoint was installed: drops what it says is executed, and returns the requests whose
  /// answers it has.
  std::vector<Request> drop_executed(const StateMachine& machine) {
    std::vector<Request> answered;
    std::erase_if(taken_, [&](const auto& taken) {
      const Request& request = taken.second.request;
      const Session* session = machine.session(request.client);
      if (session == nullptr || session->timestamp < request.timestamp) return false;
      if (session->timestamp == request.timestamp) answered.push_back(request);
      return true;
    });
    std::sort(answered.begin(), answered.end(),
              [](const Request& left, const Request& right) { return left.client < right.client; });
    return answered;
  }

  /// Each client's newest request, by client: what is done with them in turn is the same
  /// everywhere.
  [[nodiscard]] std::vector<Taken*> all() {
    std::vector<Taken*> all;
    all.reserve(taken_.size());
    for (auto& [client, taken] : taken_) all.push_back(&taken);
    std::sort(all.begin(), all.end(), [](const Taken* left, const Taken* right) {
      return left->request.client < right->request.client;
    });
    return all;
  }
  [[nodiscard]] std::size_t size() const { return taken_.size(); }

 private:
  std::size_t limit_;
  std::unordered_map<ClientId, Taken, HashName> taken_;
};

}  // namespace paxbank
