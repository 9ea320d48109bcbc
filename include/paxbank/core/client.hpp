#pragma once

#include "paxbank/core/ballot.hpp"
#include "paxbank/core/message.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

namespace paxbank {

struct ClientConfig {
  ClientId id;
  Duration timeout = std::chrono::milliseconds(400);
  Duration timeout_max = std::chrono::milliseconds(8'000);
  Timestamp after = {};  ///< the timestamps of its requests are higher
};

/// What a client learned about one of its requests. `Result::stale`: somebody else has sent newer
/// ones in its name, so that what came of it will not be known.
struct Answer {
  Request request;
  Result result = Result::failed;
  SequenceNumber sequence;
  Duration latency{};  ///< from the first time it was sent
};

struct ClientOutput {
  std::vector<Envelope> messages;
  std::optional<Answer> answer;
  TimePoint wake_at = never;
};

/// Whom the clients of one process believe to lead. They share it: what an answer teaches one of
/// them, or a timeout makes one of them doubt, the others need not find out again at the price of a
/// timeout each.
struct LeaderHint {
  /// The highest that an answer named since the last doubt; round 0: nobody is known.
  Ballot ballot;
};

/// A bank client, as a pure state machine: a closed loop with one request outstanding at a time.
///
/// It asks the leader that answers have named, or all nodes when it knows of none. After its
/// timeout it asks all again, and keeps doing so with back-off (protocol.md rule 15); the timestamp
/// makes the repetition harmless and tells an answer that comes twice from one that is awaited.
class Client {
 public:
  /// `leader` must outlive the client.
  Client(ClientConfig config, LeaderHint& leader)
      : config_(std::move(config)), last_timestamp_(config_.after), leader_(leader) {}

  /// Requests that a client has not got to yet; more are refused.
  static constexpr std::size_t waiting_limit = 1'000'000;

  /// Takes a transaction; it is sent once all earlier ones are answered. Returns its timestamp, or
  /// nullopt if it is refused.
  std::optional<Timestamp> submit(const Transaction& transaction);

  /// What it has been asked for and has no answer to, oldest first; of these, it has sent the first
  /// at most.
  [[nodiscard]] std::vector<Request> unanswered() const;

  /// To be called after submit(), and at `wake_at`.
  ClientOutput tick(TimePoint now);
  ClientOutput receive(const Reply& reply, TimePoint now);

  /// Timers stand still; answers are still taken.
  ClientOutput pause(TimePoint now);
  /// Timers start afresh, with the first timeout again.
  ClientOutput resume(TimePoint now);

  [[nodiscard]] const ClientId& id() const { return config_.id; }
  [[nodiscard]] bool idle() const { return !outstanding_ && waiting_.empty(); }

 private:
  void send_next(ClientOutput& output, TimePoint now);
  [[nodiscard]] TimePoint wake_at() const;

  ClientConfig config_;
  Timestamp last_timestamp_;
  std::deque<Request> waiting_;
  std::optional<Request> outstanding_;
  TimePoint first_sent_at_;
  TimePoint resend_at_;
  Duration resend_after_{};
  LeaderHint& leader_;
  bool paused_ = false;
};

}  // namespace paxbank
