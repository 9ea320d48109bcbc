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

/// A socket that listens on a loopback port.
struct Listener {
  Descriptor socket;
  std::uint16_t port = 0;
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

/// Starts this same program with these arguments, the first of them its own name, and with the
/// descriptor of its control channel added; `listener` goes with it, if there is one. The child
/// dies with the launcher, however that dies. Throws StartError.
[[nodiscard]] Child start_child(std::string name, std::vector<std::string> arguments,
                                const Listener* listener);

/// The ports, with commas.
[[nodiscard]] std::string joined(const std::vector<Listener>& listeners);

/// Starts this same program as `paxbank node …` for each listener and as `paxbank client-manager
/// …`, in this order. Children die with the launcher, however it dies. Call before any event loop
/// exists.
[[nodiscard]] std::vector<Child> start_children(const Settings& settings,
                                                const std::vector<Listener>& listeners);

}  // namespace paxbank::cluster
