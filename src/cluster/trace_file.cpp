#include "paxbank/cluster/trace_file.hpp"

#include "paxbank/cluster/launcher.hpp"
#include "paxbank/wire/trace.hpp"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace paxbank::cluster {

TraceSink open_trace(const Settings& settings, OnLost on_lost) {
  if (settings.trace.empty()) return {};
  const auto file = std::make_shared<Descriptor>(
      ::open(settings.trace.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  return [file, epoch = Duration(settings.epoch_us), lost = false,
          on_lost = std::move(on_lost)](TraceEvent event) mutable {
    if (lost) return;
    event.time -= epoch;
    const std::string line = wire::encode(event);
    // One write a line: the kernel keeps those of several processes apart.
    errno = 0;
    const auto written = ::write(file->number(), line.data(), line.size());
    lost = written != static_cast<ssize_t>(line.size());
    if (lost) on_lost("its trace from here on: " + reason_of(errno));
  };
}

}  // namespace paxbank::cluster
