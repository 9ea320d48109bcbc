#include "paxbank/cluster/trace_file.hpp"

#include "paxbank/cluster/launcher.hpp"
#include "paxbank/wire/trace.hpp"

#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace paxbank::cluster {

TraceSink open_trace(const Settings& settings) {
  if (settings.trace.empty()) return {};
  const auto file = std::make_shared<Descriptor>(
      ::open(settings.trace.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  if (file->number() < 0) std::perror("paxbank: cannot write the trace");
  return [file, epoch = Duration(settings.epoch_us)](TraceEvent event) {
    event.time -= epoch;
    const std::string line = wire::encode(event);
    // One write a line: the kernel keeps those of several processes apart. What a full disk loses
    // is lost to the trace alone.
    [[maybe_unused]] const auto written = ::write(file->number(), line.data(), line.size());
  };
}

}  // namespace paxbank::cluster
