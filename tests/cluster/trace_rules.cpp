#include "trace_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace paxbank::testing {
namespace {

using Json = nlohmann::json;

/// `n2>n3/4:17`: of the fourth connection.
std::uint64_t connection_of(const std::string& send) {
  const auto slash = send.find('/');
  return slash == std::string::npos ? 0 : std::stoull(send.substr(slash + 1));
}

class Rules {
 public:
  void take(const Json& line) {
    EXPECT_GE(line.at("time_us"), last_) << line;
    last_ = line.at("time_us");
    const std::string kind = line.at("kind");
    if (line.contains("cause")) expect_cause(line);
    if (kind == "receive" || kind == "drop" || kind == "lost") take_end(line, kind);
    if (!line.contains("id")) return;
    EXPECT_TRUE(named_.emplace(line.at("id"), line).second) << "a name again: " << line;
    if (kind != "send") return;
    ++traced_.sends;
    traced_.connections = std::max(traced_.connections, connection_of(line.at("id")));
  }

  [[nodiscard]] const Traced& traced() const { return traced_; }

 private:
  void expect_cause(const Json& line) const {
    const auto cause = named_.find(line.at("cause"));
    ASSERT_NE(cause, named_.end()) << "its cause is not there before it: " << line;
    EXPECT_EQ(cause->second.at("node"), line.at("node")) << line;
  }

  void take_end(const Json& line, const std::string& kind) {
    if (!line.contains("send")) return;  // from somebody who is not in the trace
    const auto send = named_.find(line.at("send"));
    ASSERT_NE(send, named_.end()) << "its send is not there before it: " << line;
    const bool lost = kind == "lost";
    EXPECT_EQ(send->second.at("node"), line.at(lost ? "node" : "peer")) << line;
    EXPECT_EQ(send->second.at("peer"), line.at(lost ? "peer" : "node")) << line;
    EXPECT_TRUE(ended_.insert(line.at("send")).second) << "it ends twice: " << line;
    if (!lost) ++traced_.arrived;
  }

  Traced traced_;
  std::int64_t last_ = 0;
  std::map<std::string, Json> named_;
  std::set<std::string> ended_;
};

}  // namespace

Traced expect_rules_kept(const std::vector<Json>& lines) {
  Rules rules;
  for (const Json& line : lines) {
    if (!line.contains("paxbank_trace")) rules.take(line);
  }
  return rules.traced();
}

}  // namespace paxbank::testing
