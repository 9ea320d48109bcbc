// However a stream is cut into reads, the framer gives the lines that the whole stream has.
#include "paxbank/wire/frame.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

std::vector<std::string> lines_of(const std::string& stream) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = stream.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    lines.push_back(stream.substr(begin, end - begin));
    if (!lines.back().empty() && lines.back().back() == '\r') lines.back().pop_back();
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string stream(reinterpret_cast<const char*>(data), size);
  paxbank::wire::Framer framer;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < size;) {
    // The bytes themselves say how much each read brings.
    const std::size_t count = std::min<std::size_t>(size - at, 1U + data[at] % 64U);
    std::memcpy(framer.prepare().data(), stream.data() + at, count);
    framer.commit(count);
    at += count;
    while (const auto line = framer.next()) lines.emplace_back(*line);
  }
  if (lines != lines_of(stream)) std::abort();
  return 0;
}
