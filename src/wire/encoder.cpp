#include "paxbank/wire/codec.hpp"
#include "paxbank/wire/writer.hpp"

namespace paxbank::wire {

void append(std::string& out, const Message& message) {
  std::visit([&](const auto& m) { Writer(out).typed(m); }, message);
  out += '\n';
}

std::string encode(const Message& message) {
  std::string line;
  append(line, message);
  return line;
}

std::string encode(const Hello& hello) {
  std::string line;
  Writer(line).typed(hello);
  return line + "\n";
}

}  // namespace paxbank::wire
