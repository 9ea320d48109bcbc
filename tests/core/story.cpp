#include "story.hpp"

#include "paxbank/core/audit.hpp"
#include "paxbank/core/describe.hpp"

#include "at_once.hpp"
#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace paxbank::testing {
namespace {

std::string type_of(const Message& message) {
  const std::string text = describe(message);
  return text.substr(0, text.find(' '));
}

std::string name_of(const Destination& to) {
  if (const auto* node = std::get_if<NodeId>(&to)) return describe(*node);
  return std::get<ClientId>(to).value.str();
}

}  // namespace

Replica& StoryWorld::node(const std::string& name) {
  const auto found = nodes_.find(name);
  if (found == nodes_.end()) throw std::invalid_argument("no such node: " + name);
  return *found->second;
}

std::string StoryWorld::run(const std::string& line) {
  out_.str("");
  std::istringstream words(line);
  std::string command;
  words >> command;
  if (command == "cluster")
    cluster(words);
  else if (command == "timeout")
    timeout(words);
  else if (command == "elect")
    elect(words);
  else if (command == "deliver")
    deliver(words);
  else if (command == "drop")
    drop(words);
  else if (command == "request")
    request(words);
  else if (command == "advance")
    advance(words);
  else if (command == "cut")
    cut(words);
  else if (command == "heal")
    cut_.clear();
  else if (command == "disconnect")
    each(words, &Replica::disconnect);
  else if (command == "reconnect")
    each(words, &Replica::reconnect);
  else if (command == "pause")
    each(words, &Replica::pause);
  else if (command == "resume")
    each(words, &Replica::resume);
  else if (command == "status")
    show_status();
  else if (command == "log")
    show_log(words);
  else if (command == "balances")
    show_balances(words);
  else if (command == "flights")
    show_flights();
  else
    throw std::invalid_argument("no such command: " + line);
  check();
  return out_.str().empty() ? "ok\n" : out_.str();
}

/// cluster N: nodes n1..nN, just started.
void StoryWorld::cluster(std::istream& words) {
  std::uint32_t count = 5;
  words >> count;
  *this = StoryWorld();
  for (std::uint32_t n = 1; n <= count; ++n) {
    ReplicaConfig config;
    config.id = {n};
    config.nodes = count;
    const std::string name = describe(config.id);
    nodes_[name] = std::make_unique<Replica>(config, /*seed=*/n, now_);
    nodes_[name]->tick(now_);
    carry_out(name);
  }
}

/// timeout NODE: its next timer, and nobody else's, runs out.
void StoryWorld::timeout(std::istream& words) {
  std::string name;
  words >> name;
  now_ = std::max(now_, wake_at_.at(name));
  node(name).tick(now_);
  carry_out(name);
}

/// elect NODE: its timer runs out and everything arrives; only events are shown.
void StoryWorld::elect(std::istream& words) {
  quiet_ = true;
  timeout(words);
  std::istringstream everything;
  deliver(everything);
  quiet_ = false;
}

