#include "paxbank/cluster/launcher.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace paxbank::cluster {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() { return std::exchange(number_, -1); }

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw StartError(what + ": " + std::strerror(errno));
}

Descriptor make_socket() {
  Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (made.number() < 0) fail("cannot make a socket");
  return made;
}

void set(const Descriptor& socket, int option, int value) {
  ::setsockopt(socket.number(), SOL_SOCKET, option, &value, sizeof value);
}

/// Binds to a loopback port; 0: any that is free. Returns which, or 0 if it is not to be had.
std::uint16_t bind_to(const Descriptor& socket, std::uint32_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  auto* generic = reinterpret_cast<sockaddr*>(&address);  // the socket API's own idiom
  socklen_t length = sizeof address;
  if (::bind(socket.number(), generic, sizeof address) != 0 ||
      ::getsockname(socket.number(), generic, &length) != 0) {
    return 0;
  }
  return ntohs(address.sin_port);
}

/// The port is taken by a socket that shares it with none but those that are told to share. Only
/// then does one listen: so a port in use is found out, also one that another run only holds.
Listener bind_port(std::uint32_t base_port, std::uint32_t node) {
  const std::uint32_t port = base_port == 0 ? 0 : base_port + node;
  Listener listener;
  listener.hold = make_socket();
  set(listener.hold, SO_REUSEADDR, 1);  // connections of an earlier run may linger there
  listener.port = bind_to(listener.hold, port);
  if (listener.port == 0) {
    fail("cannot listen on 127.0.0.1:" + std::to_string(port) + " for n" + std::to_string(node) +
         " (choose other ports with --base-port, or --base-port 0 for free ones)");
  }
  set(listener.hold, SO_REUSEADDR, 0);
  set(listener.hold, SO_REUSEPORT, 1);
  listen_again(listener);
  return listener;
}

void keep_across_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, 0); }

std::vector<std::string> common_arguments(const Settings& settings) {
  std::vector<std::string> arguments{"--nodes",
                                     std::to_string(settings.nodes),
                                     "--heartbeat-ms",
                                     std::to_string(settings.heartbeat.count()),
                                     "--leader-timeout-ms",
                                     std::to_string(settings.leader_timeout_min.count()) + ":" +
                                         std::to_string(settings.leader_timeout_max.count()),
                                     "--client-timeout-ms",
                                     std::to_string(settings.client_timeout.count()),
                                     "--accounts",
                                     std::to_string(settings.bank.accounts.size()),
                                     "--seed",
                                     std::to_string(settings.seed),
                                     "--run",
                                     std::to_string(settings.run),
                                     "--history",
                                     std::to_string(settings.history),
                                     "--storage",
                                     std::string(name_of(settings.storage)),
                                     "--log-level",
                                     std::string(name_of(settings.log_level))};
  if (settings.clock_fd >= 0) {
    arguments.insert(arguments.end(), {"--clock-fd", std::to_string(settings.clock_fd)});
  }
  if (!settings.trace.empty()) {
    arguments.insert(arguments.end(), {"--trace", settings.trace.string(), "--epoch-us",
                                       std::to_string(settings.epoch_us)});
  }
  if (settings.storage != Storage::memory) {
    arguments.insert(arguments.end(), {"--data-dir", settings.data_dir.string(), "--cluster",
                                       std::to_string(settings.cluster)});
  }
  if (!settings.log_dir.empty()) {
    arguments.insert(arguments.end(), {"--log-dir", settings.log_dir.string()});
  }
  return arguments;
}

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(const char* program, char* const* arguments, pid_t launcher, int null) {
  // SIGKILL reaches a stopped or hanging child too; the check closes the gap before prctl().
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launcher) ::_exit(0);
  // Ctrl-C at the terminal is for the launcher, whose end ends its children.
  ::signal(SIGINT, SIG_IGN);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::execv(program, arguments);
  ::_exit(127);
}

