#include "paxbank/cli/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace paxbank::cli {
namespace {

namespace fs = std::filesystem;

std::string failure(const fs::path& path) {
  return path.string() + " cannot be written: " + (errno == 0 ? "it failed" : std::strerror(errno));
}

/// A pipe or a device is written in place.
bool is_place(const fs::path& path) {
  std::error_code none;
  return fs::exists(path, none) && !fs::is_regular_file(path, none);
}

/// What is written beside a file until it is whole. It goes away with this, if it did not become
/// the file by then.
class Partial {
 public:
  explicit Partial(const fs::path& path) : path_(path) { path_ += ".partial"; }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;
  ~Partial() {
    std::error_code none;
    fs::remove(path_, none);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string write_to(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (out) write(out);
  if (out) out.close();
  return out ? "" : failure(path);
}

}  // namespace

std::string cannot_be_written(const fs::path& path) {
  if (is_place(path)) {
    if (fs::is_directory(path)) return path.string() + " is a directory";
    return "";
  }
  const Partial partial(path);
  return write_to(partial.path(), [](std::ostream&) {}).empty() ? "" : failure(path);
}

std::string write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  if (is_place(path)) return write_to(path, write);
  const Partial partial(path);
  if (!write_to(partial.path(), write).empty()) return failure(path);
  std::error_code error;
  fs::rename(partial.path(), path, error);
  return error ? path.string() + " cannot be written: " + error.message() : "";
}

}  // namespace paxbank::cli
