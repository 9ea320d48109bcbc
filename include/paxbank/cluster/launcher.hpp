#pragma once

#include "paxbank/cluster/settings.hpp"

#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <vector>

namespace paxbank::cluster {

/// Something that a user can mend, in words for that user; told before any process has started.
struct StartError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An owned file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int number() const { return number_; }
  int release();

 private:
  int number_ = -1;
};

/// A socket that listens on a loopback port, and one that holds the port for its like: while a node
/// is dead nobody is connected to, and nobody else gets it.
struct Listener {
  Descriptor socket;
  std::uint16_t port = 0;
  Descriptor hold;
};

/// A child process and the launcher's end of its control channel.
struct Child {
  std::string name;
  pid_t pid = -1;
  Descriptor control;
};

/// Binds the listening socket of every node before anything is forked: a port in use is known
/// before anything starts, free ports need no second try, and no process waits for another to
/// listen. Throws StartError naming the port and the option that changes it.
[[nodiscard]] std::vector<Listener> bind_ports(const Settings& settings);

/// Listens on a held port once more, for a node that comes back. Throws StartError.
void listen_again(Listener& listener);

/// The switch's sockets, one in each node's place, at free ports; none if no switch is wanted.
[[nodiscard]] std::vector<Listener> bind_switch_ports(const Settings& settings);

/// What the children are started as: this same program with these arguments.
struct Program {
  std::string node;         ///< the command of a node; `--id` and `--listen-fd` are added
  std::string node_prefix;  ///< a node's name before its number
  std::string client;       ///< the command of the one child that is no node
  std::string client_name;
  std::vector<std::string> arguments;  ///< for all of them; `--ports` and `--control-fd` are added
  std::string ports;                   ///< where nodes and clients reach the nodes
};

/// As `paxbank node …` and `paxbank client-manager …`.
[[nodiscard]] Program cluster_program(const Settings& settings);

/// A node's and a client's ways to the nodes: `Program::ports` of these.
[[nodiscard]] std::string ports_of(const std::vector<Listener>& listeners);

// Children die with the launcher, however it dies. All of these throw StartError.

/// Starts a node, for the `life`th time.
[[nodiscard]] Child start_node(const Program& program, std::uint32_t node, const Listener& listener,
                               std::uint64_t life = 0);
[[nodiscard]] Child start_client(const Program& program,
                                 const std::vector<std::string>& arguments = {});
/// Starts a node for each listener, then the client.
[[nodiscard]] std::vector<Child> start_children(const Program& program,
                                                const std::vector<Listener>& listeners);
/// Starts the switch: whoever has the ports of `in_their_place` reaches the nodes through it.
[[nodiscard]] Child start_switch(const Program& program, const std::vector<Listener>& nodes,
                                 const std::vector<Listener>& in_their_place);

/// Starts the web server of the live page. Throws StartError.
[[nodiscard]] Child start_web(const Settings& settings);

/// Opens /dev/null as standard input, output or error where that is closed: else the next socket
/// would get its number, and whoever writes to standard output would write into that. Call first.
void open_standard_streams();

}  // namespace paxbank::cluster
