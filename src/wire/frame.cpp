#include "paxbank/wire/frame.hpp"

#include "paxbank/core/assert.hpp"

#include <algorithm>
#include <cstring>

namespace paxbank::wire {

std::span<char> Framer::prepare() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  const std::size_t least = end_ + read_size + padding;
  if (buffer_.size() < least) {
    buffer_.resize(std::max(least, buffer_.size() * 2));
  } else if (end_ == 0 && buffer_.size() > 4 * read_size) {
    // One giant frame has passed; its memory need not stay.
    buffer_.resize(least);
    buffer_.shrink_to_fit();
  }
  return {buffer_.data() + end_, buffer_.size() - padding - end_};
}

void Framer::commit(std::size_t count) {
  end_ += count;
  PAXBANK_ASSERT(end_ + padding <= buffer_.size(), "no more was read than there was room for");
}

std::optional<std::string_view> Framer::next() {
  const char* from = buffer_.data() + scanned_;
  const void* found = scanned_ < end_ ? std::memchr(from, '\n', end_ - scanned_) : nullptr;
  if (found == nullptr) {
    scanned_ = end_;
    return std::nullopt;
  }
  const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
  std::string_view line(buffer_.data() + begin_, newline - begin_);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  begin_ = scanned_ = newline + 1;
  return line;
}

}  // namespace paxbank::wire
