#include "paxbank/storage/store.hpp"

#include "paxbank/core/describe.hpp"
#include "paxbank/storage/record.hpp"

#include <algorithm>
#include <optional>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <sstream>
#include <utility>

namespace paxbank::storage {
namespace {

/// The form of what is stored.
constexpr std::uint64_t format = 1;

const rocksdb::Slice identity_key = "identity";
const rocksdb::Slice ballots_key = "ballots";
const rocksdb::Slice checkpoint_key = "checkpoint";
constexpr std::string_view record_prefix = "entries ";

/// Numbers in keys stand with their highest byte first, as keys are ordered by their bytes.
std::string record_key(std::uint64_t number) {
  std::string key(record_prefix);
  for (int shift = 56; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(number >> static_cast<unsigned>(shift)));
  }
  return key;
}

std::optional<std::uint64_t> record_number(std::string_view key) {
  if (!key.starts_with(record_prefix) || key.size() != record_prefix.size() + 8)
    return std::nullopt;
  std::uint64_t number = 0;
  for (const char byte : key.substr(record_prefix.size())) {
    number = number << 8U | static_cast<unsigned char>(byte);
  }
  return number;
}

std::string to_bytes(const Identity& identity) {
  std::ostringstream text;
  text << "paxbank " << format << ' ' << identity.cluster << ' ' << identity.node << ' '
       << identity.nodes << ' ' << identity.accounts;
  return text.str();
}

std::optional<Identity> to_identity(const std::string& bytes) {
  std::istringstream text(bytes);
  std::string name;
  std::uint64_t version = 0;
  Identity identity;
  text >> name >> version >> identity.cluster >> identity.node >> identity.nodes >>
      identity.accounts;
  if (!text || name != "paxbank" || version != format) return std::nullopt;
  return identity;
}

rocksdb::Options options() {
  rocksdb::Options options;
  options.create_if_missing = false;
  // A batch that a crash tore is left out; any other damage is told, and not passed over.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  // Most of what is written is deleted before it would leave the memory for a table.
  options.write_buffer_size = std::size_t{8} << 20U;
  options.max_write_buffer_number = 2;
  options.max_total_wal_size = std::uint64_t{24} << 20U;
  options.compression = rocksdb::kNoCompression;
  options.max_background_jobs = 1;
  options.max_open_files = 64;
  options.keep_log_file_num = 1;
  options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

SequenceNumber last_of(const std::vector<AcceptedEntry>& accepted,
                       const std::vector<AcceptedEntry>& learned) {
  SequenceNumber last;
  for (const auto* entries : {&accepted, &learned}) {
    for (const AcceptedEntry& entry : *entries) last = std::max(last, entry.sequence);
  }
  return last;
}

/// A database that is made anew where one has been would have forgotten all promises.
const std::filesystem::path& there(const std::filesystem::path& directory) {
  if (std::filesystem::exists(directory / "CURRENT")) return directory;
  throw StoreError(
      directory.string() +
      ": is missing, or not whole; a node must not come back without what it promised. "
      "Put the folder back, or go on with the other nodes");
}

}  // namespace

std::string Identity::text() const {
  return describe(NodeId{node}) + " of " + std::to_string(nodes) + " nodes with " +
         std::to_string(accounts) + " accounts, cluster " + std::to_string(cluster);
}

/// The database: all that sees RocksDB.
class Store::Engine {
 public:
  enum class Mode { create, write, read };

  Engine(const std::filesystem::path& directory, Mode mode) : directory_(directory) {
    rocksdb::Options chosen = options();
    chosen.create_if_missing = mode == Mode::create;
    rocksdb::DB* db = nullptr;
    check(mode == Mode::read ? rocksdb::DB::OpenForReadOnly(chosen, directory.string(), &db)
                             : rocksdb::DB::Open(chosen, directory.string(), &db));
    db_.reset(db);
  }

  std::optional<std::string> get(const rocksdb::Slice& key) {
    std::string value;
    const rocksdb::Status status = db_->Get({}, key, &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status);
    return value;
  }

  /// Visits the records in their order.
  template <class Visit>
  void for_each_record(Visit visit) {
    const std::unique_ptr<rocksdb::Iterator> record(db_->NewIterator({}));
    for (record->Seek(record_key(0)); record->Valid(); record->Next()) {
      const auto number = record_number(record->key().ToStringView());
      if (!number) break;
      visit(*number, record->value().ToStringView());
    }
    check(record->status());
  }

