// What launcher and children say to each other, as values: orders with their responses, and what
// children report on their own. How they look on the channel is orders.cpp's business alone.
#pragma once

#include "paxbank/cluster/clock.hpp"
#include "paxbank/cluster/load.hpp"
#include "paxbank/port/cluster.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace paxbank::cluster {

// --- Responses

/// It has been carried out.
struct Done {};

struct LogPage {
  std::vector<LogLine> lines;  ///< empty after the last
};

struct MessagePage {
  std::vector<JournalEntry> entries;
  std::uint64_t next = 0;  ///< from where the next page goes on
  bool end = false;
  std::uint64_t heartbeats_left_out = 0;
  std::uint64_t forgotten = 0;
};

struct ViewPage {
  bool end = false;  ///< there is no such view
  View part;
  bool complete = false;  ///< with the view's last entry
};

struct Submitted {
  std::vector<std::optional<Timestamp>> timestamps;  ///< none: refused
};

/// What would happen next here if time went on.
struct Due {
  TimePoint at = never;
  std::string what;
};

struct Found {
  bool found = false;
};

using Response = std::variant<Done, Snapshot, Checkpoint, LogPage, MessagePage, ViewPage, Submitted,
                              Due, Found, StoreState>;

// --- Orders, each with what answers it

/// Say how you are, if that has not been said. (A node reports its state before any response.)
struct ShowStatus {
  using Response = Done;
};
struct SetConnected {
  using Response = Done;
  bool connected = true;
};
struct SetPaused {
  using Response = Done;
  bool paused = true;
};
struct AskStore {
  using Response = StoreState;
};
struct TakeSnapshot {
  using Response = Snapshot;
};
struct ReadCheckpoint {
  using Response = Checkpoint;
};
struct ReadLog {
  using Response = LogPage;
  SequenceNumber from;
};
struct ReadMessages {
  using Response = MessagePage;
  std::uint64_t from = 0;
};
struct ReadViews {
  using Response = ViewPage;
  std::uint64_t view = 0;
  std::uint64_t entry = 0;
};
struct Submit {
  using Response = Submitted;
  std::vector<Submission> submissions;
};
/// Its LoadResult is reported at its end.
struct BeginLoad {
  using Response = Done;
  LoadOrder load;
};
/// Sends no more; the load ends when what is under way is answered.
struct StopLoad {
  using Response = Done;
};
/// The first answer in a later ballot is to be reported.
struct WatchBallot {
  using Response = Done;
  Ballot after;
};

/// The core's clock has been set to another pace.
struct FollowPace {
  using Response = Done;
};
/// What happens here next, and when.
struct AskDue {
  using Response = Due;
};

// The switch's.

/// A message on its way, by its id in the trace, is not to arrive.
struct Lose {
  using Response = Found;
  std::string send;
};

// The web server's.

/// Something for those who watch: a line of the run's report.
struct Show {
  using Response = Done;
  std::string text;
};

using Order = std::variant<ShowStatus, SetConnected, SetPaused, AskStore, TakeSnapshot,
                           ReadCheckpoint, ReadLog, ReadMessages, ReadViews, Submit, BeginLoad,
                           StopLoad, WatchBallot, FollowPace, AskDue, Lose, Show>;

// --- What a child reports on its own

/// It is connected to all that it must be connected to.
struct Ready {};
/// An answer in a ballot later than the watched one has come.
struct LaterBallot {
  TimePoint at;
};
/// Something that it writes could not be written; told once for each output.
struct Lost {
  std::string what;
};

/// Somebody has typed a command on a page.
struct Typed {
  std::string line;
};
/// The web server listens there, and answers only who knows the token.
struct Serves {
  std::uint16_t port = 0;
  std::string token;
};

/// It cannot go on, and ends.
struct Failed {
  std::string why;
};

using Report = std::variant<Ready, ReplicaStatus, Answer, LoadResult, LaterBallot, Lost, Typed,
                            Serves, Failed>;

// --- As lines, each with its `\n`

/// An order or a response; a response has its order's number.
template <class Body>
struct Numbered {
  std::uint64_t id = 0;
  Body body;
};

[[nodiscard]] std::string encode(const Numbered<Order>& order);
[[nodiscard]] std::string encode(const Numbered<Response>& response);
[[nodiscard]] std::string encode(const Report& report);

[[nodiscard]] Numbered<Order> decode_order(std::string_view line);
[[nodiscard]] std::variant<Numbered<Response>, Report> decode_from_child(std::string_view line);

}  // namespace paxbank::cluster
