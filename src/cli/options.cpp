#include "paxbank/cli/options.hpp"

#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/bank.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <random>
#include <sstream>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unistd.h>

namespace paxbank::cli {
namespace {

/// Says what was found and what would be right. Values are read again by the parser afterwards.
template <class Number>
CLI::Validator number_between(Number low, Number high) {
  const auto check = [low, high](const std::string& text) -> std::string {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && read == end && value >= low && value <= high) return "";
    std::ostringstream message;
    message << "found \"" << text << "\", expected a "
            << (std::is_integral_v<Number> ? "whole number" : "number") << " from " << low << " to "
            << high;
    return message.str();
  };
  return CLI::Validator(check, "");
}

constexpr std::uint64_t highest_seed = std::uint64_t{1} << 62U;

/// An option that takes one of some words, in any case; `expected` lists them.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Value& value,
                        const std::map<std::string, Value>& choices, const std::string& expected,
                        const std::string& what) {
  return app.add_option_function<std::string>(
      name,
      [&value, choices, name, expected](const std::string& typed) {
        const auto chosen = choices.find(CLI::detail::to_lower(typed));
        if (chosen == choices.end()) {
          throw CLI::ValidationError(name, "found \"" + typed + "\", expected " + expected);
        }
        value = chosen->second;
      },
      what);
}

/// A list with a blank after each comma, so that it can be broken there.
std::string listed(const std::string& names) {
  std::string text;
  for (const char c : names) {
    text += c;
    if (c == ',') text += ' ';
  }
  return text;
}

void add_nodes(CLI::App& app, std::uint32_t& nodes) {
  const std::map<std::string, std::uint32_t> sizes{{"3", 3}, {"5", 5}, {"7", 7}, {"9", 9}};
  add_choice(app, "--nodes", nodes, sizes, "3, 5, 7 or 9", "3, 5, 7 or 9 nodes")
      ->option_text("N [5]");
}

void add_format(CLI::App& app, scenario::Format& format) {
  const std::map<std::string, scenario::Format> formats{{"text", scenario::Format::text},
                                                        {"jsonl", scenario::Format::jsonl}};
  add_choice(app, "--format", format, formats, "text or jsonl", "what standard output holds")
      ->option_text("text|jsonl [text]");
}

}  // namespace

ClusterOptions::ClusterOptions() {
  settings_.seed = std::random_device{}();
  std::random_device random;
  std::uniform_int_distribution<std::uint64_t> runs(1);
  settings_.run = runs(random);
  settings_.epoch_us = cluster::core_now().time_since_epoch().count();
}

