#include "paxbank/bench/floor_disk.hpp"

#include "paxbank/cluster/control.hpp"

#include <asio/post.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace paxbank::bench {

FloorDisk::FloorDisk(asio::io_context& io, cluster::Storage storage, std::size_t line_size,
                     std::function<void(std::string_view)> written)
    : io_(io), storage_(storage), line_size_(line_size), written_(std::move(written)) {
  if (storage == cluster::Storage::memory) return;
  std::string name = (std::filesystem::temp_directory_path() / "paxbank-floor-XXXXXX").string();
  file_ = ::mkstemp(name.data());
  if (file_ < 0) throw cluster::ChildError(name + ": " + std::strerror(errno));
  ::unlink(name.c_str());  // nobody else needs it, and it goes with the process
  if (storage == cluster::Storage::disk) beside_.emplace(1);
}

FloorDisk::~FloorDisk() {
  if (beside_) beside_->join();
  if (file_ >= 0) ::close(file_);
}

void FloorDisk::write() {
  if (!writing_.empty() || gathering_.empty()) return;
  std::swap(gathering_, writing_);
  const auto done = [this] {
    written_(std::exchange(writing_, {}));
    write();
  };
  if (!beside_) {
    write_file();
    done();
    return;
  }
  asio::post(*beside_, [this, done] {
    write_file();
    asio::post(io_, done);
  });
}

void FloorDisk::write_file() {
  if (storage_ == cluster::Storage::memory) return;
  const std::size_t bytes = writing_.size() / line_size_ * bytes_per_line;
  if (::write(file_, writing_.data(), bytes) != static_cast<ssize_t>(bytes) ||
      (storage_ == cluster::Storage::disk && ::fdatasync(file_) != 0)) {
    ::_exit(1);  // told by its launcher as its death
  }
}

}  // namespace paxbank::bench
