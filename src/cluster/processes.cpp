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
/// How often each child is asked for a sign of life, and how many such ticks without one make it
/// silent. Ticks are counted, not time: a launcher that was stopped itself blames nobody for it.
constexpr std::chrono::milliseconds tick{250};
constexpr int ticks_limit = 9;

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

Processes::Processes(asio::io_context& io, std::vector<Child> children, Handler handler)
    : Processes(io, std::move(handler), std::move(children)) {
  await_ready();
  watch_silence();
}

Processes::Processes(asio::io_context& io, Handler handler, std::vector<Child> children)
    : io_(io), handler_(std::move(handler)), deaths_(io, SIGCHLD), clock_(io) {
  for (Child& child : children) members_.emplace_back().process = std::move(child);
  for (std::size_t i = 0; i < members_.size(); ++i) open(i);
  watch_deaths();
  bury_the_dead();  // who died before anybody watched
}

void Processes::await_ready() {
  const auto died = [](const Member& m) { return !m.alive && m.failure.empty(); };
  const bool known = run(start_limit, [&] {
    return std::any_of(members_.begin(), members_.end(), died) ||
           std::all_of(members_.begin(), members_.end(),
                       [](const Member& m) { return m.ready || !m.alive; });
  });
  for (const Member& member : members_) {
    if (!died(member)) continue;
    throw StartError(member.process.name + " " + describe_exit(*member.exit_status) +
                     " while starting");
  }
  if (!known) throw StartError("the processes did not find each other");
}

Processes::~Processes() {
  handler_ = {};
  clock_.cancel();
  for (Member& member : members_) {
    member.channel->close("the launcher ends");
    if (member.silent && member.alive) ::kill(member.process.pid, SIGKILL);
  }
  run(stop_limit, [this] {
    return std::none_of(members_.begin(), members_.end(), [](const Member& m) { return m.alive; });
  });
  for (const Member& member : members_) {
    if (!member.alive) continue;
    ::kill(member.process.pid, SIGKILL);
    ::waitpid(member.process.pid, nullptr, 0);
  }
}

bool Processes::all_answer() const {
  return std::all_of(members_.begin(), members_.end(),
                     [](const Member& m) { return m.alive && !m.silent; });
}

bool Processes::run(Duration limit, const std::function<bool()>& condition) {
  const auto start = std::chrono::steady_clock::now();
  const bool forever = limit == Duration::max();
  while (!condition()) {
    const auto passed = std::chrono::steady_clock::now() - start;
    if (!forever && passed >= limit) return false;
    if (forever) {
      io_.run_one();
    } else {
      io_.run_one_for(limit - passed);
    }
  }
  return true;
}

// --- Orders and what comes back

void Processes::open(std::size_t child) {
  Member& member = members_[child];
  const int descriptor = member.process.control.release();
  member.channel =
      std::make_shared<net::Connection>(net::Socket(asio::local::stream_protocol::socket(
                                            io_, asio::local::stream_protocol(), descriptor)),
                                        member.process.name);
  net::Connection::Handler lines;
  lines.on_line = [this, child](std::string_view line) { take(child, line); };
  lines.on_close = [this, channel = member.channel.get(), child](const std::string&) {
    if (members_[child].channel.get() == channel) note_end(child);
  };
  member.channel->start(std::move(lines));
}

void Processes::kill(std::size_t child) {
  Member& member = members_[child];
  if (!member.alive) return;
  member.killed = true;
  ::kill(member.process.pid, SIGKILL);
  run(Duration::max(), [&] { return !member.alive; });
}

std::string Processes::replace(std::size_t child, Child successor) {
  Member& member = members_[child];
  PAXBANK_ASSERT(!member.alive, "only the dead are replaced");
  member = Member();
  member.process = std::move(successor);
  open(child);
  const bool known = run(start_limit, [&] { return member.ready || !member.alive; });
  if (member.ready && member.alive) return "";
  if (!known) return "it is not ready after " + std::to_string(start_limit.count()) + " s";
  return member.failure.empty() ? describe_exit(*member.exit_status) : member.failure;
}

