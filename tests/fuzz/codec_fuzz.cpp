// Whatever a line holds, decode() returns; what it takes for a message is encoded and read back the
// same.
#include "paxbank/wire/decoder.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paxbank;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const wire::Decoded decoded = wire::decode(line, 5);
  if (const auto* message = std::get_if<Message>(&decoded)) {
    std::string again = wire::encode(*message);
    again.pop_back();
    const wire::Decoded twice = wire::decode(again, 5);
    const auto* same = std::get_if<Message>(&twice);
    if (same == nullptr || *same != *message) std::abort();
  }
  static wire::Decoder decoder(5);
  std::string padded(line);
  padded.append(wire::Decoder::padding, 'x');
  const wire::Decoded fast = decoder.decode(std::string_view(padded).substr(0, size));
  if (fast.index() != decoded.index()) std::abort();
  if (const auto* message = std::get_if<Message>(&decoded)) {
    if (*message != std::get<Message>(fast)) std::abort();
  }
  return 0;
}
