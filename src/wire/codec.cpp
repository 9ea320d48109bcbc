#include "paxbank/wire/codec.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace paxbank::wire {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

/// No message nests deeper; a long line that does is refused before it takes memory.
constexpr int depth_limit = 8;
/// Of an unknown type no more is repeated.
constexpr std::size_t type_limit = 64;
constexpr std::size_t short_line = std::size_t{64} << 10U;

struct DecodeError {
  std::string reason;
};

/// Reads the fields of one document, with words for whatever is wrong.
class Reader {
 public:
  Reader(const Json& document, std::uint32_t nodes) : document_(document), nodes_(nodes) {}

  void set_type(std::string type) { type_ = std::move(type); }

  [[noreturn]] void fail(const std::string& field, const std::string& expected) const {
    const std::string where = type_.empty() ? "" : type_ + ": ";
    throw DecodeError{where + "field \"" + field + "\" must be " + expected};
  }

  [[nodiscard]] bool has(const char* name) const { return document_.contains(name); }

  [[nodiscard]] const Json& field(const char* name) const {
    const auto found = document_.find(name);
    if (found == document_.end()) {
      throw DecodeError{(type_.empty() ? "" : type_ + ": ") + "field \"" + name + "\" is missing"};
    }
    return *found;
  }

  [[nodiscard]] std::int64_t whole(const Json& value, const char* name, std::int64_t low,
                                   std::int64_t high) const {
    const bool too_big = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() >
                             static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value.is_number_integer() || too_big || value.get<std::int64_t>() < low ||
        value.get<std::int64_t>() > high) {
      fail(name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return value.get<std::int64_t>();
  }

  [[nodiscard]] std::int64_t any_whole(const Json& value, const char* name) const {
    return whole(value, name, std::numeric_limits<std::int64_t>::min(),
                 std::numeric_limits<std::int64_t>::max());
  }

  [[nodiscard]] NodeId node(const Json& value, const char* name) const {
    return {static_cast<std::uint32_t>(whole(value, name, 1, nodes_))};
  }

  [[nodiscard]] Ballot ballot(const Json& value, const char* name) const {
    if (!value.is_array() || value.size() != 2) fail(name, "[round, node]");
    const auto limit = static_cast<std::int64_t>(round_limit) - 1;
    return {static_cast<std::uint64_t>(whole(value[0], name, 1, limit)), node(value[1], name)};
  }

  [[nodiscard]] SequenceNumber sequence(const Json& value, const char* name,
                                        std::int64_t low = 1) const {
    return {static_cast<std::uint64_t>(
        whole(value, name, low, static_cast<std::int64_t>(sequence_limit)))};
  }

  [[nodiscard]] std::string name(const Json& value, const char* field) const {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr || !is_name(*text)) {
      fail(field, "a name of 1 to " + std::to_string(Name::size_limit) +
                      " bytes without control characters");
    }
    return *text;
  }

  [[nodiscard]] Transaction transaction(const Json& value, const char* field) const {
    if (!value.is_array() || value.size() != 3) fail(field, "[from, to, amount]");
    return {{name(value[0], field)}, {name(value[1], field)}, {any_whole(value[2], field)}};
  }

  [[nodiscard]] Result result(const Json& value, const char* field) const {
    if (value != "success" && value != "failed") fail(field, "\"success\" or \"failed\"");
    return value == "success" ? Result::success : Result::failed;
  }

  [[nodiscard]] Command command(const Json& value, const char* field) const {
    if (value == "no-op") return NoOp{};
    if (!value.is_object()) fail(field, "a request or \"no-op\"");
    Reader inner(value, nodes_);
    inner.set_type(type_ + ": " + field);
    return inner.request();
  }

  [[nodiscard]] Request request() const {
    return {{name(field("client_id"), "client_id")},
            {any_whole(field("timestamp"), "timestamp")},
            transaction(field("transaction"), "transaction")};
  }

  [[nodiscard]] const Json& list(const char* name) const {
    const Json& value = field(name);
    if (!value.is_array()) fail(name, "a list");
    return value;
  }

