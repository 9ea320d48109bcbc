// A protocol story: commands and their expected transcript in one text file (after etcd's raft
// testdata).
#pragma once

#include "paxbank/core/replica.hpp"

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace paxbank::testing {

/// A cluster whose every message waits until a command delivers or drops it. Time moves only by
/// command.
class StoryWorld {
 public:
  /// Runs one command line; returns its transcript.
  std::string run(const std::string& line);

 private:
  struct Flight {
    std::string from;
    std::string to;
    Message message;
  };

  void cluster(std::istream& words);
  void timeout(std::istream& words);
  void elect(std::istream& words);
  void deliver(std::istream& words);
  void drop(std::istream& words);
  void request(std::istream& words);
  void advance(std::istream& words);
  void cut(std::istream& words);
  void each(std::istream& words, void (Replica::*order)(TimePoint));
  void show_status();
  void show_log(std::istream& words);
  void show_balances(std::istream& words);
  void show_flights();

  Replica& node(const std::string& name);
  void carry_out(const std::string& node);
  void arrive(const Flight& flight);
  std::deque<Flight> take(const std::string& link, const std::string& type);
  void check();

  std::map<std::string, std::unique_ptr<Replica>> nodes_;
  std::map<std::string, TimePoint> wake_at_;
  std::deque<Flight> flights_;
  std::set<std::pair<std::string, std::string>> cut_;
  TimePoint now_;
  bool quiet_ = false;  ///< messages are delivered without being shown
  std::ostringstream out_;
};

/// Runs every block of the file in a new world and returns the file as it should read.
std::string play_story(const std::filesystem::path& file);

}  // namespace paxbank::testing