std::uint64_t Processes::order(std::size_t child, const Order& order) {
  const std::uint64_t id = ++last_id_;
  if (!answers(child)) return id;
  awaited_[id] = child;
  give(child, id, order);
  return id;
}

void Processes::tell(std::size_t child, const Order& order) {
  if (answers(child)) give(child, ++last_id_, order);
}

void Processes::give(std::size_t child, std::uint64_t id, const Order& order) {
  Member& member = members_[child];
  ++member.unanswered;
  member.channel->send(encode(Numbered<Order>{id, order}));
}

std::optional<Response> Processes::collect_any(std::uint64_t id) {
  run(Duration::max(), [&] { return !awaited_.contains(id); });
  const auto found = responses_.find(id);
  if (found == responses_.end()) return std::nullopt;
  std::optional<Response> response = std::move(found->second);
  responses_.erase(found);
  return response;
}

void Processes::take(std::size_t child, std::string_view line) {
  auto said = decode_from_child(line);
  if (auto* response = std::get_if<Numbered<Response>>(&said)) {
    take_response(child, std::move(*response));
    return;
  }
  const Report& report = std::get<Report>(said);
  if (std::holds_alternative<Ready>(report)) {
    members_[child].ready = true;
  } else if (const auto* lost = std::get_if<Lost>(&report)) {
    news_.emplace_back(OutputLost{members_[child].process.name, lost->what});
  } else if (const auto* failed = std::get_if<Failed>(&report)) {
    members_[child].failure = failed->why;
  } else {
    handler_.on_report(child, report);
  }
}

void Processes::take_response(std::size_t child, Numbered<Response> response) {
  Member& member = members_[child];
  --member.unanswered;
  member.ticks = 0;
  if (awaited_.erase(response.id) > 0) responses_[response.id] = std::move(response.body);
  if (!std::exchange(member.silent, false)) return;
  news_.emplace_back(ProcessAnswers{member.process.name});
  if (handler_.on_return) handler_.on_return(child);
}

void Processes::abandon_orders_of(std::size_t child) {
  std::erase_if(awaited_, [child](const auto& order) { return order.second == child; });
}

// --- Silence and death

void Processes::watch_silence() {
  clock_.expires_after(tick);
  clock_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      Member& member = members_[i];
      if (!answers(i)) continue;
      if (member.unanswered == 0) {
        tell(i, ShowStatus{});
      } else if (++member.ticks == ticks_limit) {
        member.silent = true;
        news_.emplace_back(ProcessSilent{member.process.name});
        abandon_orders_of(i);
      }
    }
    watch_silence();
  });
}

void Processes::watch_deaths() {
  deaths_.async_wait([this](const asio::error_code& error, int /*signal*/) {
    if (error) return;
    bury_the_dead();
    watch_deaths();
  });
}

void Processes::bury_the_dead() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    int status = 0;
    if (member.exit_status || ::waitpid(member.process.pid, &status, WNOHANG) == 0) continue;
    member.exit_status = status;
    note_end(i);
  }
}

/// A child is gone when its process is, and all that it still said has been read.
void Processes::note_end(std::size_t child) {
  Member& member = members_[child];
  if (!member.alive || !member.exit_status || member.channel->open()) return;
  member.alive = false;
  abandon_orders_of(child);
  if (member.killed) return;
  const std::string how =
      member.failure.empty() ? describe_exit(*member.exit_status) : "stops: " + member.failure;
  news_.emplace_back(ProcessDeath{member.process.name, how});
}

std::vector<ProcessUsage> Processes::usage() const {
  std::vector<ProcessUsage> usage{usage_of("launcher", ::getpid())};
  for (const Member& member : members_) {
    if (member.alive) usage.push_back(usage_of(member.process.name, member.process.pid));
  }
  return usage;
}

}  // namespace paxbank::cluster
