// Random faults over the very code that runs in the processes: whatever happens, the logs agree,
// and once the faults stop every request is answered and all nodes are equal.
#include "paxbank/core/audit.hpp"
#include "paxbank/sim/world.hpp"

#include <gtest/gtest.h>

#include <string>

namespace paxbank::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// One run: 10 clients, 200 transfers, faults that come and go, then calm.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed), world_(config(seed)) {}

  void run() {
    const TimePoint storm_end = world_.now() + seconds(20);
    submit_all();
    while (world_.now() < storm_end) {
      disturb();
      run_until(world_.now() + milliseconds(random_.between(20, 1'500)));
      check();
    }
    calm();
    run_until(world_.now() + seconds(30));
    check();
    check_quiescent();
  }

 private:
  static WorldConfig config(std::uint64_t seed) {
    WorldConfig config;
    config.seed = seed;
    // Small limits, so that their edges are met.
    config.replica.limits.proposals_in_flight = 4;
    config.replica.limits.entries_per_message = 3;
    config.replica.limits.slots_ahead = 16;
    config.replica.limits.catch_up_window = 8;
    config.replica.limits.commits_per_answer = 4;
    config.replica.limits.accepts_resent = 4;
    config.history = 100;
    return config;
  }

  void submit_all() {
    for (int i = 0; i < 200; ++i) {
      const std::string from(1, static_cast<char>('A' + random_.between(0, 9)));
      const std::string to(1, static_cast<char>('A' + random_.between(0, 9)));
      world_.submit({from}, {{from}, {to}, {random_.between(0, 4)}});
    }
  }

  void disturb() {
    const NodeId node{static_cast<std::uint32_t>(random_.between(1, 5))};
    const NodeId other{static_cast<std::uint32_t>(random_.between(1, 5))};
    switch (random_.between(0, 7)) {
      case 0:
        world_.disconnect(node);
        break;
      case 1:
      case 2:
        world_.reconnect(node);
        break;
      case 3:
        world_.cut(node, other);
        break;
      case 4:
        world_.cut(node, other);
        world_.cut(other, node);
        break;
      case 5:
        world_.heal();
        break;
      case 6:
        world_.set_faults({random_.between(0, 300), random_.between(0, 200), milliseconds(0),
                           milliseconds(random_.between(1, 200))});
        break;
      default:
        world_.set_faults({});
        break;
    }
  }

  void calm() {
    world_.heal();
    world_.set_faults({});
    for (std::uint32_t n = 1; n <= 5; ++n) world_.reconnect({n});
  }

  void run_until(TimePoint at) {
    while (world_.next_at() <= at) world_.step();
    world_.pass_until(at);
    answered_ += world_.take_answers().size();
  }

  void check() {
    Audit audit(default_bank());
    for (std::uint32_t n = 1; n <= 5; ++n) {
      const AcceptLog& log = world_.replica({n}).log();
      for (SequenceNumber s{1}; s <= log.last(); s = s.next()) {
        if (const LogEntry* entry = log.find(s)) audit.entry({n}, s, *entry);
      }
      audit.balances({n}, world_.replica({n}).bank().balances());
    }
    for (const std::string& finding : audit.report().findings) ADD_FAILURE() << finding;
  }

  void check_quiescent() {
    EXPECT_EQ(answered_, 200U);
    for (std::uint32_t n = 2; n <= 5; ++n) {
      EXPECT_EQ(world_.replica({n}).log().executed(), world_.replica({1}).log().executed());
      EXPECT_EQ(world_.replica({n}).bank().balances(), world_.replica({1}).bank().balances());
    }
  }

  Random random_;
  World world_;
  std::size_t answered_ = 0;
};

TEST(Chaos, NothingIsLostAndNobodyDiverges) {
  const char* first_text = std::getenv("PAXBANK_FIRST_SEED");
  const char* count_text = std::getenv("PAXBANK_SEEDS");
  const std::uint64_t first = first_text != nullptr ? std::stoull(first_text) : 1;
  const std::uint64_t count = count_text != nullptr ? std::stoull(count_text) : 100;
  for (std::uint64_t seed = first; seed < first + count && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos(seed).run();
  }
}

}  // namespace
}  // namespace paxbank::sim
