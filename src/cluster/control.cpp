#include "paxbank/cluster/control.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/wire/codec.hpp"

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace paxbank::cluster {

using Json = nlohmann::json;

ControlChannel::ControlChannel(asio::io_context& io, int descriptor, Handler handler)
    : connection_(
          std::make_shared<net::Connection>(net::Socket(asio::local::stream_protocol::socket(
                                                io, asio::local::stream_protocol(), descriptor)),
                                            "launcher")) {
  connection_->start({[this, handler = std::move(handler)](std::string_view line) {
                        const Json order = Json::parse(line);
                        Json result = handler(order);
                        if (!result.is_null()) answer(order.at("id"), std::move(result));
                      },
                      {},
                      // Without its launcher a child has nothing left to do.
                      [&io](const std::string&) { io.stop(); }});
}

void ControlChannel::answer(std::uint64_t id, Json answer) {
  answer["id"] = id;
  push(answer);
}

void ControlChannel::push(const Json& report) { connection_->send(report.dump() + "\n"); }

Json to_control(const Ballot& ballot) { return Json::array({ballot.round, ballot.node.value}); }

Ballot ballot_from_control(const Json& json) {
  return {json.at(0).get<std::uint64_t>(), {json.at(1).get<std::uint32_t>()}};
}

Json to_control(const ReplicaStatus& status) {
  return {{"role", static_cast<int>(status.role)},
          {"connected", status.connected},
          {"paused", status.paused},
          {"promised", to_control(status.promised)},
          {"follows", status.follows ? to_control(*status.follows) : Json()},
          {"committed", status.committed.value},
          {"executed", status.executed.value},
          {"last", status.last.value},
          {"base", status.base.value},
          {"in_flight", status.in_flight},
          {"pending", status.pending}};
}

ReplicaStatus status_from_control(const Json& json) {
  ReplicaStatus status;
  status.role = static_cast<RoleName>(json.at("role").get<int>());
  status.connected = json.at("connected").get<bool>();
  status.paused = json.at("paused").get<bool>();
  status.promised = ballot_from_control(json.at("promised"));
  if (!json.at("follows").is_null()) status.follows = ballot_from_control(json.at("follows"));
  status.committed = {json.at("committed").get<std::uint64_t>()};
  status.executed = {json.at("executed").get<std::uint64_t>()};
  status.last = {json.at("last").get<std::uint64_t>()};
  status.base = {json.at("base").get<std::uint64_t>()};
  status.in_flight = json.at("in_flight").get<std::uint64_t>();
  status.pending = json.at("pending").get<std::uint64_t>();
  return status;
}

Json to_control(const Transaction& transaction) {
  return Json::array(
      {transaction.from.value.str(), transaction.to.value.str(), transaction.amount.value});
}

Transaction transaction_from_control(const Json& json) {
  return {{json.at(0).get<std::string>()},
          {json.at(1).get<std::string>()},
          {json.at(2).get<std::int64_t>()}};
}

namespace {

Json command_to_control(const Command& command) {
  const auto* request = std::get_if<Request>(&command);
  if (request == nullptr) return nullptr;
  return Json::array(
      {request->client.value.str(), request->timestamp.value, to_control(request->transaction)});
}

Command command_from_control(const Json& json) {
  if (json.is_null()) return NoOp{};
  return Request{{json.at(0).get<std::string>()},
                 {json.at(1).get<std::int64_t>()},
                 transaction_from_control(json.at(2))};
}

}  // namespace

Json to_control(const Answer& answer) {
  return {{"request", command_to_control(answer.request)},
          {"success", answer.result == Result::success},
          {"sequence", answer.sequence.value},
          {"latency_us", answer.latency.count()}};
}

Answer answer_from_control(const Json& json) {
  return {std::get<Request>(command_from_control(json.at("request"))),
          json.at("success").get<bool>() ? Result::success : Result::failed,
          {json.at("sequence").get<std::uint64_t>()},
          Duration(json.at("latency_us").get<std::int64_t>())};
}

Json to_control(const std::vector<LogLine>& lines) {
  Json list = Json::array();
  for (const LogLine& line : lines) {
    list.push_back(
        Json::array({line.sequence.value, to_control(line.entry.ballot),
                     command_to_control(line.entry.command), static_cast<int>(line.entry.status)}));
  }
  return list;
}

std::vector<LogLine> log_from_control(const Json& json) {
  std::vector<LogLine> lines;
  for (const Json& item : json) {
    lines.push_back({{item.at(0).get<std::uint64_t>()},
                     {ballot_from_control(item.at(1)), command_from_control(item.at(2)),
                      static_cast<Status>(item.at(3).get<int>())}});
  }
  return lines;
}

Json to_control(const AcceptedEntry& entry) {
  return Json::array(
      {to_control(entry.ballot), entry.sequence.value, command_to_control(entry.command)});
}

AcceptedEntry accepted_entry_from_control(const Json& json) {
  return {ballot_from_control(json.at(0)),
          {json.at(1).get<std::uint64_t>()},
          command_from_control(json.at(2))};
}

Json to_control(const JournalEntry& entry) {
  Json json{{"time_us", entry.time.time_since_epoch().count()},
            {"sent", entry.sent},
            {"message", wire::encode(entry.message)}};
  if (const auto* node = std::get_if<NodeId>(&entry.peer)) json["node"] = node->value;
  if (const auto* client = std::get_if<ClientId>(&entry.peer)) json["client"] = client->value.str();
  return json;
}

Message message_from_control(const Json& json) {
  auto decoded = wire::decode(json.get_ref<const std::string&>(), nodes_limit);
  PAXBANK_ASSERT(std::holds_alternative<Message>(decoded),
                 "a child sends what it took for a message");
  return std::get<Message>(std::move(decoded));
}

JournalEntry journal_entry_from_control(const Json& json) {
  JournalEntry entry{TimePoint(Duration(json.at("time_us").get<std::int64_t>())),
                     json.at("sent").get<bool>(), AllNodes{},
                     message_from_control(json.at("message"))};
  if (json.contains("node")) entry.peer = NodeId{json.at("node").get<std::uint32_t>()};
  if (json.contains("client")) entry.peer = ClientId{json.at("client").get<std::string>()};
  return entry;
}

}  // namespace paxbank::cluster
