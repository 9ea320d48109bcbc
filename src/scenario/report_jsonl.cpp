#include "paxbank/scenario/report.hpp"
#include "paxbank/wire/codec.hpp"

#include <nlohmann/json.hpp>

namespace paxbank::scenario {
namespace {

using Json = nlohmann::ordered_json;

std::string name(NodeId node) { return "n" + std::to_string(node.value); }

Json nodes(const std::vector<NodeId>& list) {
  Json json = Json::array();
  for (const NodeId node : list) json.push_back(node.value);
  return json;
}

Json accounts(const std::map<AccountId, Amount>& balances) {
  Json json = Json::object();
  for (const auto& [account, balance] : balances) json[account.value.str()] = balance.value;
  return json;
}

Json audit(const AuditReport& report) {
  return {{"agreement", report.agreement},
          {"order", report.order},
          {"exactly_once", report.exactly_once},
          {"conservation", report.conservation}};
}

Json unseen(const AuditReport& report) {
  Json json = Json::object();
  for (const auto& [node, why] : report.unseen) json[name(node)] = why;
  return json;
}

/// In milliseconds with one decimal.
double tenths_of_ms(Duration duration) {
  const auto tenths = (duration.count() + 50) / 100;
  return static_cast<double>(tenths) / 10.0;
}

Json row(Json head, const RowDone& done) {
  head["row"] = done.row;
  head["client"] = done.client.value.str();
  head["transaction"] = wire::to_json(done.transaction);
  head["result"] = to_string(done.outcome);
  head["sequence_number"] = done.answered() ? Json(done.sequence.value) : Json();
  if (!done.answered()) head["why"] = done.why;
  return head;
}

std::string lines(const std::vector<Json>& events) {
  std::string text;
  for (const Json& event : events) {
    text += event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return text;
}

struct NewsToJson {
  Json operator()(const ProcessDeath& n) const {
    return {{"event", "process_died"}, {"process", n.name}, {"how", n.how}};
  }
  Json operator()(const ProcessSilent& n) const {
    return {{"event", "process_silent"}, {"process", n.name}};
  }
  Json operator()(const ProcessAnswers& n) const {
    return {{"event", "process_answers"}, {"process", n.name}};
  }
  Json operator()(const OutputLost& n) const {
    return {{"event", "output_lost"}, {"process", n.name}, {"what", n.what}};
  }
};

struct ToJson {
  std::vector<Json> operator()(const SetBegins&) const { return {}; }
  std::vector<Json> operator()(const LeaderKnown& e) const {
    return {{{"event", "leader"},
             {"set", e.set},
             {"node", e.leader.node.value},
             {"ballot", wire::to_json(e.leader.ballot)}}};
  }
  std::vector<Json> operator()(const RowDone& e) const {
    Json json = row({{"event", "transaction"}, {"set", e.set}}, e);
    json["latency_ms"] = e.answered() ? Json(tenths_of_ms(e.latency)) : Json();
    return {json};
  }
  std::vector<Json> operator()(const Resolved& e) const {
    return {row({{"event", "resolved"}, {"set", e.set}, {"row_set", e.row_set}}, e.row)};
  }
  std::vector<Json> operator()(const LeaderFailed& e) const {
    return {{{"event", "leader_failed"},
             {"set", e.set},
             {"node", e.node ? Json(e.node->value) : Json()},
             {"quorum", e.live.quorum()}}};
  }
  std::vector<Json> operator()(const ConnectionsChanged& e) const {
    return {{{"event", e.connected ? "reconnected" : "disconnected"},
             {"nodes", nodes(e.nodes)},
             {"live_nodes", e.live.count},
             {"quorum", e.live.quorum()}}};
  }
  std::vector<Json> operator()(const Killed& e) const {
    return {{{"event", "killed"},
             {"set", e.set},
             {"nodes", nodes(e.nodes)},
             {"clients", e.clients},
             {"live_nodes", e.live.count},
             {"quorum", e.live.quorum()}}};
  }
  std::vector<Json> operator()(const Restarted& e) const {
    Json failed = Json::object();
    for (const auto& [node, why] : e.failed) failed[name(node)] = why;
    if (!e.clients_failed.empty()) failed["clients"] = e.clients_failed;
    return {{{"event", "restarted"},
             {"set", e.set},
             {"nodes", nodes(e.nodes)},
             {"clients", e.clients},
             {"failed", failed},
             {"live_nodes", e.live.count},
             {"quorum", e.live.quorum()}}};
  }
  std::vector<Json> operator()(const SetEnds& e) const {
    Json balances = Json::object();
    for (const NodeBalances& of : e.balances) {
      balances[name(of.node)] = of.accounts ? accounts(*of.accounts) : Json();
    }
    return {{{"event", "set_end"},
             {"set", e.set},
             {"live", nodes(e.live)},
             {"leader", e.leader ? Json(e.leader->node.value) : Json()},
             {"success", e.tally.success},
             {"failed", e.tally.failed},
             {"timeout", e.tally.timeout},
             {"dropped", e.tally.dropped},
             {"balances", balances}}};
  }
  std::vector<Json> operator()(const Summary& e) const {
    return {{{"event", "summary"},
             {"sets", e.sets},
             {"transactions", e.tally.total()},
             {"success", e.tally.success},
             {"failed", e.tally.failed},
             {"timeout", e.tally.timeout},
             {"dropped", e.tally.dropped},
             {"checks", audit(e.audit)},
             {"unseen", unseen(e.audit)},
             {"not_run", e.not_run},
             {"ok", e.ok}}};
  }
  std::vector<Json> operator()(const ProcessTold& e) const {
    return {std::visit(NewsToJson{}, e.news)};
  }
  std::vector<Json> operator()(const DbShown& e) const {
    std::vector<Json> events;
    for (const NodeBalances& of : e.balances) {
      events.push_back({{"event", "printdb"},
                        {"node", of.node.value},
                        {"balances", of.accounts ? accounts(*of.accounts) : Json()},
                        {"connected", of.connected},
                        {"behind", of.behind}});
    }
    return events;
  }
  std::vector<Json> operator()(const LogShown& e) const {
    Json json{{"event", "printlog"},
              {"node", e.node.value},
              {"begins", e.base.next().value},
              {"log", Json()}};
    if (!e.log) return {json};
    json["log"] = Json::array();
    for (const LogLine& line : *e.log) {
      json["log"].push_back({{"sequence_number", line.sequence.value},
                             {"ballot", wire::to_json(line.entry.ballot)},
                             {"command", wire::to_json(line.entry.command)},
                             {"status", std::string(1, to_letter(line.entry.status))}});
    }
    json["messages"] = Json::array();
    for (const JournalEntry& entry : e.messages.entries) {
      Json peer = "all";
      if (const auto* node = std::get_if<NodeId>(&entry.peer)) peer = name(*node);
      if (const auto* client = std::get_if<ClientId>(&entry.peer)) peer = client->value.str();
      json["messages"].push_back({{"time_us", entry.time.time_since_epoch().count()},
                                  {"direction", entry.sent ? "sent" : "received"},
                                  {"peer", peer},
                                  {"message", wire::to_json(entry.message)}});
    }
    json["messages_dropped"] = e.messages.forgotten;
    json["heartbeats_left_out"] = e.messages.heartbeats_left_out;
    return {json};
  }
  std::vector<Json> operator()(const StatusShown& e) const {
    std::vector<Json> events;
    for (const auto& [node, base, status] : e.statuses) {
      events.push_back({{"event", "printstatus"},
                        {"node", node.value},
                        {"sequence_number", e.sequence.value},
                        {"status", status ? Json(std::string(1, to_letter(*status))) : Json()},
                        {"log_begins", base.next().value}});
    }
    return events;
  }
  std::vector<Json> operator()(const ViewShown& e) const {
    Json json{{"event", "printview"}, {"node", e.node.value}, {"views", Json()}};
    if (!e.views) return {json};
    json["views"] = Json::array();
    for (const View& view : *e.views) {
      json["views"].push_back({{"ballot", wire::to_json(view.ballot)},
                               {"leader", view.ballot.node.value},
                               {"accept_log", wire::to_json(view.entries)}});
    }
    return {json};
  }
  std::vector<Json> operator()(const LeaderShown& e) const {
    Json believers = Json::array();
    for (const LeaderInfo& believer : e.believers) believers.push_back(believer.node.value);
    return {{{"event", "leader"},
             {"set", e.set},
             {"node", e.leader ? Json(e.leader->node.value) : Json()},
             {"ballot", e.leader ? wire::to_json(e.leader->ballot) : Json()},
             {"believers", believers}}};
  }
  std::vector<Json> operator()(const NodesShown& e) const {
    std::vector<Json> events;
    for (const auto& [node, state] : e.nodes) {
      const ReplicaStatus& status = state.status;
      Json json{{"event", "status"},
                {"node", node.value},
                {"port", state.port},
                {"alive", state.alive},
                {"answers", state.known()}};
      if (state.known()) {
        json["state"] = status.connected ? to_string(status.role) : "disconnected";
        json["executed"] = status.executed.value;
        json["committed"] = status.committed.value;
        json["last"] = status.last.value;
        json["promised"] = wire::to_json(status.promised);
        json["follows"] = status.follows ? wire::to_json(*status.follows) : Json();
      }
      events.push_back(json);
    }
    return events;
  }
  std::vector<Json> operator()(const CheckShown& e) const {
    return {{{"event", "check"},
             {"checks", audit(e.audit)},
             {"unseen", unseen(e.audit)},
             {"findings", e.audit.findings},
             {"ok", e.audit.ok()}}};
  }
  std::vector<Json> operator()(const HelpShown&) const {
    Json list = Json::array();
    for (const CommandHelp& line : command_help()) {
      list.push_back({{"command", line.form}, {"what", line.what}});
    }
    return {{{"event", "help"}, {"commands", list}}};
  }
  std::vector<Json> operator()(const Notice& e) const {
    return {{{"event", "notice"}, {"message", e.text}}};
  }
  std::vector<Json> operator()(const Fatal& e) const {
    return {{{"event", "error"}, {"message", e.text}}};
  }
};

}  // namespace

std::string to_jsonl(const ReportEvent& event) { return lines(std::visit(ToJson{}, event)); }

std::string to_mark(const ReportEvent& event) {
  Json mark;
  if (const auto* begins = std::get_if<SetBegins>(&event)) {
    mark = {{"event", "set_begin"}, {"set", begins->set}, {"live", nodes(begins->live)}};
  } else if (const auto* done = std::get_if<RowDone>(&event)) {
    mark = row({{"event", "transaction"}, {"set", done->set}}, *done);
    mark["latency_us"] = done->latency.count();
  } else if (std::holds_alternative<LeaderKnown>(event) ||
             std::holds_alternative<Resolved>(event) ||
             std::holds_alternative<LeaderFailed>(event) ||
             std::holds_alternative<ConnectionsChanged>(event) ||
             std::holds_alternative<Killed>(event) || std::holds_alternative<Restarted>(event) ||
             std::holds_alternative<SetEnds>(event) || std::holds_alternative<Summary>(event) ||
             std::holds_alternative<ProcessTold>(event)) {
    const std::string line = to_jsonl(event);
    return line.substr(0, line.find('\n'));
  } else {
    return "";
  }
  return mark.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace paxbank::scenario