  /// `request`, or `requests` for slots in a row.
  [[nodiscard]] std::vector<Command> commands() const {
    if (!has("requests")) return {command(field("request"), "request")};
    std::vector<Command> commands;
    for (const Json& item : list("requests")) commands.push_back(command(item, "requests"));
    if (commands.empty()) fail("requests", "a list of at least one request");
    return commands;
  }

  /// The last of the slots that a message speaks of; where it is not said, there is but one.
  [[nodiscard]] SequenceNumber through() const {
    if (!has("through")) return sequence_number();
    const SequenceNumber through = sequence(field("through"), "through");
    if (through < sequence_number()) fail("through", "at least sequence_number");
    return through;
  }

  [[nodiscard]] std::vector<AcceptedEntry> accept_log() const {
    std::vector<AcceptedEntry> entries;
    for (const Json& item : list("accept_log")) {
      if (!item.is_array() || item.size() != 3) {
        fail("accept_log", "a list of [ballot, sequence number, command]");
      }
      entries.push_back({ballot(item[0], "accept_log"), sequence(item[1], "accept_log"),
                         command(item[2], "accept_log")});
    }
    return entries;
  }

  [[nodiscard]] Ballot ballot() const { return ballot(field("ballot"), "ballot"); }
  [[nodiscard]] NodeId node_id() const { return node(field("node_id"), "node_id"); }
  [[nodiscard]] SequenceNumber sequence_number() const {
    return sequence(field("sequence_number"), "sequence_number");
  }

 private:
  const Json& document_;
  std::uint32_t nodes_;
  std::string type_;
};

Message read_promise(const Reader& in) {
  Promise promise{in.ballot(), in.node_id(), {1}, std::nullopt, in.accept_log()};
  if (in.has("from_sequence")) {
    promise.from_sequence = in.sequence(in.field("from_sequence"), "from_sequence");
  }
  if (in.has("next_sequence")) {
    promise.next_sequence = in.sequence(in.field("next_sequence"), "next_sequence");
  }
  return promise;
}

Message read_accept(const Reader& in) {
  Accept accept{in.ballot(), in.sequence_number(), in.commands(), {}};
  if (in.has("committed")) accept.committed = in.sequence(in.field("committed"), "committed", 0);
  return accept;
}

Message read_commit(const Reader& in) {
  Commit commit{in.ballot(), in.sequence_number(), {}, {}};
  if (in.has("through")) {
    commit.through = in.through();
  } else {
    commit.commands = in.commands();
    commit.through = {commit.sequence.value + commit.commands.size() - 1};
  }
  return commit;
}

Message read_checkpoint(const Reader& in) {
  Checkpoint checkpoint{in.node_id(), in.sequence_number(), {}, {}};
  for (const Json& item : in.list("balances")) {
    if (!item.is_array() || item.size() != 2) in.fail("balances", "a list of [account, balance]");
    checkpoint.balances.emplace_back(AccountId{in.name(item[0], "balances")},
                                     Amount{in.any_whole(item[1], "balances")});
  }
  for (const Json& item : in.list("sessions")) {
    if (!item.is_array() || item.size() != 4) {
      in.fail("sessions", "a list of [client, timestamp, result, sequence number]");
    }
    checkpoint.sessions.emplace_back(ClientId{in.name(item[0], "sessions")},
                                     Session{{in.any_whole(item[1], "sessions")},
                                             in.result(item[2], "sessions"),
                                             in.sequence(item[3], "sessions")});
  }
  return checkpoint;
}

Message read_reply(const Reader& in) {
  Reply reply;
  reply.ballot = in.ballot();
  reply.client = {in.name(in.field("client_id"), "client_id")};
  reply.timestamp = {in.any_whole(in.field("timestamp"), "timestamp")};
  reply.result = in.result(in.field("result"), "result");
  if (in.has("sequence_number")) reply.sequence = in.sequence_number();
  return reply;
}