/// deliver [FROM->TO [TYPE]]: with no words, everything, until nothing is under way.
void StoryWorld::deliver(std::istream& words) {
  std::string link;
  std::string type;
  words >> link >> type;
  if (!link.empty()) {
    for (const Flight& flight : take(link, type)) arrive(flight);
    return;
  }
  for (int steps = 0; !flights_.empty(); ++steps) {
    if (steps > 100'000) throw std::runtime_error("the messages never end");
    const Flight flight = std::move(flights_.front());
    flights_.pop_front();
    arrive(flight);
  }
}

void StoryWorld::drop(std::istream& words) {
  std::string link = "*->*";
  std::string type;
  words >> link >> type;
  for (const Flight& flight : take(link, type)) {
    out_ << flight.from << "->" << flight.to << " " << describe(flight.message) << " lost\n";
  }
}

/// request NODE CLIENT#TIMESTAMP FROM TO AMOUNT
void StoryWorld::request(std::istream& words) {
  std::string to;
  std::string identity;
  std::string payer;
  std::string payee;
  Request request;
  words >> to >> identity >> payer >> payee >> request.transaction.amount.value;
  request.transaction.from.value = payer;
  request.transaction.to.value = payee;
  request.client.value = identity.substr(0, identity.find('#'));
  request.timestamp.value = std::stoll(identity.substr(identity.find('#') + 1));
  arrive({request.client.value.str(), to, request});
}

/// advance MS: time passes, timers run, messages arrive at once; only events are shown.
void StoryWorld::advance(std::istream& words) {
  std::int64_t ms = 0;
  words >> ms;
  const TimePoint until = now_ + std::chrono::milliseconds(ms);
  quiet_ = true;
  std::istringstream nothing;
  deliver(nothing);
  while (true) {
    const auto next = std::min_element(
        wake_at_.begin(), wake_at_.end(),
        [](const auto& left, const auto& right) { return left.second < right.second; });
    if (next->second > until) break;
    now_ = std::max(now_, next->second);
    node(next->first).tick(now_);
    carry_out(next->first);
    nothing.clear();
    deliver(nothing);
  }
  now_ = until;
  quiet_ = false;
}

/// cut A B: the link between them, both ways; cut A->B: one way.
void StoryWorld::cut(std::istream& words) {
  std::string first;
  std::string second;
  words >> first;
  if (const auto arrow = first.find("->"); arrow != std::string::npos) {
    cut_.insert({first.substr(0, arrow), first.substr(arrow + 2)});
  } else {
    words >> second;
    cut_.insert({first, second});
    cut_.insert({second, first});
  }
}

void StoryWorld::each(std::istream& words, void (Replica::*order)(TimePoint)) {
  std::string name;
  while (words >> name) {
    (node(name).*order)(now_);
    carry_out(name);
  }
}

std::deque<StoryWorld::Flight> StoryWorld::take(const std::string& link, const std::string& type) {
  const auto arrow = link.find("->");
  if (arrow == std::string::npos) throw std::invalid_argument("want FROM->TO: " + link);
  const std::string from = link.substr(0, arrow);
  const std::string to = link.substr(arrow + 2);
  const auto fits = [&](const Flight& flight) {
    return (from == "*" || from == flight.from) && (to == "*" || to == flight.to) &&
           (type.empty() || type == type_of(flight.message));
  };
  std::deque<Flight> taken;
  std::deque<Flight> left;
  for (Flight& flight : flights_) (fits(flight) ? taken : left).push_back(std::move(flight));
  flights_ = std::move(left);
  return taken;
}

void StoryWorld::arrive(const Flight& flight) {
  const bool lost = cut_.contains({flight.from, flight.to});
  const bool to_client = !nodes_.contains(flight.to);
  if (!quiet_ || to_client) {
    out_ << flight.from << "->" << flight.to << " " << describe(flight.message)
         << (lost ? " lost" : "") << "\n";
  }
  if (!lost && !to_client) {
    node(flight.to).receive(flight.message, now_);
    carry_out(flight.to);
  }
}

void StoryWorld::carry_out(const std::string& name) {
  const Output output = flush_at_once(node(name), now_);
  wake_at_[name] = output.wake_at;
  for (const Event& event : output.events) out_ << "  " << name << " " << describe(event) << "\n";
  for (const Executed& executed : output.executed) {
    out_ << "  " << name << " " << describe(executed) << "\n";
  }
  for (const Envelope& envelope : output.messages) {
    if (!std::holds_alternative<AllNodes>(envelope.to)) {
      flights_.push_back({name, name_of(envelope.to), envelope.message});
      continue;
    }
    for (const auto& [other, replica] : nodes_) {
      if (other != name) flights_.push_back({name, other, envelope.message});
    }
  }
}

void StoryWorld::show_status() {
  for (const auto& [name, replica] : nodes_) {
    const ReplicaStatus status = replica->status();
    out_ << name << " " << (status.connected ? to_string(status.role) : "disconnected")
         << " promised " << describe(status.promised);
    if (status.follows && status.role == RoleName::backup) {
      out_ << " follows " << describe(*status.follows);
    }
    out_ << " committed " << status.committed.value << " of " << status.last.value << "\n";
  }
}

void StoryWorld::show_log(std::istream& words) {
  std::string name;
  while (words >> name) {
    const AcceptLog& log = node(name).log();
    for (SequenceNumber s{1}; s <= log.last(); s = s.next()) {
      const LogEntry* entry = log.find(s);
      out_ << name << " " << s.value << " " << to_letter(log.status(s));
      if (entry != nullptr)
        out_ << " " << describe(entry->ballot) << " " << describe(entry->command);
      out_ << "\n";
    }
  }
}

/// balances: each account that has changed, on every node; one line where all are equal.
void StoryWorld::show_balances(std::istream& /*words*/) {
  std::map<std::string, std::string> lines;
  for (const auto& [name, replica] : nodes_) {
    std::string text;
    for (const auto& [account, balance] : replica->bank().balances()) {
      if (balance != default_bank().initial_balance) {
        text += " " + account.value.str() + "=" + std::to_string(balance.value);
      }
    }
    lines[text] += (lines[text].empty() ? "" : ",") + name;
  }
  for (const auto& [text, names] : lines) out_ << names << ":" << text << "\n";
}

void StoryWorld::show_flights() {
  for (const Flight& flight : flights_) {
    out_ << flight.from << "->" << flight.to << " " << describe(flight.message) << "\n";
  }
}

void StoryWorld::check() {
  Audit audit(default_bank());
  for (const auto& [name, replica] : nodes_) {
    const AcceptLog& log = replica->log();
    for (SequenceNumber s{1}; s <= log.last(); s = s.next()) {
      if (const LogEntry* entry = log.find(s)) audit.entry(replica->id(), s, *entry);
    }
    audit.balances(replica->id(), replica->bank().balances());
  }
  for (const std::string& finding : audit.report().findings)
    out_ << "VIOLATION " << finding << "\n";
}

std::string play_story(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream result;
  StoryWorld world;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line.front() == '#') {
      result << line << "\n";
      continue;
    }
    // A block: commands, a rule, the expected transcript up to an empty line.
    std::string transcript;
    for (; line != "----"; std::getline(in, line)) {
      if (!in) throw std::runtime_error("a command without ---- in " + file.string());
      result << line << "\n";
      const std::string output = world.run(line);
      if (output != "ok\n" || transcript.empty())
        transcript = transcript == "ok\n" ? output : transcript + output;
    }
    while (std::getline(in, line) && !line.empty()) {
    }
    result << "----\n" << transcript;
    if (in) result << "\n";
  }
  return result.str();
}

}  // namespace paxbank::testing
