#pragma once

#include "paxbank/cluster/launcher.hpp"
#include "paxbank/cluster/settings.hpp"
#include "paxbank/storage/store.hpp"

#include <cstdint>
#include <filesystem>

namespace paxbank::cluster {

/// Where the nodes of a cluster keep what must outlive them: a store for each, and `cluster.json`,
/// which says whose they are. `cluster.json` is written last, so where it is, all stores have been:
/// a node whose store is missing then must not come back without what it promised.
class DataDirectory {
 public:
  /// Opens the directory that the user names, or makes it; without a name, one of the run's own,
  /// which goes with it. Throws StartError: used by another run, another cluster's, no room, no
  /// permission.
  explicit DataDirectory(const Settings& settings);
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;
  ~DataDirectory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::uint64_t cluster() const { return cluster_; }

  /// Counts one more start of the clients, from 0 on; no two starts have the same number, whatever
  /// ends when. Throws StartError.
  std::uint64_t next_start();

 private:
  void read(const Settings& settings);
  void make(const Settings& settings);
  void write() const;

  std::filesystem::path path_;
  bool temporary_;
  Descriptor lock_;
  std::uint32_t nodes_ = 0;
  std::uint32_t accounts_ = 0;
  std::uint64_t cluster_ = 0;
  std::uint64_t starts_ = 0;
};

/// Where a node keeps its store.
[[nodiscard]] std::filesystem::path store_of(const std::filesystem::path& data, std::uint32_t node);

}  // namespace paxbank::cluster