  void write(rocksdb::WriteBatch& batch, bool sync) {
    rocksdb::WriteOptions chosen;
    chosen.sync = sync;
    check(db_->Write(chosen, &batch));
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw StoreError(directory_.string() + ": " + what);
  }

 private:
  void check(const rocksdb::Status& status) const {
    if (!status.ok()) fail(status.ToString());
  }

  std::filesystem::path directory_;
  std::unique_ptr<rocksdb::DB> db_;
};

void Store::create(const std::filesystem::path& directory, const Identity& identity) {
  Engine engine(directory, Engine::Mode::create);
  if (engine.get(identity_key)) return;
  rocksdb::WriteBatch batch;
  batch.Put(identity_key, to_bytes(identity));
  engine.write(batch, /*sync=*/true);
}

Store::Store(const std::filesystem::path& directory, const Identity& identity,
             Durability durability)
    : directory_(there(directory)),
      durability_(durability),
      engine_(std::make_unique<Engine>(directory, Engine::Mode::write)) {
  read_identity();
  if (identity_ != identity) {
    engine_->fail("holds what " + identity_.text() + " kept; this is " + identity.text());
  }
}

Store::Store(const std::filesystem::path& directory)
    : directory_(there(directory)),
      engine_(std::make_unique<Engine>(directory, Engine::Mode::read)) {
  read_identity();
}

Store::~Store() = default;

void Store::read_identity() {
  const auto bytes = engine_->get(identity_key);
  const auto found = bytes ? to_identity(*bytes) : std::nullopt;
  if (!found) engine_->fail("is not what a node of this version of paxbank keeps");
  identity_ = *found;
}

Acceptor Store::recover(const BankConfig& bank) {
  Persist state;
  if (const auto bytes = engine_->get(ballots_key)) {
    const auto ballots = decode_ballots(*bytes);
    if (!ballots) engine_->fail("what was promised cannot be read");
    state.promised = promised_ = ballots->promised;
    state.view = view_ = ballots->view;
  }
  if (const auto bytes = engine_->get(checkpoint_key)) {
    const auto checkpoint = decode_checkpoint(*bytes);
    StateMachine machine(bank);
    if (!checkpoint || !machine.restore(*checkpoint))
      engine_->fail("the checkpoint cannot be read");
    state.checkpoint = std::make_shared<const StateMachine>(std::move(machine));
  }
  Acceptor acceptor(bank);
  acceptor.apply(state);
  engine_->for_each_record([&](std::uint64_t number, std::string_view bytes) {
    auto entries = decode_entries(bytes);
    if (!entries) engine_->fail("record " + std::to_string(number) + " cannot be read");
    records_.push_back({number, last_of(entries->accepted, entries->learned)});
    Persist changes;
    changes.accepted = std::move(entries->accepted);
    changes.learned = std::move(entries->learned);
    acceptor.apply(changes);
  });
  if (!records_.empty()) next_ = records_.back().number + 1;
  return acceptor;
}

void Store::write(const Persist& batch) {
  rocksdb::WriteBatch writes;
  if (batch.promised || batch.view) {
    promised_ = batch.promised.value_or(promised_);
    view_ = batch.view.value_or(view_);
    encode(Ballots{promised_, view_}, bytes_);
    writes.Put(ballots_key, bytes_);
  }
  if (!batch.accepted.empty() || !batch.learned.empty()) {
    encode(batch.accepted, batch.learned, bytes_);
    writes.Put(record_key(next_), bytes_);
    records_.push_back({next_++, last_of(batch.accepted, batch.learned)});
  }
  if (batch.checkpoint != nullptr) {
    encode(batch.checkpoint->to_checkpoint({identity_.node}), bytes_);
    writes.Put(checkpoint_key, bytes_);
    const std::uint64_t end = drop_until(batch.checkpoint->executed());
    if (end > 0) writes.DeleteRange(record_key(0), record_key(end));
  }
  engine_->write(writes, durability_ == Durability::power);
}

std::uint64_t Store::bytes() const {
  std::uint64_t bytes = 0;
  std::error_code gone;  // files come and go meanwhile
  for (const auto& file : std::filesystem::directory_iterator(directory_, gone)) {
    const std::uintmax_t size = file.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

/// Forgets the oldest records, as far as a checkpoint stands for all that they name. Returns the
/// number after the last of them; 0 for none.
std::uint64_t Store::drop_until(SequenceNumber base) {
  std::uint64_t end = 0;
  while (!records_.empty() && records_.front().last <= base) {
    end = records_.front().number + 1;
    records_.pop_front();
  }
  return end;
}

}  // namespace paxbank::storage
