#include "paxbank/core/client.hpp"

#include <algorithm>

namespace paxbank {

std::optional<Timestamp> Client::submit(const Transaction& transaction) {
  if (waiting_.size() >= waiting_limit) return std::nullopt;
  last_timestamp_.value += 1;
  waiting_.push_back({config_.id, last_timestamp_, transaction});
  return last_timestamp_;
}

void Client::send_next(ClientOutput& output, TimePoint now) {
  if (outstanding_ || waiting_.empty() || paused_) return;
  outstanding_ = std::move(waiting_.front());
  waiting_.pop_front();
  first_sent_at_ = now;
  resend_after_ = config_.timeout;
  resend_at_ = now + resend_after_;
  const Destination to =
      leader_.ballot.round > 0 ? Destination{leader_.ballot.node} : Destination{AllNodes{}};
  output.messages.push_back({to, *outstanding_});
}

TimePoint Client::wake_at() const { return outstanding_ && !paused_ ? resend_at_ : never; }

std::vector<Request> Client::unanswered() const {
  std::vector<Request> requests;
  if (outstanding_) requests.push_back(*outstanding_);
  requests.insert(requests.end(), waiting_.begin(), waiting_.end());
  return requests;
}

ClientOutput Client::tick(TimePoint now) {
  ClientOutput output;
  if (outstanding_ && !paused_ && now >= resend_at_) {
    // Whoever led may be gone. Any ballot that an answer names from now on is news.
    leader_.ballot = {};
    resend_after_ = std::min(resend_after_ * 2, config_.timeout_max);
    resend_at_ = now + resend_after_;
    output.messages.push_back({AllNodes{}, *outstanding_});
  }
  send_next(output, now);
  output.wake_at = wake_at();
  return output;
}

ClientOutput Client::receive(const Reply& reply, TimePoint now) {
  ClientOutput output;
  leader_.ballot = std::max(leader_.ballot, reply.ballot);
  // Somebody else may speak in this client's name: what is sent
  // from now on is newer than that. An old request that arrived late is told that it is, too; that
  // is not the one that is waited for.
  if (reply.newest) last_timestamp_ = std::max(last_timestamp_, *reply.newest);
  if (outstanding_ && reply.timestamp == outstanding_->timestamp) {
    output.answer =
        Answer{std::move(*outstanding_), reply.result, reply.sequence, now - first_sent_at_};
    outstanding_.reset();
    send_next(output, now);
  }
  output.wake_at = wake_at();
  return output;
}

ClientOutput Client::pause(TimePoint /*now*/) {
  paused_ = true;
  return {};
}

ClientOutput Client::resume(TimePoint now) {
  paused_ = false;
  resend_after_ = config_.timeout;
  resend_at_ = now + resend_after_;
  return tick(now);
}

}  // namespace paxbank
