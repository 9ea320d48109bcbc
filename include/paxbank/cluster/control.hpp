// The launcher's private line to its children: JSON Lines over an inherited socket pair. Orders go
// down with an id and are answered with the same id; children report on their own under "push".
#pragma once

#include "paxbank/net/connection.hpp"
#include "paxbank/port/cluster.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace paxbank::cluster {

/// A child's end. The launcher's death, however it comes, ends the channel, and that ends the
/// process.
class ControlChannel {
 public:
  /// Carries out one order; what it returns is the answer. Null: the answer comes later, by
  /// answer().
  using Handler = std::function<nlohmann::json(const nlohmann::json& order)>;

  ControlChannel(asio::io_context& io, int descriptor, Handler handler);

  void push(const nlohmann::json& report);
  /// Answers the order of that id.
  void answer(std::uint64_t id, nlohmann::json answer);

 private:
  std::shared_ptr<net::Connection> connection_;
};

// How core values look on the control channel.
[[nodiscard]] nlohmann::json to_control(const ReplicaStatus& status);
[[nodiscard]] ReplicaStatus status_from_control(const nlohmann::json& json);
[[nodiscard]] nlohmann::json to_control(const Answer& answer);
[[nodiscard]] Answer answer_from_control(const nlohmann::json& json);
[[nodiscard]] nlohmann::json to_control(const std::vector<LogLine>& lines);
[[nodiscard]] std::vector<LogLine> log_from_control(const nlohmann::json& json);
/// From the line that the wire would carry.
[[nodiscard]] Message message_from_control(const nlohmann::json& json);
[[nodiscard]] nlohmann::json to_control(const JournalEntry& entry);
[[nodiscard]] JournalEntry journal_entry_from_control(const nlohmann::json& json);
[[nodiscard]] nlohmann::json to_control(const AcceptedEntry& entry);
[[nodiscard]] AcceptedEntry accepted_entry_from_control(const nlohmann::json& json);
[[nodiscard]] nlohmann::json to_control(const Transaction& transaction);
[[nodiscard]] Transaction transaction_from_control(const nlohmann::json& json);
[[nodiscard]] Ballot ballot_from_control(const nlohmann::json& json);
[[nodiscard]] nlohmann::json to_control(const Ballot& ballot);

}  // namespace paxbank::cluster
