#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace paxbank::wire {

/// Cuts a byte stream into lines. Reads go straight into its buffer and lines are views of it, so a
/// line is copied only when the buffer must grow or move.
class Framer {
 public:
  /// A longer line is refused.
  static constexpr std::size_t frame_limit = std::size_t{8} << 20U;
  /// What one read can bring.
  static constexpr std::size_t read_size = std::size_t{64} << 10U;
  /// After every line so many bytes may be read, whatever they hold: fast readers look ahead.
  static constexpr std::size_t padding = 64;

  /// Room for the next read. Views of earlier lines end here.
  std::span<char> prepare();
  /// So many bytes of it were filled.
  void commit(std::size_t count);

  /// The next complete line, without its `\n` (and `\r`).
  std::optional<std::string_view> next();

  /// Whether a line that is not complete yet is already too long.
  [[nodiscard]] bool overflown() const { return end_ - begin_ > frame_limit; }

  /// Bytes held of a line that is not complete.
  [[nodiscard]] std::size_t partial() const { return end_ - begin_; }

 private:
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    ///< where the next line begins
  std::size_t scanned_ = 0;  ///< no `\n` before here
  std::size_t end_ = 0;      ///< what has been read
};

}  // namespace paxbank::wire