Message read_heartbeat(const Reader& in) {
  Heartbeat heartbeat{in.ballot(),
                      in.node_id(),
                      in.sequence(in.field("committed"), "committed", 0),
                      in.sequence(in.field("executed"), "executed", 0),
                      true,
                      {}};
  if (in.has("stable")) heartbeat.stable = in.sequence(in.field("stable"), "stable", 0);
  if (in.has("in_view")) {
    const Json& in_view = in.field("in_view");
    if (!in_view.is_boolean()) in.fail("in_view", "true or false");
    heartbeat.in_view = in_view.get<bool>();
  }
  return heartbeat;
}

Hello read_hello(const Reader& in) {
  if (in.has("node_id")) return {in.node_id()};
  const Json& list = in.field("client_ids");
  if (!list.is_array() || list.size() > 65'536) in.fail("client_ids", "a list of names");
  std::vector<ClientId> clients;
  for (const Json& item : list) clients.push_back({in.name(item, "client_ids")});
  return {std::move(clients)};
}

Decoded read(const Json& document, std::uint32_t nodes) {
  if (!document.is_object()) throw DecodeError{"not a JSON object"};
  Reader in(document, nodes);
  const Json& type_field = in.field("type");
  if (!type_field.is_string()) in.fail("type", "a string");
  const auto& type = type_field.get_ref<const std::string&>();
  if (type.size() <= type_limit) in.set_type(type);
  if (type == "PREPARE") {
    return Prepare{in.ballot(), in.sequence(in.field("from_sequence"), "from_sequence")};
  }
  if (type == "PROMISE") return read_promise(in);
  if (type == "NEW_VIEW") return NewView{in.ballot(), in.accept_log()};
  if (type == "ACCEPT") return read_accept(in);
  if (type == "ACCEPTED") {
    return Accepted{in.ballot(), in.sequence_number(), in.through(), in.node_id()};
  }
  if (type == "COMMIT") return read_commit(in);
  if (type == "REQUEST") return in.request();
  if (type == "REPLY") return read_reply(in);
  if (type == "HEARTBEAT") return read_heartbeat(in);
  if (type == "CHECKPOINT") return read_checkpoint(in);
  if (type == "HELLO") return read_hello(in);
  throw DecodeError{"unknown type \"" + type.substr(0, type_limit) + "\""};
}

Json parse(std::string_view line) {
  if (line.size() <= short_line) return Json::parse(line);
  return Json::parse(line, [](int depth, Json::parse_event_t, const Json&) {
    if (depth > depth_limit) throw DecodeError{"JSON nested too deeply"};
    return true;
  });
}

void add_commands(Ordered& json, const std::vector<Command>& commands) {
  if (commands.size() == 1) {
    json["request"] = to_json(commands.front());
    return;
  }
  json["requests"] = Ordered::array();
  for (const Command& command : commands) json["requests"].push_back(to_json(command));
}

struct ToJson {
  Ordered operator()(const Prepare& m) const {
    return {{"type", "PREPARE"},
            {"ballot", to_json(m.ballot)},
            {"from_sequence", m.from_sequence.value}};
  }
  Ordered operator()(const Promise& m) const {
    Ordered json{{"type", "PROMISE"},
                 {"ballot", to_json(m.ballot)},
                 {"node_id", m.node.value},
                 {"from_sequence", m.from_sequence.value}};
    if (m.next_sequence) json["next_sequence"] = m.next_sequence->value;
    json["accept_log"] = to_json(m.accept_log);
    return json;
  }
  Ordered operator()(const NewView& m) const {
    return {
        {"type", "NEW_VIEW"}, {"ballot", to_json(m.ballot)}, {"accept_log", to_json(m.accept_log)}};
  }
  Ordered operator()(const Accept& m) const {
    Ordered json{
        {"type", "ACCEPT"}, {"ballot", to_json(m.ballot)}, {"sequence_number", m.sequence.value}};
    add_commands(json, m.commands);
    if (m.committed.value > 0) json["committed"] = m.committed.value;
    return json;
  }
  Ordered operator()(const Accepted& m) const {
    Ordered json{
        {"type", "ACCEPTED"}, {"ballot", to_json(m.ballot)}, {"sequence_number", m.sequence.value}};
    if (m.through != m.sequence) json["through"] = m.through.value;
    json["node_id"] = m.node.value;
    return json;
  }
  Ordered operator()(const Commit& m) const {
    Ordered json{
        {"type", "COMMIT"}, {"ballot", to_json(m.ballot)}, {"sequence_number", m.sequence.value}};
    if (m.commands.empty()) {
      json["through"] = m.through.value;
    } else {
      add_commands(json, m.commands);
    }
    return json;
  }
  Ordered operator()(const Request& m) const {
    Ordered json{{"type", "REQUEST"}};
    json.update(to_json(Command{m}));
    return json;
  }
  Ordered operator()(const Reply& m) const {
    Ordered json{{"type", "REPLY"},
                 {"ballot", to_json(m.ballot)},
                 {"client_id", m.client.value.str()},
                 {"timestamp", m.timestamp.value},
                 {"result", to_string(m.result)}};
    if (m.sequence.value > 0) json["sequence_number"] = m.sequence.value;
    return json;
  }
  Ordered operator()(const Heartbeat& m) const {
    Ordered json{{"type", "HEARTBEAT"},
                 {"ballot", to_json(m.ballot)},
                 {"node_id", m.node.value},
                 {"committed", m.committed.value},
                 {"executed", m.executed.value}};
    if (!m.in_view) json["in_view"] = false;
    if (m.stable.value > 0) json["stable"] = m.stable.value;
    return json;
  }
  Ordered operator()(const Checkpoint& m) const {
    Ordered json{{"type", "CHECKPOINT"},
                 {"node_id", m.node.value},
                 {"sequence_number", m.sequence.value},
                 {"balances", Ordered::array()},
                 {"sessions", Ordered::array()}};
    for (const auto& [account, balance] : m.balances) {
      json["balances"].push_back(Ordered::array({account.value.str(), balance.value}));
    }
    for (const auto& [client, session] : m.sessions) {
      json["sessions"].push_back(
          Ordered::array({client.value.str(), session.timestamp.value, to_string(session.result),
                          session.sequence.value}));
    }
    return json;
  }
};

}  // namespace

