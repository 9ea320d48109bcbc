#pragma once

#include "paxbank/wire/codec.hpp"
#include "paxbank/wire/frame.hpp"

#include <memory>
#include <string_view>

namespace paxbank::wire {

/// decode() for the hot path: lines as this program writes them are read by simdjson, in one pass
/// and without a document in memory; whatever else a line holds goes the long way, which has words
/// for every fault. Both give the same.
class Decoder {
 public:
  /// A line must be followed by so many bytes that may be read, whatever they hold.
  static constexpr std::size_t padding = Framer::padding;

  /// For a node of a cluster of `nodes`.
  explicit Decoder(std::uint32_t nodes);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder();

  /// Reads one line (without its `\n`), with padding after it.
  [[nodiscard]] Decoded decode(std::string_view padded_line);

 private:
  class Fast;
  std::uint32_t nodes_;
  std::unique_ptr<Fast> fast_;
};

}  // namespace paxbank::wire
