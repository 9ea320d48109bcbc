#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace paxbank::testing {

/// A trace of two clients and three nodes that a test writes as it goes. The lanes are run,
/// network, A, B, n1, n2, n3.
class SmallTrace {
 public:
  SmallTrace() {
    std::string name = (std::filesystem::temp_directory_path() / "paxbank-web-XXXXXX").string();
    ::close(::mkstemp(name.data()));
    file_ = name;
    out_.open(file_, std::ios::app);
    write(R"({"paxbank_trace":2,"by":"processes","run":"5f3a","seed":7,"nodes":3,)"
          R"("clients":["A","B"],"opening_balance":10})"
          "\n");
  }
  SmallTrace(const SmallTrace&) = delete;
  SmallTrace& operator=(const SmallTrace&) = delete;
  ~SmallTrace() { std::filesystem::remove(file_); }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  void write(const std::string& text) { out_ << text << std::flush; }

  /// A heartbeat of n1 to n2, or of whoever it is.
  void send(int time_us, const std::string& id, const std::string& node = "n1") {
    write("{\"time_us\":" + std::to_string(time_us) + ",\"node\":\"" + node +
          "\",\"kind\":\"send\",\"id\":\"" + id +
          R"(","peer":"n2","message":{"type":"HEARTBEAT","ballot":[1,1]}})"
          "\n");
  }
  void receive(int time_us, const std::string& id) {
    write("{\"time_us\":" + std::to_string(time_us) + R"(,"node":"n2","kind":"receive","id":"r)" +
          id + R"(","peer":"n1","send":")" + id + "\"}\n");
  }

 private:
  std::filesystem::path file_;
  std::ofstream out_;
};

}  // namespace paxbank::testing
