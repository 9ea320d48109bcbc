// What a run tells its user, as values: the runner and the console say what happened, and the
// format, text or JSON Lines, is chosen in one place.
#pragma once

#include "paxbank/core/audit.hpp"
#include "paxbank/port/cluster.hpp"
#include "paxbank/scenario/command.hpp"
#include "paxbank/scenario/layout.hpp"
#include "paxbank/scenario/observe.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace paxbank::scenario {

enum class Format { text, jsonl };

/// In words.
[[nodiscard]] std::string describe(const ProcessNews& news);

/// A node's balances, and what they can be compared with.
struct NodeBalances {
  NodeId node;
  /// None if its process is gone or does not answer.
  std::optional<std::map<AccountId, Amount>> accounts;
  bool answers = true;  ///< false: its process lives, but does not answer
  bool connected = true;
  bool behind = false;  ///< another node has executed more
};
using Balances = std::vector<NodeBalances>;

/// How many nodes are live, of how many.
struct Live {
  std::size_t count = 0;
  std::uint32_t of = 0;

  [[nodiscard]] bool quorum() const { return count >= quorum_of(of); }
};

/// `dropped`: it will never have an answer; no client asks for it.
enum class Outcome { success, failed, timeout, dropped };

[[nodiscard]] constexpr std::string_view to_string(Outcome outcome) {
  constexpr std::string_view words[] = {"success", "failed", "timeout", "dropped"};
  return words[static_cast<int>(outcome)];
}

struct SetBegins {
  std::int64_t set = 0;
  std::vector<NodeId> live;
  bool quorum = true;
};
struct LeaderKnown {
  std::int64_t set = 0;
  LeaderInfo leader;
};
struct RowDone {
  std::int64_t set = 0;
  std::size_t row = 0;
  ClientId client;
  Transaction transaction;
  Outcome outcome = Outcome::timeout;
  SequenceNumber sequence = {};  ///< 0 without an answer
  Duration latency = {};
  std::string why = {};  ///< there is no answer

  [[nodiscard]] bool answered() const {
    return outcome == Outcome::success || outcome == Outcome::failed;
  }
};
struct Resolved {
  std::int64_t set = 0;
  std::int64_t row_set = 0;
  RowDone row;
};
struct LeaderFailed {
  std::int64_t set = 0;
  std::optional<NodeId> node;
  Live live;
};
/// Nodes were cut off, or brought back, by hand.
struct ConnectionsChanged {
  std::vector<NodeId> nodes;  ///< those for which that changed something
  bool connected = false;
  Live live;
};
/// Processes were ended by order.
struct Killed {
  std::int64_t set = 0;
  std::vector<NodeId> nodes;  ///< those that lived
  bool clients = false;       ///< the clients' process
  Live live;
};
/// Dead processes were brought back.
struct Restarted {
  std::int64_t set = 0;
  std::vector<NodeId> nodes;  ///< those that are back
  bool clients = false;
  std::map<NodeId, std::string> failed;  ///< why others are not
  std::string clients_failed;
  Live live;
};
struct Tally {
  std::uint64_t success = 0;
  std::uint64_t failed = 0;
  std::uint64_t timeout = 0;
  std::uint64_t dropped = 0;

  [[nodiscard]] std::uint64_t& of(Outcome outcome) {
    std::uint64_t* const counts[] = {&success, &failed, &timeout, &dropped};
    return *counts[static_cast<int>(outcome)];
  }
  [[nodiscard]] std::uint64_t total() const { return success + failed + timeout + dropped; }
  Tally& operator+=(const Tally& other);
};
struct SetEnds {
  std::int64_t set = 0;
  std::vector<NodeId> live;
  std::optional<LeaderInfo> leader;
  Tally tally;
  Balances balances;
};
struct Summary {
  std::uint64_t sets = 0;
  Tally tally;
  AuditReport audit;
  std::vector<std::int64_t> not_run;  ///< sets that were left out, as the run was left before them
  bool ok = true;
};
/// Something came up with a process: it died, does not answer, answers again, lost what it wrote.
struct ProcessTold {
  ProcessNews news;
};
struct DbShown {
  Balances balances;
};
struct LogShown {
  NodeId node;
  SequenceNumber base;  ///< the log begins after it; a checkpoint stands for what is before
  std::optional<std::vector<LogLine>> log;
  MessageHistory messages;
};
struct StatusShown {
  SequenceNumber sequence;
  struct Line {
    NodeId node;
    SequenceNumber base;           ///< its log begins after this
    std::optional<Status> status;  ///< none if its process is gone
  };
  std::vector<Line> statuses;
};
struct ViewShown {
  NodeId node;
  std::optional<std::vector<View>> views;
};
struct LeaderShown {
  std::int64_t set = 0;
  std::optional<LeaderInfo> leader;
  std::vector<LeaderInfo> believers;  ///< who believe that they lead, without a quorum
};
struct NodesShown {
  std::vector<std::pair<NodeId, NodeState>> nodes;
  std::map<NodeId, StoreState> stores;  ///< of those that answer
};
struct CheckShown {
  AuditReport audit;
};
struct HelpShown {};
/// Something for the user that changes nothing: a mistake at the prompt, a hint.
struct Notice {
  std::string text;
};
/// The run, or the command, cannot go on.
struct Fatal {
  std::string text;
};

using ReportEvent =
    std::variant<SetBegins, LeaderKnown, RowDone, Resolved, LeaderFailed, ConnectionsChanged,
                 Killed, Restarted, SetEnds, Summary, ProcessTold, DbShown, LogShown, StatusShown,
                 ViewShown, LeaderShown, NodesShown, CheckShown, HelpShown, Notice, Fatal>;

/// An event as text for a person; several lines, each ended.
[[nodiscard]] std::string to_text(const ReportEvent& event, const Style& style = {});
/// An event as JSON Lines; empty for what scripts have no use for.
[[nodiscard]] std::string to_jsonl(const ReportEvent& event);

/// What an event says of the run's course, as a JSON object for a trace; empty for what only
/// answers a question.
[[nodiscard]] std::string to_mark(const ReportEvent& event);

/// Writes events to a stream, flushed one by one.
class Report {
 public:
  Report(Format format, std::ostream& out, const Style& style = {})
      : format_(format), style_(style), out_(out) {}
  void operator()(const ReportEvent& event);

  /// To be called around each write, for what shares the terminal with it.
  void make_room(std::function<void()> before, std::function<void()> after) {
    before_ = std::move(before);
    after_ = std::move(after);
  }
  /// Hears of each event, too.
  void observe(std::function<void(const ReportEvent&)> observer) {
    observer_ = std::move(observer);
  }
  /// Why not all could be written, or "".
  [[nodiscard]] const std::string& lost() const { return lost_; }

  [[nodiscard]] Format format() const { return format_; }

 private:
  Format format_;
  Style style_;
  std::ostream& out_;
  std::function<void()> before_;
  std::function<void()> after_;
  std::function<void(const ReportEvent&)> observer_;
  std::string lost_;
};

}  // namespace paxbank::scenario
