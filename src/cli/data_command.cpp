#include "paxbank/cli/data_command.hpp"

#include "paxbank/cli/exit.hpp"
#include "paxbank/cluster/data_directory.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/storage/store.hpp"

#include <ostream>
#include <vector>

namespace paxbank::cli {
namespace {

namespace fs = std::filesystem;

/// A node's folder, or those in a data directory; none if it is neither.
std::vector<fs::path> stores_in(const fs::path& directory) {
  if (fs::exists(directory / "CURRENT")) return {directory};
  std::vector<fs::path> stores;
  for (std::uint32_t n = 1; n <= nodes_limit; ++n) {
    const fs::path store = cluster::store_of(directory, n);
    if (fs::is_directory(store)) stores.push_back(store);
  }
  return stores;
}

void write_checkpoint(std::ostream& out, const Checkpoint& checkpoint) {
  if (checkpoint.sequence == SequenceNumber{}) {
    out << "  checkpoint    none: the log begins at 1\n";
    return;
  }
  out << "  checkpoint    at " << checkpoint.sequence.value << ": " << checkpoint.balances.size()
      << " balances, " << checkpoint.sessions.size() << " clients\n";
  for (const auto& [account, balance] : checkpoint.balances) {
    out << "    " << account.value.view() << " " << balance.value << "\n";
  }
}

void write(std::ostream& out, const fs::path& folder) {
  storage::Store store(folder);
  const Acceptor acceptor = store.recover(bank_of(store.identity().accounts));
  out << folder.string() << ": " << store.identity().text() << ", " << store.bytes() << " bytes\n";
  out << "  promised      " << describe(acceptor.promised()) << "\n";
  out << "  entered view  " << describe(acceptor.view()) << "\n";
  write_checkpoint(out, acceptor.checkpoint().to_checkpoint({store.identity().node}));
  const AcceptLog& log = acceptor.log();
  out << "  entries       ";
  if (log.last() == log.base()) {
    out << "none\n";
    return;
  }
  out << log.base().next().value << " to " << log.last().value << "\n";
  for (SequenceNumber s = log.base().next(); s <= log.last(); s = s.next()) {
    out << "    " << s.value << "  ";
    const LogEntry* entry = log.find(s);
    if (entry == nullptr) {
      out << "nothing\n";
    } else {
      out << describe(entry->ballot) << "  " << describe(entry->command) << "\n";
    }
  }
}

}  // namespace

int inspect_data(const fs::path& directory, std::ostream& out, std::ostream& err) {
  const std::vector<fs::path> stores = stores_in(directory);
  if (stores.empty()) {
    err << "paxbank: " << directory.string()
        << ": found nothing that nodes keep, expected the DIR of --data-dir, or a node's folder in "
           "it\n";
    return exit_usage;
  }
  int status = exit_ok;
  for (const fs::path& store : stores) {
    try {
      write(out, store);
    } catch (const storage::StoreError& error) {
      err << "paxbank: " << error.what() << "\n";
      status = exit_broken;
    }
  }
  return status;
}

}  // namespace paxbank::cli
