// The command line: parse, call, exit status. What each option means is in the README.
#include "paxbank/bench/floor.hpp"
#include "paxbank/cli/bench_command.hpp"
#include "paxbank/cli/sim_command.hpp"
#include "paxbank/cluster/client_manager.hpp"
#include "paxbank/cluster/node_host.hpp"
#include "paxbank/cluster/tcp_cluster.hpp"
#include "paxbank/scenario/session.hpp"

#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>
#include <unistd.h>

namespace {

using namespace paxbank;

constexpr int exit_ok = 0;
constexpr int exit_broken = 1;
constexpr int exit_usage = 2;

/// Everything that the command line says.
struct Arguments {
  cluster::ChildSettings child;  ///< its `cluster` part is the launcher's too
  std::string file;
  bool batch = false;
  bool concurrent = false;
  std::string after_set;
  scenario::Format format = scenario::Format::text;
  std::string leader_timeout = "300:600";
  std::int64_t heartbeat_ms = 50;
  std::int64_t client_timeout_ms = 400;
  std::string ports;
  std::uint32_t accounts = 10;
};

/// MIN:MAX in milliseconds.
std::string read_leader_timeout(const std::string& text, cluster::Settings& settings) {
  std::istringstream in(text);
  std::int64_t low = 0;
  std::int64_t high = 0;
  char colon = 0;
  if (!(in >> low >> colon >> high) || colon != ':' || !in.eof() || low < 1 || high < low ||
      high > 3'600'000) {
    return "--leader-timeout-ms: found \"" + text +
           "\", expected MIN:MAX in milliseconds, such as 300:600";
  }
  settings.leader_timeout_min = std::chrono::milliseconds(low);
  settings.leader_timeout_max = std::chrono::milliseconds(high);
  return "";
}

/// Puts together what options say only as a whole. Returns what is wrong, or "".
std::string finish(Arguments& arguments) {
  cluster::Settings& settings = arguments.child.cluster;
  settings.bank = bank_of(arguments.accounts);
  settings.heartbeat = std::chrono::milliseconds(arguments.heartbeat_ms);
  settings.client_timeout = std::chrono::milliseconds(arguments.client_timeout_ms);
  if (auto wrong = read_leader_timeout(arguments.leader_timeout, settings); !wrong.empty()) {
    return wrong;
  }
  if (settings.heartbeat * 2 > settings.leader_timeout_min) {
    return "--leader-timeout-ms: the shortest leader timeout (" +
           std::to_string(settings.leader_timeout_min.count()) +
           " ms) must be at least twice the heartbeat (" +
           std::to_string(settings.heartbeat.count()) + " ms), or no leader can be heard in time";
  }
  if (settings.base_port > 65'535 - settings.nodes) {
    return "--base-port: " + std::to_string(settings.base_port) +
           " leaves no room below 65536 for " + std::to_string(settings.nodes) + " ports";
  }
  return "";
}

void add_cluster_options(CLI::App& app, Arguments& arguments) {
  cluster::Settings& settings = arguments.child.cluster;
  const std::map<std::string, cluster::LogLevel> levels{{"error", cluster::LogLevel::error},
                                                        {"warn", cluster::LogLevel::warn},
                                                        {"info", cluster::LogLevel::info},
                                                        {"debug", cluster::LogLevel::debug}};
  app.add_option("--nodes", settings.nodes, "3, 5, 7 or 9 nodes")
      ->check(CLI::IsMember({3, 5, 7, 9}))
      ->option_text("N [5]");
  app.add_option("--heartbeat-ms", arguments.heartbeat_ms, "how often a leader is heard")
      ->check(CLI::Range(1, 60'000))
      ->option_text("MS [50]");
  app.add_option("--leader-timeout-ms", arguments.leader_timeout,
                 "how long a silent leader is waited for")
      ->option_text("MIN:MAX [300:600]");
  app.add_option("--client-timeout-ms", arguments.client_timeout_ms,
                 "after how long a client asks all nodes")
      ->check(CLI::Range(1, 600'000))
      ->option_text("MS [400]");
  app.add_option("--seed", settings.seed, "for the nodes' random timeouts")
      ->option_text("N [random]");
  app.add_option("--history", settings.history, "messages that printlog keeps for each node")
      ->check(CLI::Range(0, 10'000'000))
      ->option_text("N [10000]");
  app.add_option("--trace", settings.trace, "writes every event of all processes, a line each")
      ->option_text("FILE");
  app.add_option("--log-dir", settings.log_dir, "each process writes its own log file there")
      ->option_text("DIR");
  app.add_option("--log-level", settings.log_level, "what goes into the log files")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case))
      ->option_text("error|warn|info|debug [info]");
}

void add_format(CLI::App& app, scenario::Format& format) {
  const std::map<std::string, scenario::Format> formats{{"text", scenario::Format::text},
                                                        {"jsonl", scenario::Format::jsonl}};
  app.add_option("--format", format, "what standard output holds")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
      ->option_text("text|jsonl [text]");
}

void add_run_options(CLI::App& app, Arguments& arguments) {
  app.add_option("file", arguments.file, "the CSV file to run; none: manual mode")->option_text("");
  app.add_flag("--batch", arguments.batch, "no prompt: every set, a report after each, a summary");
  app.add_flag("--concurrent", arguments.concurrent,
               "rows between two LF are sent by their clients at the same time");
  app.add_option("--after-set", arguments.after_set,
                 "to run after every set, as in \"printdb all; printview all\"")
      ->option_text("CMDS");
  add_format(app, arguments.format);
  app.add_option("--base-port", arguments.child.cluster.base_port,
                 "node k listens on 127.0.0.1:P+k; 0: free ports")
      ->check(CLI::Range(0, 65'535))
      ->option_text("P [5000]");
  app.footer("At the prompt, help lists the commands.");
}

/// The options that the launcher gives its children.
CLI::App* add_child(CLI::App& app, const std::string& name, Arguments& arguments) {
  CLI::App* child = app.add_subcommand(name, "")->group("");
  add_cluster_options(*child, arguments);
  child->add_option("--ports", arguments.ports)->required();
  child->add_option("--accounts", arguments.accounts);
  child->add_option("--epoch-us", arguments.child.cluster.epoch_us);
  child->add_option("--control-fd", arguments.child.control_fd)->required();
  if (name == "node") {
    child->add_option("--id", arguments.child.id)->required();
    child->add_option("--listen-fd", arguments.child.listen_fd)->required();
  }
  return child;
}

/// What `paxbank bench` takes, as typed; the timing options are those of a run.
struct BenchArguments {
  cli::BenchCommand command;
  std::string windows;
  double duration_s = 3;
  scenario::Format format = scenario::Format::text;
};

CLI::App* add_bench(CLI::App& app, BenchArguments& arguments, Arguments& cluster) {
  CLI::App* bench = app.add_subcommand(
      "bench", "what consensus costs on this machine, next to what the machine could do at best");
  bench->add_option("--windows", arguments.windows, "requests under way, each from its own client")
      ->option_text("W,W,... [1,10,100,1000]");
  bench->add_option("--duration", arguments.duration_s, "seconds for each side of each window")
      ->check(CLI::Range(0.1, 3'600.0))
      ->option_text("S [3]");
  bench
      ->add_option("--payload", arguments.command.windows.line_size, "bytes in a line of the floor")
      ->check(CLI::Range(16, 65'536))
      ->option_text("BYTES [200]");
  CLI::Option* transfers =
      bench
          ->add_option("--transfers", arguments.command.transfers,
                       "instead: so many with the last window, throughput by tenths, memory")
          ->check(CLI::Range(10, 1'000'000'000))
          ->option_text("N");
  bench
      ->add_option("--failover", arguments.command.failovers,
                   "instead: so many leader failures under load of the first window [10]")
      ->check(CLI::Range(1, 100'000))
      ->excludes(transfers)
      ->option_text("N");
  bench->add_option("--plot", arguments.command.plot, "draws the windows, through gnuplot")
      ->option_text("FILE.svg");
  add_format(*bench, arguments.format);
  add_cluster_options(*bench, cluster);
  return bench;
}

/// Puts together what the options of `bench` say only as a whole. Returns what is wrong, or "".
std::string finish(BenchArguments& arguments, const cluster::Settings& settings) {
  cli::BenchCommand& command = arguments.command;
  command.settings = settings;
  command.jsonl = arguments.format == scenario::Format::jsonl;
  command.windows.duration =
      std::chrono::milliseconds(static_cast<std::int64_t>(arguments.duration_s * 1'000));
  if (arguments.windows.empty()) {
    if (command.failovers > 0) command.windows.windows = {10};
  } else if (const auto windows = cli::read_windows(arguments.windows)) {
    command.windows.windows = *windows;
  } else {
    return "--windows: found \"" + arguments.windows +
           "\", expected numbers from 1 to 65536 with commas, such as 1,10,100";
  }
  return cli::plot_problem(command.plot);
}

/// The option that a floor process is started with; see bench/floor.hpp.
CLI::App* add_floor(CLI::App& app, bench::FloorSettings& settings, std::string& ports) {
  CLI::App* floor = app.add_subcommand("floor", "")->group("");
  floor->add_option("--nodes", settings.nodes)->required();
  floor->add_option("--id", settings.id);
  floor->add_option("--line-size", settings.line_size)->required();
  floor->add_option("--ports", ports)->required();
  floor->add_option("--listen-fd", settings.listen_fd);
  floor->add_option("--control-fd", settings.control_fd)->required();
  return floor;
}

/// What `paxbank sim` takes, as typed.
struct SimArguments {
  cli::SimCommand command;
  std::string seeds;
  std::uint64_t seed = 0;
  scenario::Format format = scenario::Format::text;
};

CLI::App* add_sim(CLI::App& app, SimArguments& arguments) {
  CLI::App* sim = app.add_subcommand(
      "sim", "runs the same protocol code in virtual time, under faults, and checks every step");
  sim::SimulationConfig& run = arguments.command.campaign.run;
  arguments.command.campaign.jobs = std::max(1U, std::thread::hardware_concurrency());
  sim->add_option("--seed", arguments.seed, "one run, which this number determines")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 62U))
      ->option_text("S [random]");
  sim->add_option("--seeds", arguments.seeds, "one run for each seed from A to B")
      ->excludes("--seed")
      ->option_text("A..B");
  sim->add_option("--nodes", run.nodes, "3, 5, 7 or 9 nodes")
      ->check(CLI::IsMember({3, 5, 7, 9}))
      ->option_text("N [5]");
  sim->add_option("--clients", run.clients, "each with an account of its own")
      ->check(CLI::Range(1U, sim::clients_limit))
      ->option_text("N [10]");
  sim->add_option("--transactions", run.transactions, "in all")
      ->check(CLI::Range(1, 1'000'000))
      ->option_text("N [300]");
  sim->add_option("--faults", arguments.command.faults, "all, none, or of " + sim::fault_names())
      ->option_text("LIST [all]");
  sim->add_option("--jobs", arguments.command.campaign.jobs, "threads")
      ->check(CLI::Range(1, 1'024))
      ->option_text("J [all cores]");
  sim->add_option("--trace", arguments.command.trace, "writes every event of one run, a line each")
      ->option_text("FILE");
  add_format(*sim, arguments.format);
  return sim;
}

/// Puts together what the options of `sim` say only as a whole. Returns what is wrong, or "".
std::string finish(SimArguments& arguments, bool seed_given) {
  cli::SimCommand& command = arguments.command;
  std::string wrong;
  const auto faults = sim::read_faults(command.faults, wrong);
  if (!faults) {
    return "--faults: found \"" + wrong + "\", expected all, none, or a list of " +
           sim::fault_names();
  }
  command.campaign.run.faults = *faults;
  if (!seed_given) arguments.seed = std::random_device{}();
  command.campaign.first = command.campaign.last = arguments.seed;
  if (!arguments.seeds.empty()) {
    const auto seeds = cli::read_seeds(arguments.seeds);
    if (!seeds) return "--seeds: found \"" + arguments.seeds + "\", expected A..B, such as 1..1000";
    std::tie(command.campaign.first, command.campaign.last) = *seeds;
  }
  if (!command.trace.empty() && command.campaign.first != command.campaign.last) {
    return "--trace writes one run: give --seed";
  }
  command.jsonl = arguments.format == scenario::Format::jsonl;
  command.progress = isatty(STDERR_FILENO) == 1 && command.campaign.last > command.campaign.first;
  return "";
}

std::vector<std::uint16_t> read_ports(const std::string& text) {
  std::vector<std::uint16_t> ports;
  std::stringstream in(text);
  for (std::string port; std::getline(in, port, ',');) {
    ports.push_back(static_cast<std::uint16_t>(std::stoul(port)));
  }
  return ports;
}

template <class Host, class Settings>
int run_child(const Settings& settings) {
  asio::io_context io(1);
  const Host host(io, settings);
  io.run();
  return exit_ok;
}

/// A mistake of the user's: in words on standard error, and for scripts on standard output.
int refuse(scenario::Format format, const std::vector<std::string>& problems) {
  scenario::Report out(format, std::cout);
  for (const std::string& problem : problems) {
    std::cerr << "paxbank: " << problem << "\n";
    if (format == scenario::Format::jsonl) out(scenario::Fatal{problem});
  }
  return exit_usage;
}

int run_cluster(const Arguments& arguments, const std::vector<scenario::TransactionSet>& sets,
                std::vector<scenario::ConsoleCommand> after_set) {
  const cluster::Settings& settings = arguments.child.cluster;
  scenario::Report report(arguments.format, std::cout);
  cluster::TcpCluster nodes(settings);
  scenario::Runner runner(
      nodes, report,
      {settings.nodes, settings.client_timeout, arguments.concurrent, settings.bank});
  scenario::LineReader lines([&](const std::string& line) {
    return scenario::complete(line, settings.nodes, settings.bank);
  });
  scenario::Session session(nodes, runner, report, lines, {arguments.batch, std::move(after_set)});
  if (arguments.file.empty()) {
    session.run_manual();
  } else {
    session.run_file(sets);
  }
  const scenario::Summary summary = runner.summarize();
  report(summary);
  return summary.ok ? exit_ok : exit_broken;
}

int run(const Arguments& arguments) {
  const cluster::Settings& settings = arguments.child.cluster;
  if (arguments.batch && arguments.file.empty()) {
    return refuse(arguments.format, {"--batch runs a file: paxbank FILE.csv --batch"});
  }
  auto after_set = scenario::read_after_set(arguments.after_set, settings.nodes, settings.bank);
  if (const auto* error = std::get_if<scenario::CommandError>(&after_set)) {
    return refuse(arguments.format, {"--after-set: " + error->message});
  }
  std::vector<scenario::TransactionSet> sets;
  if (!arguments.file.empty()) {
    auto loaded = scenario::load_file(arguments.file, settings.nodes, settings.bank);
    if (const auto* problems = std::get_if<std::vector<std::string>>(&loaded)) {
      return refuse(arguments.format, *problems);
    }
    sets = std::get<std::vector<scenario::TransactionSet>>(std::move(loaded));
  }
  if (!settings.log_dir.empty()) {
    std::error_code error;
    std::filesystem::create_directories(settings.log_dir, error);
    if (error) {
      return refuse(arguments.format,
                    {"--log-dir: " + settings.log_dir.string() + ": " + error.message()});
    }
  }
  if (!settings.trace.empty() && !std::ofstream(settings.trace, std::ios::trunc)) {
    return refuse(arguments.format, {"--trace: " + settings.trace.string() + " cannot be written"});
  }
  try {
    return run_cluster(arguments, sets,
                       std::get<std::vector<scenario::ConsoleCommand>>(std::move(after_set)));
  } catch (const cluster::StartError& error) {
    return refuse(arguments.format, {error.what()});
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A bank replicated by stable-leader Paxos on real processes, to watch and to break.",
               "paxbank"};
  Arguments arguments;
  arguments.child.cluster.seed = std::random_device{}();
  arguments.child.cluster.epoch_us = cluster::core_now().time_since_epoch().count();
  add_run_options(app, arguments);
  add_cluster_options(app, arguments);
  app.set_version_flag("--version", PAXBANK_VERSION);
  const CLI::App* node = add_child(app, "node", arguments);
  const CLI::App* client_manager = add_child(app, "client-manager", arguments);
  SimArguments sim_arguments;
  const CLI::App* sim = add_sim(app, sim_arguments);
  BenchArguments bench_arguments;
  const CLI::App* bench = add_bench(app, bench_arguments, arguments);
  bench::FloorSettings floor_settings;
  const CLI::App* floor = add_floor(app, floor_settings, arguments.ports);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  }
  arguments.child.ports = floor_settings.ports = read_ports(arguments.ports);
  if (floor->parsed()) {
    return floor_settings.id > 0 ? run_child<bench::FloorNode>(floor_settings)
                                 : run_child<bench::FloorClient>(floor_settings);
  }
  if (sim->parsed()) {
    const std::string wrong = finish(sim_arguments, sim->count("--seed") > 0);
    if (!wrong.empty()) return refuse(sim_arguments.format, {wrong});
    return cli::run_sim(sim_arguments.command, std::cout, std::cerr);
  }
  if (const std::string wrong = finish(arguments); !wrong.empty()) {
    return refuse(arguments.format, {wrong});
  }
  if (node->parsed()) return run_child<cluster::NodeHost>(arguments.child);
  if (client_manager->parsed()) return run_child<cluster::ClientManager>(arguments.child);
  if (bench->parsed()) {
    const std::string wrong = finish(bench_arguments, arguments.child.cluster);
    if (!wrong.empty()) return refuse(bench_arguments.format, {wrong});
    try {
      return cli::run_bench(bench_arguments.command, std::cout, std::cerr);
    } catch (const cluster::StartError& error) {
      return refuse(bench_arguments.format, {error.what()});
    }
  }
  return run(arguments);
}