void ClusterOptions::add_to(CLI::App& app) {
  const std::map<std::string, cluster::LogLevel> levels{{"error", cluster::LogLevel::error},
                                                        {"warn", cluster::LogLevel::warn},
                                                        {"info", cluster::LogLevel::info},
                                                        {"debug", cluster::LogLevel::debug}};
  add_nodes(app, settings_.nodes);
  app.add_option("--heartbeat-ms", heartbeat_ms_, "how often a leader is heard")
      ->check(number_between(1, 60'000))
      ->option_text("MS [50]");
  app.add_option("--leader-timeout-ms", leader_timeout_, "how long a silent leader is waited for")
      ->option_text("MIN:MAX [300:600]");
  app.add_option("--client-timeout-ms", client_timeout_ms_,
                 "after how long a client asks all nodes")
      ->check(number_between(1, 600'000))
      ->option_text("MS [400]");
  app.add_option("--seed", settings_.seed, "for the nodes' random timeouts")
      ->check(number_between(std::uint64_t{0}, highest_seed))
      ->option_text("N [random]");
  app.add_option("--history", settings_.history, "messages that printlog keeps for each node")
      ->check(number_between(0, 10'000'000))
      ->option_text("N [10000]");
  const std::map<std::string, cluster::Storage> storages{{"memory", cluster::Storage::memory},
                                                         {"process", cluster::Storage::process},
                                                         {"disk", cluster::Storage::disk}};
  storage_option_ = add_choice(app, "--storage", settings_.storage, storages,
                               "memory, process or disk", "what nodes keep when they die")
                        ->option_text("memory|process|disk [process]");
  app.add_option("--trace", settings_.trace, "writes every event of all processes, a line each")
      ->option_text("FILE");
  app.add_option("--log-dir", settings_.log_dir, "each process writes its own log file there")
      ->option_text("DIR");
  add_choice(app, "--log-level", settings_.log_level, levels, "error, warn, info or debug",
             "what goes into the log files")
      ->option_text("error|warn|info|debug [info]");
}

void ClusterOptions::add_to_child(CLI::App& app) {
  add_to(app);
  app.add_option("--accounts", accounts_);
  app.add_option("--data-dir", settings_.data_dir);
  app.add_option("--cluster", settings_.cluster);
  app.add_option("--epoch-us", settings_.epoch_us);
  app.add_option("--run", settings_.run);
  app.add_option("--clock-fd", settings_.clock_fd);
}

void ClusterOptions::add_base_port(CLI::App& app) {
  app.add_option("--base-port", settings_.base_port,
                 "node k listens on 127.0.0.1:P+k; 0: free ports")
      ->check(number_between(0, 65'535))
      ->option_text("P [5000]");
}

std::string ClusterOptions::read_leader_timeout() {
  std::istringstream in(leader_timeout_);
  std::int64_t low = 0;
  std::int64_t high = 0;
  char colon = 0;
  if (!(in >> low >> colon >> high) || colon != ':' || !in.eof() || low < 1 || high < low ||
      high > 3'600'000) {
    return "--leader-timeout-ms: found \"" + leader_timeout_ +
           "\", expected MIN:MAX in milliseconds, such as 300:600";
  }
  settings_.leader_timeout_min = std::chrono::milliseconds(low);
  settings_.leader_timeout_max = std::chrono::milliseconds(high);
  return "";
}

std::string ClusterOptions::finish() {
  settings_.bank = bank_of(accounts_);
  settings_.heartbeat = std::chrono::milliseconds(heartbeat_ms_);
  settings_.client_timeout = std::chrono::milliseconds(client_timeout_ms_);
  if (auto wrong = read_leader_timeout(); !wrong.empty()) return wrong;
  if (settings_.heartbeat * 2 > settings_.leader_timeout_min) {
    return "--leader-timeout-ms: the shortest leader timeout (" +
           std::to_string(settings_.leader_timeout_min.count()) +
           " ms) must be at least twice the heartbeat (" +
           std::to_string(settings_.heartbeat.count()) + " ms), or no leader can be heard in time";
  }
  if (settings_.base_port > 65'535 - settings_.nodes) {
    return "--base-port: " + std::to_string(settings_.base_port) +
           " leaves no room below 65536 for " + std::to_string(settings_.nodes) + " ports";
  }
  return "";
}

void RunOptions::add_to(CLI::App& app, ClusterOptions& cluster) {
  app.add_option("file", command.file, "the CSV file to run; none: manual mode")->option_text("");
  app.add_flag("--batch", command.batch, "no prompt: every set, a report after each, a summary")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  app.add_flag("--concurrent", command.concurrent,
               "rows between two LF are sent by their clients at the same time")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  app.add_option("--after-set", command.after_set,
                 "to run after every set, as in \"printdb all; printview all\"")
      ->option_text("CMDS");
  add_format(app, command.format);
  cluster.add_base_port(app);
  cluster.add_to(app);
  app.add_option("--data-dir", data_dir_, "nodes keep all of it there, synced, for the next run")
      ->option_text("DIR");
  storage_option_ = cluster.storage_option();
  app.add_option("--view", command.view, "writes a picture of the run, a page for a browser")
      ->option_text("FILE.html");
  web_option_ =
      app.add_option("--web", web_, "shows the run in a browser while it goes on, on this port")
          ->expected(0, 1)
          ->option_text("[PORT]");
  app.add_option("--slow", slow_, "messages and timers take N times as long, to be watched")
      ->check(number_between(std::uint64_t{1}, scenario::slow_limit))
      ->option_text("N");
  app.add_flag("--no-pause", command.runs_on, "the cluster runs on while the prompt waits")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  app.footer("At the prompt, help lists the commands.");
}

std::string RunOptions::finish(cluster::Settings& settings) {
  if (web_option_->count() > 0) {
    std::uint16_t port = 0;
    const char* const end = web_.data() + web_.size();
    const auto [read, error] = std::from_chars(web_.data(), end, port);
    if (!web_.empty() && (error != std::errc() || read != end)) {
      // `--web FILE.csv`: the port was left out.
      if (!command.file.empty()) return "--web: found \"" + web_ + "\", expected a port";
      command.file = web_;
      port = 0;
    }
    settings.web_port = port;
  }
  if (!data_dir_.empty()) {
    if (storage_option_->count() > 0 && settings.storage != cluster::Storage::disk) {
      return "--data-dir: what is kept there is synced, which is --storage disk; found --storage " +
             std::string(cluster::name_of(settings.storage));
    }
    settings.storage = cluster::Storage::disk;
    settings.data_dir = data_dir_;
  }
  if (!command.file.empty()) {
    settings.title = std::filesystem::path(command.file).filename().string();
  }
  settings.slow = slow_ == 0 && settings.web_port ? 1 : static_cast<std::int64_t>(slow_);
  return "";
}

CLI::App* SimOptions::add_to(CLI::App& app) {
  CLI::App* sim = app.add_subcommand(
      "sim", "runs the same protocol code in virtual time, under faults, and checks every step");
  sim::SimulationConfig& run = command.campaign.run;
  command.campaign.jobs = std::max(1U, std::thread::hardware_concurrency());
  sim->add_option("--seed", seed_, "one run, which this number determines")
      ->check(number_between(std::uint64_t{0}, highest_seed))
      ->option_text("S [random]");
  sim->add_option("--seeds", seeds_, "one run for each seed from A to B")
      ->excludes("--seed")
      ->option_text("A..B");
  add_nodes(*sim, run.nodes);
  sim->add_option("--clients", run.clients, "each with an account of its own")
      ->check(number_between(1U, sim::clients_limit))
      ->option_text("N [10]");
  sim->add_option("--transactions", run.transactions, "in all")
      ->check(number_between(1, 1'000'000))
      ->option_text("N [300]");
  sim->add_option("--faults", command.faults,
                  "all, none, or a list of " + listed(sim::fault_names()))
      ->option_text("LIST [all]");
  sim->add_option("--jobs", command.campaign.jobs, "threads")
      ->check(number_between(1, 1'024))
      ->option_text("J [all cores]");
  sim->add_option("--trace", command.trace, "writes every event of one run, a line each")
      ->option_text("FILE");
  sim->add_option("--view", command.view, "writes a picture of one run, or of its violation")
      ->option_text("FILE.html");
  add_format(*sim, command.format);
  return sim;
}

std::string SimOptions::finish() {
  std::string wrong;
  const auto faults = sim::read_faults(command.faults, wrong);
  if (!faults) {
    return "--faults: found \"" + wrong + "\", expected all, none, or a list of " +
           sim::fault_names();
  }
  command.campaign.run.faults = *faults;
  command.campaign.first = command.campaign.last = seed_.value_or(std::random_device{}());
  if (!seeds_.empty()) {
    const auto seeds = read_seeds(seeds_);
    if (!seeds) return "--seeds: found \"" + seeds_ + "\", expected A..B, such as 1..1000";
    std::tie(command.campaign.first, command.campaign.last) = *seeds;
  }
  if (command.campaign.first != command.campaign.last) {
    if (!command.trace.empty()) return "--trace writes one run: give --seed";
    if (!command.view.empty()) return "--view shows one run: give --seed";
  }
  command.style = scenario::style_of_output();
  command.progress = isatty(STDERR_FILENO) == 1 && command.campaign.last > command.campaign.first;
  return "";
}

CLI::App* add_data_to(CLI::App& app, std::string& directory) {
  CLI::App* data = app.add_subcommand("data", "what nodes have kept in the DIR of --data-dir");
  data->require_subcommand(1);
  CLI::App* inspect =
      data->add_subcommand("inspect", "shows promises, checkpoints and entries; reads only");
  inspect->add_option("dir", directory, "a data directory, or a node's folder in it")
      ->required()
      ->option_text("");
  return data;
}

CLI::App* ViewOptions::add_to(CLI::App& app) {
  using Form = ViewCommand::Form;
  CLI::App* view = app.add_subcommand("view", "makes a picture of a trace: a page for a browser");
  view->add_option("trace", command.trace, "what --trace has written")->option_text("");
  view->add_option("-o,--output", command.output, "where to")
      ->option_text("FILE [beside the trace]");
  const std::map<std::string, Form> forms{{"html", Form::html},
                                          {"svg", Form::svg},
                                          {"perfetto", Form::perfetto},
                                          {"shiviz", Form::shiviz},
                                          {"mermaid", Form::mermaid}};
  add_choice(*view, "--format", command.form, forms, "html, svg, perfetto, shiviz or mermaid",
             "a page, or a file for another program")
      ->option_text("html|svg|perfetto|shiviz|mermaid [html]");
  constexpr double longest_ms = 1e12;
  view->add_option("--from", command.from_ms, "only what happened from then on")
      ->check(number_between(0.0, longest_ms))
      ->option_text("MS");
  view->add_option("--to", command.to_ms, "only what happened up to then")
      ->check(number_between(0.0, longest_ms))
      ->option_text("MS");
  return view;
}

std::string ViewOptions::finish() const {
  if (command.trace.empty()) {
    return "view: which trace? paxbank view run.jsonl, as written by --trace run.jsonl";
  }
  const bool part = command.from_ms.has_value() || command.to_ms.has_value();
  if (part && command.form == ViewCommand::Form::html) {
    return "--from and --to are for the other formats: a page shows the whole run";
  }
  if (command.from_ms && command.to_ms && *command.from_ms > *command.to_ms) {
    return "--to is before --from";
  }
  return "";
}

CLI::App* BenchOptions::add_to(CLI::App& app, ClusterOptions& cluster) {
  CLI::App* bench = app.add_subcommand(
      "bench", "what consensus costs on this machine, next to what the machine could do at best");
  bench->add_option("--windows", windows_, "requests under way, each from its own client")
      ->option_text("W,W,... [1,10,100,1000]");
  bench->add_option("--duration", duration_s_, "seconds for each side of each window")
      ->check(number_between(0.1, 3'600.0))
      ->option_text("S [3]");
  bench->add_option("--payload", command.windows.line_size, "bytes in a line of the floor")
      ->check(number_between(16, 65'536))
      ->option_text("BYTES [200]");
  CLI::Option* transfers =
      bench
          ->add_option("--transfers", command.transfers,
                       "instead: so many with the last window, throughput by tenths, memory")
          ->check(number_between(10, 1'000'000'000))
          ->option_text("N");
  CLI::Option* failover =
      bench
          ->add_option("--failover", command.failovers,
                       "instead: so many leader failures under load of the first window [10]")
          ->check(number_between(1, 100'000))
          ->excludes(transfers)
          ->option_text("N");
  bench
      ->add_option(
          "--kills", command.kills,
          "instead: so many nodes killed and restarted under load of the first window [10]")
      ->check(number_between(1, 100'000))
      ->excludes(transfers)
      ->excludes(failover)
      ->option_text("N");
  bench->add_option("--plot", command.plot, "draws the windows, through gnuplot")
      ->option_text("FILE.svg");
  add_format(*bench, command.format);
  cluster.add_to(*bench);
  return bench;
}

std::string BenchOptions::finish(const cluster::Settings& settings) {
  command.settings = settings;
  command.style = scenario::style_of_output();
  command.windows.duration =
      std::chrono::milliseconds(static_cast<std::int64_t>(duration_s_ * 1'000));
  if (windows_.empty()) {
    if (command.failovers > 0 || command.kills > 0) command.windows.windows = {10};
  } else if (const auto windows = read_windows(windows_)) {
    command.windows.windows = *windows;
  } else {
    return "--windows: found \"" + windows_ +
           "\", expected numbers from 1 to 65536 with commas, such as 1,10,100";
  }
  if (command.kills > 0 && settings.storage == cluster::Storage::memory) {
    return "--kills: with --storage memory a node cannot be brought back";
  }
  return plot_problem(command.plot);
}

}  // namespace paxbank::cli
