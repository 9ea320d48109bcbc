#include "paxbank/storage/record.hpp"

#include <cstring>

namespace paxbank::storage {
namespace {

// What is left out of an entry, as the one before says it already.
constexpr unsigned same_ballot = 1;
constexpr unsigned next_slot = 2;
constexpr unsigned is_request = 4;
constexpr unsigned own_account = 8;  ///< the sender's account has the client's name

/// Appends to a string through a pointer: a node writes half a million entries a second.
class Writer {
 public:
  explicit Writer(std::string& bytes) : bytes_(bytes) { bytes_.clear(); }
  ~Writer() { bytes_.resize(size_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Makes room for an item: all that is written until the next one.
  void begin() {
    if (bytes_.size() - size_ < item_limit) bytes_.resize(2 * bytes_.size() + item_limit);
  }
  void byte(unsigned value) { bytes_[size_++] = static_cast<char>(value); }
  /// Seven bits a byte, the lowest first (LEB128).
  void number(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<unsigned>(value & 0x7F) | 0x80);
      value >>= 7U;
    }
    byte(static_cast<unsigned>(value));
  }
  /// Small ones short, whatever their sign.
  void whole(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63U));
  }
  void name(const Name& name) {
    const std::string_view text = name.view();
    byte(static_cast<unsigned>(text.size()));
    std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void ballot(Ballot ballot) {
    number(ballot.round);
    number(ballot.node.value);
  }

 private:
  static constexpr std::size_t item_limit = 128;  ///< more than any item takes

  std::string& bytes_;
  std::size_t size_ = 0;
};

/// Reads what Writer wrote. After a fault everything reads as 0, and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  /// All has been read, and nothing was wrong.
  [[nodiscard]] bool complete() const { return ok_ && bytes_.empty(); }

  unsigned byte() {
    if (bytes_.empty()) return fail();
    const auto value = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const unsigned part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7FU) << shift;
      if (part < 0x80) return value;
    }
    return fail();
  }
  std::int64_t whole() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1U ^ (~(value & 1U) + 1));
  }
  Name name() {
    const std::size_t size = byte();
    const std::string_view text = bytes_.substr(0, size);
    if (size > Name::size_limit || text.size() < size || text.find('\0') != text.npos) {
      fail();
      return {};
    }
    bytes_.remove_prefix(size);
    return Name(text);
  }
  Ballot ballot() {
    const std::uint64_t round = number();
    const std::uint64_t node = number();
    if (round >= round_limit || node > nodes_limit) fail();
    return {round, {static_cast<std::uint32_t>(node)}};
  }
  SequenceNumber sequence() { return {number()}; }
  /// How many items follow: no more than there are bytes.
  std::uint64_t count() {
    const std::uint64_t count = number();
    return count > bytes_.size() ? fail() : count;
  }

 private:
  unsigned fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

void write_entries(Writer& writer, const std::vector<AcceptedEntry>& entries) {
  writer.begin();
  writer.number(entries.size());
  AcceptedEntry before{};
  for (const AcceptedEntry& entry : entries) {
    const auto* request = std::get_if<Request>(&entry.command);
    const bool named =
        request != nullptr && request->client.value == request->transaction.from.value;
    const unsigned what = (entry.ballot == before.ballot ? same_ballot : 0) |
                          (entry.sequence == before.sequence.next() ? next_slot : 0) |
                          (request != nullptr ? is_request : 0) | (named ? own_account : 0);
    writer.begin();
    writer.byte(what);
    if ((what & same_ballot) == 0) writer.ballot(entry.ballot);
    if ((what & next_slot) == 0) writer.number(entry.sequence.value);
    if (request != nullptr) {
      writer.name(request->client.value);
      writer.whole(request->timestamp.value);
      if (!named) writer.name(request->transaction.from.value);
      writer.name(request->transaction.to.value);
      writer.whole(request->transaction.amount.value);
    }
    before.ballot = entry.ballot;
    before.sequence = entry.sequence;
  }
}

std::vector<AcceptedEntry> read_entries(Reader& reader) {
  std::vector<AcceptedEntry> entries;
  const std::uint64_t count = reader.count();
  AcceptedEntry entry{};
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const unsigned what = reader.byte();
    if ((what & same_ballot) == 0) entry.ballot = reader.ballot();
    entry.sequence = (what & next_slot) == 0 ? reader.sequence() : entry.sequence.next();
    entry.command = NoOp{};
    if ((what & is_request) != 0) {
      Request request;
      request.client = {reader.name()};
      request.timestamp = {reader.whole()};
      request.transaction.from = {(what & own_account) != 0 ? request.client.value : reader.name()};
      request.transaction.to = {reader.name()};
      request.transaction.amount = {reader.whole()};
      entry.command = request;
    }
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace

void encode(const Ballots& ballots, std::string& bytes) {
  Writer writer(bytes);
  writer.begin();
  writer.ballot(ballots.promised);
  writer.ballot(ballots.view);
}

std::optional<Ballots> decode_ballots(std::string_view bytes) {
  Reader reader(bytes);
  Ballots ballots;
  ballots.promised = reader.ballot();
  ballots.view = reader.ballot();
  if (!reader.complete() || ballots.view > ballots.promised) return std::nullopt;
  return ballots;
}

void encode(const std::vector<AcceptedEntry>& accepted, const std::vector<AcceptedEntry>& learned,
            std::string& bytes) {
  Writer writer(bytes);
  write_entries(writer, accepted);
  write_entries(writer, learned);
}

std::optional<Entries> decode_entries(std::string_view bytes) {
  Reader reader(bytes);
  Entries entries;
  entries.accepted = read_entries(reader);
  entries.learned = read_entries(reader);
  if (!reader.complete()) return std::nullopt;
  return entries;
}

void encode(const Checkpoint& checkpoint, std::string& bytes) {
  Writer writer(bytes);
  writer.begin();
  writer.number(checkpoint.node.value);
  writer.number(checkpoint.sequence.value);
  writer.number(checkpoint.balances.size());
  for (const auto& [account, balance] : checkpoint.balances) {
    writer.begin();
    writer.name(account.value);
    writer.whole(balance.value);
  }
  writer.begin();
  writer.number(checkpoint.sessions.size());
  for (const auto& [client, session] : checkpoint.sessions) {
    writer.begin();
    writer.name(client.value);
    writer.whole(session.timestamp.value);
    writer.byte(session.result == Result::success ? 1 : 0);
    writer.number(session.sequence.value);
  }
}

std::optional<Checkpoint> decode_checkpoint(std::string_view bytes) {
  Reader reader(bytes);
  Checkpoint checkpoint;
  checkpoint.node = {static_cast<std::uint32_t>(reader.number())};
  checkpoint.sequence = reader.sequence();
  for (std::uint64_t left = reader.count(); left > 0 && reader.ok(); --left) {
    const AccountId account{reader.name()};
    checkpoint.balances.emplace_back(account, Amount{reader.whole()});
  }
  for (std::uint64_t left = reader.count(); left > 0 && reader.ok(); --left) {
    const ClientId client{reader.name()};
    Session session;
    session.timestamp = {reader.whole()};
    session.result = reader.byte() == 1 ? Result::success : Result::failed;
    session.sequence = reader.sequence();
    checkpoint.sessions.emplace_back(client, session);
  }
  if (!reader.complete()) return std::nullopt;
  return checkpoint;
}

}  // namespace paxbank::storage
