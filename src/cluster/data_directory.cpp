#include "paxbank/cluster/data_directory.hpp"

#include "paxbank/core/describe.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <unistd.h>

namespace paxbank::cluster {
namespace {

namespace fs = std::filesystem;

/// The form of cluster.json and of what is beside it.
constexpr int format = 1;
constexpr const char* name_of_run = "paxbank-data-";

[[noreturn]] void fail(const fs::path& where, const std::string& what) {
  throw StartError("--data-dir: " + where.string() + ": " + what);
}

[[noreturn]] void fail(const fs::path& where) { fail(where, std::strerror(errno)); }

/// An empty directory with a name of its own.
fs::path make_temporary() {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / name_of_run).string() + "XXXXXX";
  if (error || ::mkdtemp(name.data()) == nullptr) {
    throw StartError("cannot make a directory for what the nodes keep (" + name +
                     "): " + std::strerror(errno) +
                     "; TMPDIR says where, and --storage memory "
                     "does without");
  }
  return name;
}

/// An open file, its lock taken if nobody has it.
Descriptor take_lock(const fs::path& directory) {
  const fs::path file = directory / "lock";
  Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.number() < 0) fail(file);
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) return {};
  return lock;
}

/// What runs left behind that were killed: nobody holds their locks.
void remove_what_was_left_behind() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(error), error)) {
    if (!entry.path().filename().string().starts_with(name_of_run)) continue;
    if (::access((entry.path() / "lock").c_str(), W_OK) != 0) continue;  // not ours, or just begun
    if (take_lock(entry.path()).number() >= 0) fs::remove_all(entry.path(), error);
  }
}

/// In place of what was there, all of it or nothing, also over a power cut.
void replace(const fs::path& file, const std::string& text) {
  const fs::path fresh = file.string() + ".new";
  const Descriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const auto size = static_cast<ssize_t>(text.size());
  if (out.number() < 0 || ::write(out.number(), text.data(), text.size()) != size ||
      ::fsync(out.number()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
    fail(file);
  }
  const Descriptor directory(::open(file.parent_path().c_str(), O_RDONLY | O_CLOEXEC));
  if (directory.number() < 0 || ::fsync(directory.number()) != 0) fail(file.parent_path());
}

}  // namespace

fs::path store_of(const fs::path& data, std::uint32_t node) {
  return data / describe(NodeId{node});
}

DataDirectory::DataDirectory(const Settings& settings)
    : path_(settings.data_dir), temporary_(settings.data_dir.empty()) {
  if (temporary_) {
    remove_what_was_left_behind();
    path_ = make_temporary();
  }
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) fail(path_, error.message());
  lock_ = take_lock(path_);
  if (lock_.number() < 0) fail(path_, "another run of paxbank uses it");
  if (fs::exists(path_ / "cluster.json")) {
    read(settings);
  } else {
    make(settings);
  }
}

DataDirectory::~DataDirectory() {
  std::error_code ignored;
  if (temporary_) fs::remove_all(path_, ignored);
}

void DataDirectory::read(const Settings& settings) {
  const fs::path file = path_ / "cluster.json";
  std::ifstream in(file);
  const auto json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  const auto number = [&](const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_unsigned()) {
      fail(file, "is not what paxbank writes there: no number \"" + std::string(key) + "\"");
    }
    return found->get<std::uint64_t>();
  };
  if (!json.is_object()) fail(file, "is not what paxbank writes there");
  if (const std::uint64_t version = number("paxbank_data"); version != format) {
    fail(file, "is of version " + std::to_string(version) + ", this paxbank reads version " +
                   std::to_string(format));
  }
  nodes_ = static_cast<std::uint32_t>(number("nodes"));
  accounts_ = static_cast<std::uint32_t>(number("accounts"));
  cluster_ = number("cluster");
  starts_ = number("starts");
  if (nodes_ != settings.nodes) {
    fail(path_, "holds a cluster of " + std::to_string(nodes_) + " nodes, not " +
                    std::to_string(settings.nodes) + " (--nodes " + std::to_string(nodes_) + ")");
  }
  if (accounts_ != settings.bank.accounts.size()) {
    fail(path_, "holds a bank of " + std::to_string(accounts_) + " accounts, not " +
                    std::to_string(settings.bank.accounts.size()));
  }
}

void DataDirectory::make(const Settings& settings) {
  nodes_ = settings.nodes;
  accounts_ = static_cast<std::uint32_t>(settings.bank.accounts.size());
  cluster_ = settings.run;
  // What a start that was broken off has made is in the way of nothing.
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    bool ours = name == "lock" || name == "cluster.json.new";
    for (std::uint32_t n = 1; n <= nodes_limit; ++n) ours = ours || name == describe(NodeId{n});
    if (!ours) {
      fail(path_, "holds other files (" + name +
                      ") and no cluster.json; name an empty or a new "
                      "directory");
    }
    if (entry.is_directory()) fs::remove_all(entry.path());
  }
  try {
    for (std::uint32_t n = 1; n <= nodes_; ++n) {
      storage::Store::create(store_of(path_, n), {cluster_, n, nodes_, accounts_});
    }
  } catch (const storage::StoreError& error) {
    throw StartError(error.what());
  }
  write();
}

void DataDirectory::write() const {
  const nlohmann::ordered_json json{{"paxbank_data", format},
                                    {"cluster", cluster_},
                                    {"nodes", nodes_},
                                    {"accounts", accounts_},
                                    {"starts", starts_}};
  replace(path_ / "cluster.json", json.dump() + "\n");
}

std::uint64_t DataDirectory::next_start() {
  const std::uint64_t start = starts_++;
  write();
  return start;
}

}  // namespace paxbank::cluster
