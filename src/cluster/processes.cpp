#include "paxbank/cluster/processes.hpp"

#include "paxbank/core/assert.hpp"

#include <asio/local/stream_protocol.hpp>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace paxbank::cluster {
namespace {

constexpr std::chrono::seconds start_limit{20};
constexpr std::chrono::seconds stop_limit{2};

std::string describe_exit(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return "killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  }
  return "ended with exit status " + std::to_string(WEXITSTATUS(status));
}

ProcessUsage usage_of(std::string name, pid_t pid) {
  ProcessUsage usage{std::move(name), 0, 0};
  const std::string place = "/proc/" + std::to_string(pid);
  std::ifstream stat(place + "/stat");
  std::string line;
  std::getline(stat, line);
  // The name in brackets may hold anything; utime and stime are the 12th and 13th after it.
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  usage.cpu_seconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::ifstream status(place + "/status");
  for (std::string entry; std::getline(status, entry);) {
    if (entry.starts_with("VmHWM:")) usage.memory_mib = std::stod(entry.substr(6)) / 1'024;
  }
  return usage;
}

}  // namespace

Processes::Processes(std::vector<Child> children, OnReport on_report)
    : on_report_(std::move(on_report)), children_(std::move(children)) {
  for (std::size_t i = 0; i < children_.size(); ++i) open(i);
  const bool ready =
      run(start_limit, [this] { return ready_ == children_.size() || !deaths_.empty(); });
  if (!deaths_.empty()) {
    throw StartError(deaths_.front().name + " " + deaths_.front().how + " while starting");
  }
  if (!ready) throw StartError("the processes did not find each other");
}

Processes::~Processes() {
  stopping_ = true;
  for (const auto& channel : channels_) channel->close("the launcher ends");
  const auto done = [this] {
    return std::all_of(children_.begin(), children_.end(), [](Child& child) {
      if (child.pid > 0 && ::waitpid(child.pid, nullptr, WNOHANG) != 0) child.pid = -1;
      return child.pid < 0;
    });
  };
  const auto deadline = std::chrono::steady_clock::now() + stop_limit;
  while (!done() && std::chrono::steady_clock::now() < deadline) {
    io_.restart();
    io_.run_for(std::chrono::milliseconds(2));  // lets the channels close
    ::usleep(500);
  }
  for (const Child& child : children_) {
    if (child.pid < 0) continue;
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
  }
}

std::uint64_t Processes::order(std::size_t child, Json order) {
  const std::uint64_t id = ++last_id_;
  if (!alive(child)) return id;
  order["id"] = id;
  awaited_[id] = child;
  channels_[child]->send(order.dump() + "\n");
  return id;
}

std::optional<Processes::Json> Processes::collect(std::uint64_t id) {
  await(id, Duration::max());
  const auto answer = answers_.find(id);
  if (answer == answers_.end()) return std::nullopt;
  std::optional<Json> result = std::move(answer->second);
  answers_.erase(answer);
  return result;
}

bool Processes::run(Duration limit, const std::function<bool()>& condition) {
  const auto start = std::chrono::steady_clock::now();
  const bool forever = limit == Duration::max();
  while (!condition()) {
    const auto passed = std::chrono::steady_clock::now() - start;
    if (!forever && passed >= limit) return false;
    io_.restart();
    if (forever) {
      io_.run_one();
    } else {
      io_.run_one_for(limit - passed);
    }
  }
  return true;
}

std::vector<ProcessUsage> Processes::usage() const {
  std::vector<ProcessUsage> usage{usage_of("launcher", ::getpid())};
  for (const Child& child : children_) {
    if (child.pid > 0) usage.push_back(usage_of(child.name, child.pid));
  }
  return usage;
}

void Processes::open(std::size_t child) {
  const int descriptor = children_[child].control.release();
  auto channel =
      std::make_shared<net::Connection>(net::Socket(asio::local::stream_protocol::socket(
                                            io_, asio::local::stream_protocol(), descriptor)),
                                        children_[child].name);
  channels_.push_back(channel);
  channel->start({[this, child](std::string_view line) { take(child, Json::parse(line)); },
                  {},
                  [this, child](const std::string&) { bury(child); }});
}

void Processes::take(std::size_t child, Json report) {
  if (report.contains("id")) {
    const auto id = report.at("id").get<std::uint64_t>();
    awaited_.erase(id);
    answers_[id] = std::move(report);
  } else if (report.at("push") == "ready") {
    ++ready_;
  } else {
    on_report_(child, report);
  }
}

/// The channel of a child ended: it is dead, or about to be.
void Processes::bury(std::size_t child) {
  if (stopping_ || !alive(child)) return;
  int status = 0;
  ::waitpid(children_[child].pid, &status, 0);
  children_[child].pid = -1;
  deaths_.push_back({children_[child].name, describe_exit(status)});
  std::erase_if(awaited_, [child](const auto& order) { return order.second == child; });
}

}  // namespace paxbank::cluster