/// The child dies with the launcher, however that dies. Of what is closed at exec it keeps
/// `sockets`.
Child start_child(std::string name, std::vector<std::string> arguments,
                  const std::vector<int>& sockets) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) fail("cannot make a socket");
  Child child{std::move(name), -1, Descriptor(pair[0])};
  const Descriptor theirs(pair[1]);
  const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null.number() < 0) fail("cannot open /dev/null");
  arguments.insert(arguments.end(), {"--control-fd", std::to_string(theirs.number())});
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  // By its path, so that ps and pgrep show the program's own name.
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const pid_t launcher = ::getpid();
  child.pid = ::fork();
  if (child.pid < 0) fail("cannot start " + child.name);
  if (child.pid == 0) {
    keep_across_exec(theirs.number());
    for (const int socket : sockets) keep_across_exec(socket);
    become(program.c_str(), pointers.data(), launcher, null.number());
  }
  return child;
}

template <class Number>
std::string joined(const std::vector<Listener>& listeners, Number number) {
  std::string text;
  for (const Listener& listener : listeners) {
    text += (text.empty() ? "" : ",") + std::to_string(number(listener));
  }
  return text;
}

}  // namespace

void listen_again(Listener& listener) {
  listener.socket = make_socket();
  set(listener.socket, SO_REUSEADDR, 1);
  set(listener.socket, SO_REUSEPORT, 1);
  if (bind_to(listener.socket, listener.port) == 0 ||
      ::listen(listener.socket.number(), SOMAXCONN) != 0) {
    fail("cannot listen on 127.0.0.1:" + std::to_string(listener.port));
  }
}

std::string ports_of(const std::vector<Listener>& listeners) {
  return joined(listeners, [](const Listener& listener) { return listener.port; });
}

Child start_switch(const Program& program, const std::vector<Listener>& nodes,
                   const std::vector<Listener>& in_their_place) {
  const auto number = [](const Listener& listener) { return listener.socket.number(); };
  std::vector<std::string> arguments{"paxbank", "switch", "--switch-fds",
                                     joined(in_their_place, number)};
  arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
  arguments.insert(arguments.end(), {"--ports", ports_of(nodes)});
  std::vector<int> sockets;
  for (const Listener& listener : in_their_place) sockets.push_back(number(listener));
  return start_child("switch", std::move(arguments), sockets);
}

std::vector<Listener> bind_ports(const Settings& settings) {
  std::vector<Listener> listeners;
  for (std::uint32_t n = 1; n <= settings.nodes; ++n) {
    listeners.push_back(bind_port(settings.base_port, n));
  }
  return listeners;
}

std::vector<Listener> bind_switch_ports(const Settings& settings) {
  std::vector<Listener> listeners;
  for (std::uint32_t n = 1; settings.slow > 0 && n <= settings.nodes; ++n) {
    listeners.push_back(bind_port(0, n));
  }
  return listeners;
}

Program cluster_program(const Settings& settings) {
  return {"node", "n", "client-manager", "client manager", common_arguments(settings), ""};
}

Child start_node(const Program& program, std::uint32_t node, const Listener& listener,
                 std::uint64_t life) {
  const std::string number = std::to_string(node);
  std::vector<std::string> arguments{"paxbank",     program.node,
                                     "--id",        number,
                                     "--listen-fd", std::to_string(listener.socket.number()),
                                     "--ports",     program.ports};
  if (life > 0) arguments.insert(arguments.end(), {"--life", std::to_string(life)});
  arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
  return start_child(program.node_prefix + number, std::move(arguments),
                     {listener.socket.number()});
}

Child start_client(const Program& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"paxbank", program.client, "--ports", program.ports};
  all.insert(all.end(), program.arguments.begin(), program.arguments.end());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return start_child(program.client_name, std::move(all), {});
}

std::vector<Child> start_children(const Program& program, const std::vector<Listener>& listeners) {
  std::vector<Child> children;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    children.push_back(start_node(program, static_cast<std::uint32_t>(i + 1), listeners[i]));
  }
  children.push_back(start_client(program));
  return children;
}

Child start_web(const Settings& settings) {
  std::vector<std::string> arguments{"paxbank",    "web",
                                     "--web-port", std::to_string(settings.web_port.value_or(0)),
                                     "--title",    settings.title};
  const std::vector<std::string> common = common_arguments(settings);
  arguments.insert(arguments.end(), common.begin(), common.end());
  return start_child("web server", std::move(arguments), {});
}

void open_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    // The lowest free number is taken: this one. Nothing can be written there: what is lost is
    // noticed.
    if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
  }
}

}  // namespace paxbank::cluster
