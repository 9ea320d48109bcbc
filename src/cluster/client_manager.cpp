#include "paxbank/cluster/client_manager.hpp"

#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/wire/codec.hpp"

#include <algorithm>

namespace paxbank::cluster {
namespace {
/// A client has 2^32 timestamps for each start, and 2^21 starts below the highest number that JSON
/// holds exactly.
constexpr unsigned timestamps_of_a_start = 32;
}  // namespace

ClientManager::ClientManager(asio::io_context& io, const ChildSettings& settings)
    : control_(io, settings.control_fd,
               [this](const Order& order) {
                 return std::visit([this](const auto& known) { return this->obey(known); }, order);
               }),
      log_("client-manager", settings.cluster.log_dir, settings.cluster.log_level,
           [this](const std::string& what) { control_.report(Lost{what}); }),
      trace_file_(settings.cluster,
                  [this](const std::string& what) { control_.report(Lost{what}); }),
      decoder_(settings.cluster.nodes),
      timer_(io, [this] { tick(); }) {
  wire::Hello hello = hello_of(settings);
  for (const AccountId& account : settings.cluster.bank.accounts) {
    ClientConfig config;
    config.id = {account.value};
    config.after = {static_cast<std::int64_t>(settings.life << timestamps_of_a_start)};
    config.timeout = settings.cluster.client_timeout;
    config.timeout_max = std::max(config.timeout, config.timeout_max);
    hello.clients.push_back(config.id);
    index_[config.id] = static_cast<std::uint32_t>(clients_.size());
    clients_.push_back({Client(config, leader_), index_[config.id],
                        Tracer(trace_file_.sink(), config.id.value.str(), settings.life)});
  }
  Links::Handler handler;
  handler.on_line = [this](NodeId node, std::string_view line) { take_line(node, line); };
  handler.on_ready = [this] { control_.report(Ready{}); };
  links_.emplace(io, settings, hello, std::move(handler));
}

void ClientManager::take_line(NodeId from, std::string_view line) {
  if (line.empty()) return;  // the place of a line that was lost on the way
  const wire::Decoded decoded = decoder_.decode(line);
  const auto* message = std::get_if<Message>(&decoded);
  const auto* reply = message == nullptr ? nullptr : std::get_if<Reply>(message);
  const auto known = reply == nullptr ? index_.end() : index_.find(reply->client);
  if (known == index_.end()) {
    log_.write(LogLevel::warn,
               "ignored a line from " + describe(from) + " that is no REPLY for a client here");
    return;
  }
  if (log_.wants(LogLevel::debug)) log_.write(LogLevel::debug, describe(*message));
  const TimePoint now = core_now();
  if (watched_ && reply->ballot > *watched_) {
    watched_.reset();
    control_.report(LaterBallot{now});
  }
  Entry& entry = clients_[known->second];
  if (entry.tracer) entry.tracer.receive(now, from, *message, links_->last_received_id(from));
  carry_out(entry, entry.client.receive(*reply, now));
}

void ClientManager::carry_out(Entry& entry, const ClientOutput& output) {
  if (entry.tracer) entry.tracer.output(core_now(), output);
  for (const Envelope& envelope : output.messages) send(entry, envelope);
  entry.tracer.done();
  trace_file_.flush();
  entry.wake_at = output.wake_at;
  timer_.wake_at(output.wake_at);
  if (output.answer) take_answer(entry, *output.answer, core_now());
}

void ClientManager::send(Entry& entry, const Envelope& envelope) {
  line_.clear();
  wire::append(line_, envelope.message);
  if (const auto* node = std::get_if<NodeId>(&envelope.to)) {
    links_->send(*node, line_, envelope.message, entry.tracer);
  } else {
    links_->send_to_all(line_, envelope.message, entry.tracer);
  }
}

void ClientManager::take_answer(Entry& entry, const Answer& answer, TimePoint now) {
  if (load_) {
    load_->answered(entry.index, answer, now);
    send_next(entry, now);
    finish_load_if_done(now);
    return;
  }
  control_.report(answer);
}

/// A client that is free sends the next transfer of the load, if there is one.
void ClientManager::send_next(Entry& entry, TimePoint now) {
  if (!entry.client.idle() || !load_->wants_more(now)) return;
  const ClientId& payee = clients_[(entry.index + 1) % clients_.size()].client.id();
  submit(entry, {{entry.client.id().value}, {payee.value}, {1}});
  load_->sent();
  carry_out(entry, entry.client.tick(now));
}

std::optional<Timestamp> ClientManager::submit(Entry& entry, const Transaction& transaction) {
  const auto timestamp = entry.client.submit(transaction);
  if (entry.tracer && timestamp) {
    entry.tracer.submit(core_now(), {entry.client.id(), *timestamp, transaction});
  }
  return timestamp;
}

void ClientManager::finish_load_if_done(TimePoint now) {
  if (!load_->done(now)) return;
  control_.report(load_->result());
  load_.reset();
}

void ClientManager::tick() {
  const TimePoint now = core_now();
  for (Entry& entry : clients_) {
    if (entry.wake_at <= now) {
      entry.tracer.timer();
      carry_out(entry, entry.client.tick(now));
    } else {
      timer_.wake_at(entry.wake_at);
    }
  }
}

// --- The launcher's orders

Response ClientManager::obey(const SetPaused& order) {
  const TimePoint now = core_now();
  for (Entry& entry : clients_) {
    if (!order.paused) entry.tracer.timer();  // its timers start afresh
    carry_out(entry, order.paused ? entry.client.pause(now) : entry.client.resume(now));
  }
  return Done{};
}

Response ClientManager::obey(const Submit& order) {
  Submitted submitted;
  std::vector<Entry*> touched;
  for (const Submission& submission : order.submissions) {
    const auto client = index_.find(submission.client);
    PAXBANK_ASSERT(client != index_.end(), "the launcher knows the clients");
    Entry& entry = clients_[client->second];
    submitted.timestamps.push_back(submit(entry, submission.transaction));
    touched.push_back(&entry);
  }
  for (Entry* entry : touched) carry_out(*entry, entry->client.tick(core_now()));
  return submitted;
}

Response ClientManager::obey(const BeginLoad& order) {
  const TimePoint now = core_now();
  load_.emplace(order.load, static_cast<std::uint32_t>(clients_.size()), now);
  for (std::uint32_t i = 0; i < load_->clients(); ++i) send_next(clients_.at(i), now);
  finish_load_if_done(now);
  return Done{};
}

Response ClientManager::obey(const StopLoad& /*order*/) {
  if (load_) load_->stop();
  if (load_) finish_load_if_done(core_now());
  return Done{};
}

Response ClientManager::obey(const WatchBallot& order) {
  watched_ = order.after;
  return Done{};
}

Response ClientManager::obey(const FollowPace& /*order*/) {
  follow_pace();
  return Done{};
}

Response ClientManager::obey(const AskDue& /*order*/) const {
  Due due{never, ""};
  for (const Entry& entry : clients_) {
    if (entry.wake_at < due.at) due = {entry.wake_at, entry.client.id().value.str() + "'s timer"};
  }
  return due;
}

template <class Other>
Response ClientManager::obey(const Other& /*order*/) {
  PAXBANK_ASSERT(false, "the launcher gives no other orders");
  return Done{};
}

}  // namespace paxbank::cluster
