#include "paxbank/cluster/client_manager.hpp"

#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/core/assert.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/wire/codec.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace paxbank::cluster {

using Json = nlohmann::json;

ClientManager::ClientManager(asio::io_context& io, const ChildSettings& settings)
    : nodes_(settings.cluster.nodes),
      log_("client-manager", settings.cluster.log_dir, settings.cluster.log_level),
      trace_(open_trace(settings.cluster)),
      decoder_(nodes_),
      timer_(io, [this] { tick(); }),
      links_(nodes_ + 1),
      control_(io, settings.control_fd, [this](const Json& order) { return obey(order); }) {
  wire::Hello hello;
  for (const AccountId& account : settings.cluster.bank.accounts) {
    ClientConfig config;
    config.id = {account.value};
    config.timeout = settings.cluster.client_timeout;
    config.timeout_max = std::max(config.timeout, config.timeout_max);
    hello.clients.push_back(config.id);
    index_[config.id] = static_cast<std::uint32_t>(clients_.size());
    clients_.push_back({Client(config, leader_), index_[config.id]});
  }
  for (std::uint32_t n = 1; n <= nodes_; ++n) {
    links_[n] = std::make_unique<net::Link>(
        io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), settings.ports.at(n - 1)),
        describe(NodeId{n}), wire::encode(hello),
        [this, n](std::string_view line) { take_line(n, line); });
    links_[n]->on_change([this] { report_links(); });
  }
}

void ClientManager::take_line(std::uint32_t node, std::string_view line) {
  const wire::Decoded decoded = decoder_.decode(line);
  const auto* message = std::get_if<Message>(&decoded);
  const auto* reply = message == nullptr ? nullptr : std::get_if<Reply>(message);
  const auto known = reply == nullptr ? index_.end() : index_.find(reply->client);
  if (known == index_.end()) {
    log_.write(LogLevel::warn, "ignored a line from n" + std::to_string(node) +
                                   " that is no REPLY for a client here");
    return;
  }
  if (log_.wants(LogLevel::debug)) log_.write(LogLevel::debug, describe(*message));
  const NodeId from{node};
  const TimePoint now = core_now();
  if (trace_) {
    trace_({now, reply->client.value.view(), "receive", describe(from), message, "", ""});
  }
  if (watched_ && reply->ballot > *watched_) {
    watched_.reset();
    control_.answer(watch_id_, {{"at_us", now.time_since_epoch().count()}});
  }
  Entry& entry = clients_[known->second];
  carry_out(entry, entry.client.receive(*reply, now), trace_ ? cause_of(*message, from) : "");
}

void ClientManager::carry_out(Entry& entry, const ClientOutput& output, std::string_view cause) {
  if (trace_) trace_client(trace_, core_now(), entry.client.id(), output, cause);
  for (const Envelope& envelope : output.messages) {
    line_.clear();
    wire::append(line_, envelope.message);
    if (const auto* node = std::get_if<NodeId>(&envelope.to)) {
      links_.at(node->value)->send(line_);
    } else {
      for (const auto& link : links_) {
        if (link) link->send(line_);
      }
    }
  }
  entry.wake_at = output.wake_at;
  timer_.wake_at(output.wake_at);
  if (output.answer) take_answer(entry, *output.answer, core_now());
}

void ClientManager::take_answer(Entry& entry, const Answer& answer, TimePoint now) {
  if (load_) {
    load_->answered(entry.index, answer, now);
    send_next(entry, now);
    finish_load_if_done(now);
    return;
  }
  Json report = to_control(answer);
  report["push"] = "answer";
  control_.push(report);
}

void ClientManager::begin_load(const Json& order) {
  const TimePoint now = core_now();
  load_id_ = order.at("id").get<std::uint64_t>();
  load_.emplace(load_order_from_control(order), static_cast<std::uint32_t>(clients_.size()), now);
  for (std::uint32_t i = 0; i < load_->clients(); ++i) send_next(clients_.at(i), now);
  finish_load_if_done(now);
}

/// A client that is free sends the next transfer of the load, if there is one.
void ClientManager::send_next(Entry& entry, TimePoint now) {
  if (!entry.client.idle() || !load_->wants_more(now)) return;
  const ClientId& payee = clients_[(entry.index + 1) % clients_.size()].client.id();
  entry.client.submit({{entry.client.id().value}, {payee.value}, {1}});
  load_->sent();
  carry_out(entry, entry.client.tick(now), "load");
}

void ClientManager::finish_load_if_done(TimePoint now) {
  if (!load_->done(now)) return;
  control_.answer(load_id_, {{"load", to_control(load_->result())}});
  load_.reset();
}

void ClientManager::tick() {
  const TimePoint now = core_now();
  for (Entry& entry : clients_) {
    if (entry.wake_at <= now) {
      carry_out(entry, entry.client.tick(now), "timer");
    } else {
      timer_.wake_at(entry.wake_at);
    }
  }
}

Json ClientManager::obey(const Json& order) {
  const auto& what = order.at("order").get_ref<const std::string&>();
  const TimePoint now = core_now();
  if (what == "submit") return submit(order.at("submissions"));
  if (what == "load") {
    begin_load(order);
    return nullptr;
  }
  if (what == "stop") {
    if (load_) load_->stop();
    if (load_) finish_load_if_done(now);
    return Json::object();
  }
  if (what == "watch") {
    watched_ = ballot_from_control(order.at("after"));
    watch_id_ = order.at("id").get<std::uint64_t>();
    return nullptr;
  }
  PAXBANK_ASSERT(what == "pause" || what == "resume", "the launcher gives no other orders");
  for (Entry& entry : clients_) {
    carry_out(entry, what == "pause" ? entry.client.pause(now) : entry.client.resume(now), what);
  }
  return Json::object();
}

Json ClientManager::submit(const Json& submissions) {
  Json timestamps = Json::array();
  std::vector<Entry*> touched;
  for (const Json& submission : submissions) {
    const auto client = index_.find({submission.at(0).get<std::string>()});
    PAXBANK_ASSERT(client != index_.end(), "the launcher knows the clients");
    Entry& entry = clients_[client->second];
    timestamps.push_back(entry.client.submit(transaction_from_control(submission.at(1))).value);
    touched.push_back(&entry);
  }
  for (Entry* entry : touched) carry_out(*entry, entry->client.tick(core_now()), "submit");
  return {{"timestamps", timestamps}};
}

void ClientManager::report_links() {
  const bool all = std::all_of(links_.begin(), links_.end(), [](const auto& link) {
    return link == nullptr || link->connected();
  });
  if (!all || links_reported_) return;
  links_reported_ = true;
  control_.push({{"push", "ready"}});
}

}  // namespace paxbank::cluster
