// The launcher's hold on its children, and theirs on it, without the program around them.
#include "paxbank/cluster/processes.hpp"

#include "paxbank/cluster/control.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace paxbank::cluster {
namespace {

std::pair<Descriptor, Descriptor> socket_pair() {
  int pair[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  return {Descriptor(pair[0]), Descriptor(pair[1])};
}

/// A process that says nothing and ends with its launcher, or at once.
Child start(const std::string& name, bool at_once) {
  auto [ours, theirs] = socket_pair();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ours.release());
    char byte = 0;
    if (!at_once) (void)!::read(theirs.number(), &byte, 1);
    ::_exit(3);
  }
  return {name, pid, std::move(ours)};
}

TEST(Processes, OfAStartThatFailsNoneIsLeft) {
  asio::io_context io(1);
  std::vector<Child> children;
  children.push_back(start("n1", /*at_once=*/false));
  children.push_back(start("n2", /*at_once=*/true));
  const pid_t pids[] = {children[0].pid, children[1].pid};
  try {
    const Processes processes(io, std::move(children), {});
    FAIL() << "they have not reported themselves ready";
  } catch (const StartError& error) {
    EXPECT_STREQ(error.what(), "n2 ended with exit status 3 while starting");
  }
  for (const pid_t pid : pids) EXPECT_NE(::kill(pid, 0), 0) << pid;
  io.poll();  // nothing is left that would call what is gone
}

TEST(ControlChannel, ALauncherThatDoesNotReadEndsTheChildAndLosesNoReportInSilence) {
  asio::io_context io(1);
  auto [ours, theirs] = socket_pair();
  ControlChannel channel(io, theirs.release(), [](const Order&) { return Done{}; });
  const Report megabyte = Lost{std::string(std::size_t{1} << 20U, 'x')};
  EXPECT_THROW(
      {
        for (int i = 0; i < 40; ++i) channel.report(megabyte);
      },
      ChildError);
}

}  // namespace
}  // namespace paxbank::cluster
