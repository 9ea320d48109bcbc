#include "traces.hpp"

#include "paxbank/sim/simulate.hpp"
#include "paxbank/wire/trace.hpp"

#include <algorithm>
#include <sstream>

namespace paxbank::view {
namespace {

using Json = nlohmann::json;

std::string head() {
  return R"({"paxbank_trace":2,"by":"simulator","run":"7","seed":7,"nodes":3,"clients":["A",)" +
         Json(nasty_name).dump() + R"(],"opening_balance":10})" + "\n";
}

}  // namespace

std::string simulated(std::uint64_t seed, std::uint32_t transactions) {
  sim::SimulationConfig config;
  config.seed = seed;
  config.transactions = transactions;
  std::string trace = wire::encode(sim::trace_head(config));
  (void)sim::simulate(config, [&](const TraceEvent& event) { wire::append(trace, event); });
  return trace;
}

std::string trace_of(const std::vector<std::string>& lines) {
  std::string trace = head();
  for (const std::string& line : lines) trace += line + "\n";
  return trace;
}

std::string nasty_trace() {
  const std::string nasty = Json(nasty_name).dump();
  const std::string state =
      R"("cause":"s","whole":true,"role":"leader","connected":true,"paused":false,"follows":[1,1]})";
  return trace_of({
      R"({"time_us":0,"node":"n1","kind":"start","id":"s"})",
      R"({"time_us":0,"node":"n1","kind":"state",)" + state,
      R"({"time_us":5,"node":)" + nasty + R"(,"kind":"submit","id":"b","transaction":["A","B",1]})",
      R"({"time_us":5,"node":)" + nasty +
          R"(,"kind":"send","id":"q","cause":"b","peer":"n1","message":{"type":"REQUEST"}})",
      R"({"time_us":9,"node":"n1","kind":"receive","id":"r","send":"q","peer":)" + nasty + "}",
      R"({"time_us":9,"node":"n1","kind":"send","id":"a2","cause":"r","peer":"n2",)"
      R"("message":{"type":"ACCEPT","ballot":[1,1],"sequence_number":4,"requests":[1,2]}})",
      R"({"time_us":9,"node":"n1","kind":"send","id":"a3","cause":"r","peer":"n3","same_as":"a2"})",
      R"({"time_us":9,"node":"n1","kind":"send","id":"a4","cause":"r","peer":"n3","same_as":"a2",)"
      R"("again":true})",
      R"({"time_us":12,"node":"n2","kind":"receive","id":"r2","send":"a2","peer":"n1"})",
      R"({"time_us":12,"node":"n2","kind":"event","cause":"r2","event":"refuses","what":)" + nasty +
          "}",
      R"({"time_us":13,"node":"n1","kind":"lost","send":"a3","peer":"n3","reason":)" + nasty + "}",
      R"({"time_us":14,"node":"n3","kind":"drop","send":"a4","peer":"n1"})",
      R"({"time_us":15,"node":"n2","kind":"execute","cause":"r2","sequence_number":4,)"
      R"("command":{"transaction":["A","B",1]},"result":"success","applied":true})",
      R"({"time_us":16,"node":)" + nasty + R"(,"kind":"answer","result":)" + nasty + "}",
      R"({"time_us":17,"node":"run","kind":"mark","mark":{"event":)" + nasty + "}}",
      R"({"time_us":18,"node":"n3","kind":"crash","what":)" + nasty + "}",
      R"({"time_us":19,"node":"run","kind":"violation","rule":"agreement","nodes":[1],"what":)" +
          nasty + "}",
  });
}

Run read(const std::string& trace, const Limits& limits) {
  std::istringstream in(trace);
  return read_trace(in, limits);
}

Plain::Plain(const std::string& trace) {
  std::istringstream in(trace);
  for (std::string line; std::getline(in, line);) {
    Json json = Json::parse(line);
    if (head.is_null()) {
      head = std::move(json);
      continue;
    }
    if (json.contains("id")) by_id[json["id"]] = lines.size();
    lines.push_back(std::move(json));
  }
}

std::size_t Plain::count(const std::string& kind) const {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const Json& l) { return l["kind"] == kind; }));
}

const Json* Plain::send_of(const Json& line) const {
  const auto named = line.find("send");
  return named == line.end() ? nullptr : &lines[by_id.at(*named)];
}

std::string Plain::type_of(const Json& send) const {
  const auto same = send.find("same_as");
  return (same == send.end() ? send : lines[by_id.at(*same)]).at("message").at("type");
}

}  // namespace paxbank::view
