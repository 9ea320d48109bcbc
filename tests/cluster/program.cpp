#include "program.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace paxbank::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::seconds patience{240};  // the program is that much slower
#else
constexpr std::chrono::seconds patience{60};
#endif
constexpr int moment_ms = 20;

class Deadline {
 public:
  [[nodiscard]] bool passed() const { return std::chrono::steady_clock::now() > at_; }

 private:
  std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::now() + patience;
};

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

[[noreturn]] void become(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{PAXBANK_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& argument : all) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::setenv("TERM", "xterm", 1);
  ::execv(PAXBANK_PROGRAM, pointers.data());
  ::_exit(127);
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, Input input) {
  start(arguments, input, [input] {
    if (input == Input::pipe || input == Input::terminal) return;
    ::close(STDIN_FILENO);
    if (input == Input::none) ::open("/dev/null", O_RDONLY);
    if (input == Input::closed) ::close(STDOUT_FILENO);
  });
}

Program::Program(const std::vector<std::string>& arguments, const std::string& input_file,
                 const std::string& output_file) {
  start(arguments, Input::pipe, [&] {
    ::dup2(::open(input_file.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    if (output_file.empty()) return;
    ::dup2(::open(output_file.c_str(), O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
  });
}

/// `prepare` is called in the new process.
void Program::start(const std::vector<std::string>& arguments, Input input,
                    const std::function<void()>& prepare) {
  // What paxbank leaves behind, if anything, becomes a child of the test, which can then wait for
  // it.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  int in[2];
  int out[2];
  int err[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipes");
  }
  int terminal = -1;
  winsize size{50, 120, 0, 0};
  pid_ = input == Input::terminal ? ::forkpty(&terminal, nullptr, nullptr, &size) : ::fork();
  if (pid_ == 0) {
    if (input != Input::terminal) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
    }
    prepare();
    become(arguments);
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  if (input == Input::terminal) {
    ::close(in[1]);
    ::close(out[0]);
    ::close(err[0]);
    input_ = output_.descriptor = terminal;
  } else {
    input_ = in[1];
    output_.descriptor = out[0];
    errors_.descriptor = err[0];
  }
}

Program::~Program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (input_ != output_.descriptor) close_if_open(input_);
  close_if_open(output_.descriptor);
  close_if_open(errors_.descriptor);
}

/// The prompt is shown a moment before the terminal is handed to the line editor; until then keys
/// would be edited by the terminal itself.
void Program::await_editor() {
  const Deadline deadline;
  termios mode{};
  while (::tcgetattr(input_, &mode) == 0 && (mode.c_lflag & ICANON) != 0 && !deadline.passed()) {
    pump();
  }
}

void Program::type(std::string_view text) {
  if (input_ == output_.descriptor) await_editor();
  ASSERT_EQ(::write(input_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

void Program::end_input() {
  if (input_ != output_.descriptor) close_if_open(input_);
}

bool Program::pump() {
  pollfd polled[] = {{output_.descriptor, POLLIN, 0}, {errors_.descriptor, POLLIN, 0}};
  if (polled[0].fd < 0 && polled[1].fd < 0) return false;
  ::poll(polled, 2, moment_ms);
  for (Stream* stream : {&output_, &errors_}) {
    const pollfd& p = polled[stream == &errors_ ? 1 : 0];
    if (p.fd < 0 || (p.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    char buffer[65'536];
    const ssize_t count = ::read(p.fd, buffer, sizeof buffer);
    if (count > 0) {
      stream->text.append(buffer, static_cast<std::size_t>(count));
    } else {
      if (input_ == stream->descriptor) input_ = -1;
      close_if_open(stream->descriptor);
    }
  }
  return true;
}

std::string Program::read_until(Stream& stream, std::string_view text) {
  const Deadline deadline;
  while (true) {
    const auto found = stream.text.find(text, stream.returned);
    if (found != std::string::npos) {
      const std::size_t from = std::exchange(stream.returned, found + text.size());
      return stream.text.substr(from, stream.returned - from);
    }
    if (stream.descriptor < 0 || deadline.passed()) {
      ADD_FAILURE() << "never saw \"" << text << "\" in:\n" << stream.text.substr(stream.returned);
      return "";
    }
    pump();
  }
}

std::string Program::read_until(std::string_view text) { return read_until(output_, text); }

std::string Program::read_errors_until(std::string_view text) { return read_until(errors_, text); }

int Program::wait() {
  const Deadline deadline;
  while (pump() && !deadline.passed()) {
  }
  EXPECT_FALSE(deadline.passed()) << "it does not end; its output so far:\n" << output_.text;
  if (deadline.passed()) ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void Program::signal(int number) const { ::kill(pid_, number); }

void Program::stop_and_go_on() {
  signal(SIGSTOP);
  ::waitpid(pid_, nullptr, WUNTRACED);
  termios mode{};
  ::tcgetattr(input_, &mode);
  mode.c_lflag |= ICANON | ECHO;
  ::tcsetattr(input_, TCSANOW, &mode);
  signal(SIGCONT);
}

std::vector<pid_t> Program::children() const {
  const std::string id = std::to_string(pid_);
  std::ifstream in("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; in >> child;) children.push_back(child);
  return children;
}

Ended run(const std::vector<std::string>& arguments, std::string_view input) {
  Program program(arguments, Program::Input::pipe);
  if (!input.empty()) program.type(input);
  program.end_input();
  const int status = program.wait();
  return {status, program.output(), program.errors()};
}

Ended run_from(const std::string& file, const std::vector<std::string>& arguments,
               const std::string& output_file) {
  Program program(arguments, file, output_file);
  const int status = program.wait();
  return {status, program.output(), program.errors()};
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TemporaryFile::TemporaryFile(std::string_view text)
    : name_((std::filesystem::temp_directory_path() / "paxbank-test-XXXXXX").string()) {
  const int descriptor = ::mkstemp(name_.data());
  EXPECT_EQ(::write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(descriptor);
}

TemporaryFile::~TemporaryFile() { std::filesystem::remove(name_); }

std::string TemporaryFile::text() const {
  std::ifstream in(name_);
  return {std::istreambuf_iterator<char>(in), {}};
}

ShortFiles::ShortFiles(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
  ::getrlimit(RLIMIT_FSIZE, &before_);
  const rlimit limit{bytes, before_.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

ShortFiles::~ShortFiles() {
  ::setrlimit(RLIMIT_FSIZE, &before_);
  (void)std::signal(SIGXFSZ, handler_);
}

Intruder::Intruder(std::uint16_t port)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
  timeval limit{patience.count(), 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

Intruder::Intruder(Intruder&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)) {}

Intruder::~Intruder() { close_if_open(descriptor_); }

void Intruder::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // closed under way: await_close() will say so
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string Intruder::read_line() {
  while (true) {
    if (const auto end = received_.find('\n'); end != std::string::npos) {
      const std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    char buffer[4'096];
    const ssize_t count = ::recv(descriptor_, buffer, sizeof buffer, 0);
    if (count < 0 && errno != ECONNRESET) ADD_FAILURE() << "the node neither answers nor closes";
    if (count <= 0) return "";
    received_.append(buffer, static_cast<std::size_t>(count));
  }
}

void Intruder::await_close() {
  while (!read_line().empty()) {
  }
}

std::string argument_of(pid_t process, const std::string& option) {
  std::ifstream in("/proc/" + std::to_string(process) + "/cmdline");
  std::string argument;
  while (std::getline(in, argument, '\0') && argument != option) {
  }
  argument.clear();
  std::getline(in, argument, '\0');
  return argument;
}

bool break_connections(pid_t process) {
  const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  bool allowed = handle >= 0;
  const std::filesystem::path descriptors = "/proc/" + std::to_string(process) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(descriptors)) {
    std::error_code gone;
    if (!std::filesystem::read_symlink(entry, gone).string().starts_with("socket:")) continue;
    const int theirs = std::stoi(entry.path().filename());
    int socket = static_cast<int>(::syscall(SYS_pidfd_getfd, handle, theirs, 0));
    allowed = allowed && socket >= 0;
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    auto* generic = reinterpret_cast<sockaddr*>(&peer);  // the socket API's own idiom
    const bool connected = ::getpeername(socket, generic, &length) == 0;
    if (connected && peer.sin_family == AF_INET) ::shutdown(socket, SHUT_RDWR);
    close_if_open(socket);
  }
  ::close(handle);
  return allowed;
}

void await_end(const std::vector<pid_t>& processes) {
  for (const pid_t process : processes) {
    ::waitpid(process, nullptr, 0);
    EXPECT_NE(::kill(process, 0), 0) << "process " << process << " is left";
  }
}

}  // namespace paxbank::testing