Ordered to_json(const Ballot& ballot) { return Ordered::array({ballot.round, ballot.node.value}); }

Ordered to_json(const Transaction& transaction) {
  return Ordered::array(
      {transaction.from.value.str(), transaction.to.value.str(), transaction.amount.value});
}

Ordered to_json(const Command& command) {
  const auto* request = std::get_if<Request>(&command);
  if (request == nullptr) return "no-op";
  return {{"client_id", request->client.value.str()},
          {"timestamp", request->timestamp.value},
          {"transaction", to_json(request->transaction)}};
}

Ordered to_json(const std::vector<AcceptedEntry>& entries) {
  Ordered list = Ordered::array();
  for (const AcceptedEntry& entry : entries) {
    list.push_back(
        Ordered::array({to_json(entry.ballot), entry.sequence.value, to_json(entry.command)}));
  }
  return list;
}

Ordered to_json(const Message& message) { return std::visit(ToJson{}, message); }

bool is_name(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !text.empty() && text.size() <= Name::size_limit &&
         std::none_of(text.begin(), text.end(), control);
}

std::string encode(const Hello& hello) {
  Ordered json{{"type", "HELLO"}};
  if (const auto* node = std::get_if<NodeId>(&hello.who)) {
    json["node_id"] = node->value;
  } else {
    Ordered names = Ordered::array();
    for (const ClientId& client : std::get<std::vector<ClientId>>(hello.who)) {
      names.push_back(client.value.str());
    }
    json["client_ids"] = std::move(names);
  }
  return json.dump() + "\n";
}

Decoded decode(std::string_view line, std::uint32_t nodes) {
  try {
    return read(parse(line), nodes);
  } catch (const DecodeError& error) {
    return Fault{error.reason};
  } catch (const Json::parse_error& error) {
    return Fault{"not JSON (at byte " + std::to_string(error.byte) + " of the line)"};
  } catch (const Json::exception& error) {
    return Fault{std::string("not a message: ") + error.what()};
  }
}

}  // namespace paxbank::wire
