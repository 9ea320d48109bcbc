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

fs::path beside(const fs::path& path) {
  fs::path partial = path;
  return partial += ".partial";
}

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
  const std::string wrong = write_to(beside(path), [](std::ostream&) {});
  std::error_code none;
  fs::remove(beside(path), none);
  return wrong.empty() ? "" : failure(path);
}

std::string write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  if (is_place(path)) return write_to(path, write);
  std::string wrong = write_to(beside(path), write);
  std::error_code error;
  if (wrong.empty()) {
    fs::rename(beside(path), path, error);
    if (!error) return "";
    wrong = path.string() + " cannot be written: " + error.message();
  } else {
    wrong = failure(path);
  }
  fs::remove(beside(path), error);
  return wrong;
}

}  // namespace paxbank::cli
