// The command line: parse, call, exit status. What each option means is in the README.
#include "paxbank/bench/floor.hpp"
#include "paxbank/cli/data_command.hpp"
#include "paxbank/cli/exit.hpp"
#include "paxbank/cli/options.hpp"
#include "paxbank/cli/parse_error.hpp"
#include "paxbank/cluster/client_manager.hpp"
#include "paxbank/cluster/launcher.hpp"
#include "paxbank/cluster/node_host.hpp"
#include "paxbank/cluster/switch.hpp"
#include "paxbank/web/server.hpp"

#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>

#include <iostream>
#include <optional>
#include <sstream>

namespace {

using namespace paxbank;

/// What only the launcher says, to the children that it starts with its own program.
struct ChildOptions {
  cluster::ChildSettings settings;
  bench::FloorSettings floor;
  web::Settings web;
  std::string ports;
  std::string switch_sockets;

  CLI::App* add_to(CLI::App& app, const std::string& name, cli::ClusterOptions& cluster) {
    CLI::App* child = app.add_subcommand(name, "")->group("");
    cluster.add_to_child(*child);
    child->add_option("--ports", ports)->required(name != "web");
    child->add_option("--control-fd", settings.control_fd)->required();
    if (name == "node") {
      child->add_option("--id", settings.id)->required();
      child->add_option("--listen-fd", settings.listen_fd)->required();
    }
    child->add_option("--life", settings.life);
    if (name == "switch") child->add_option("--switch-fds", switch_sockets)->required();
    if (name == "web") {
      child->add_option("--web-port", web.port)->required();
      child->add_option("--title", web.title)->required();
    }
    return child;
  }

  /// A process of the floor; see bench/floor.hpp.
  CLI::App* add_floor_to(CLI::App& app) {
    CLI::App* child = app.add_subcommand("floor", "")->group("");
    child->add_option("--nodes", floor.nodes)->required();
    child->add_option("--id", floor.id);
    child->add_option("--line-size", floor.line_size)->required();
    child->add_option_function<std::string>("--storage", [this](const std::string& name) {
      floor.storage = cluster::storage_of(name);
    });
    child->add_option("--ports", ports)->required();
    child->add_option("--listen-fd", floor.listen_fd);
    child->add_option("--control-fd", floor.control_fd)->required();
    return child;
  }

  void finish() {
    settings.ports = numbers<std::uint16_t>(ports);
    settings.switch_fds = numbers<int>(switch_sockets);
    floor.ports = settings.ports;
  }

  template <class Number>
  static std::vector<Number> numbers(const std::string& list) {
    std::vector<Number> numbers;
    std::stringstream in(list);
    for (std::string one; std::getline(in, one, ',');) {
      numbers.push_back(static_cast<Number>(std::stoul(one)));
    }
    return numbers;
  }
};

template <class Host, class Settings>
int run_child(const Settings& settings) {
  asio::io_context io(1);
  std::optional<Host> host;
  try {
    host.emplace(io, settings);
    io.run();
  } catch (const cluster::ChildError& error) {
    std::cerr << "paxbank: " << error.what() << "\n";
    if (!host) io.poll();  // the launcher is still told why
    return cli::exit_broken;
  }
  return cli::exit_ok;
}

int run_floor(const bench::FloorSettings& settings) {
  return settings.id > 0 ? run_child<bench::FloorNode>(settings)
                         : run_child<bench::FloorClient>(settings);
}

int run_sim(cli::SimOptions& options) {
  const std::string wrong = options.finish();
  if (!wrong.empty()) return cli::refuse(options.command.format, {wrong});
  return cli::run_sim(options.command, std::cout, std::cerr);
}

int run_view(const cli::ViewOptions& options) {
  const std::string wrong = options.finish();
  if (!wrong.empty()) return cli::refuse(scenario::Format::text, {wrong});
  return cli::run_view(options.command, std::cout, std::cerr);
}

int run_bench(cli::BenchOptions& options, const cluster::Settings& settings) {
  const std::string wrong = options.finish(settings);
  if (!wrong.empty()) return cli::refuse(options.command.format, {wrong});
  try {
    return cli::run_bench(options.command, std::cout, std::cerr);
  } catch (const cluster::StartError& error) {
    return cli::refuse(options.command.format, {error.what()});
  }
}

int run(int argc, char** argv) {
  CLI::App app{"A bank replicated by stable-leader Paxos on real processes, to watch and to break.",
               "paxbank"};
  cli::ClusterOptions cluster_options;
  cli::RunOptions run_options;
  run_options.add_to(app, cluster_options);
  app.set_version_flag("--version", PAXBANK_VERSION);
  cli::SimOptions sim_options;
  const CLI::App* sim = sim_options.add_to(app);
  cli::ViewOptions view_options;
  const CLI::App* view = view_options.add_to(app);
  cli::BenchOptions bench_options;
  std::string inspected;
  const CLI::App* data = cli::add_data_to(app, inspected);
  const CLI::App* bench = bench_options.add_to(app, cluster_options);
  ChildOptions child_options;
  const CLI::App* node = child_options.add_to(app, "node", cluster_options);
  const CLI::App* client_manager = child_options.add_to(app, "client-manager", cluster_options);
  const CLI::App* exchange = child_options.add_to(app, "switch", cluster_options);
  const CLI::App* web = child_options.add_to(app, "web", cluster_options);
  const CLI::App* floor = child_options.add_floor_to(app);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      std::ostringstream text;
      app.exit(error, text);
      std::cout << scenario::wrapped(text.str(), scenario::style_of_output().width);
      return cli::exit_ok;
    }
    const std::string misspelt = cli::misspelt_command(run_options.command.file);
    return cli::refuse(cli::format_asked_for(arguments),
                       {misspelt.empty() ? cli::problem_of(app, error, arguments) : misspelt});
  }
  child_options.finish();
  if (floor->parsed()) return run_floor(child_options.floor);
  if (sim->parsed()) return run_sim(sim_options);
  if (view->parsed()) return run_view(view_options);
  if (data->parsed()) return cli::inspect_data(inspected, std::cout, std::cerr);
  if (const std::string wrong = cluster_options.finish(); !wrong.empty()) {
    return cli::refuse(bench->parsed() ? bench_options.command.format : run_options.command.format,
                       {wrong});
  }
  child_options.settings.cluster = cluster_options.settings();
  if (const int clock = cluster_options.settings().clock_fd;
      clock >= 0 && !cluster::take_clock(clock)) {
    std::cerr << "paxbank: the clock that the launcher shares cannot be read\n";
    return cli::exit_broken;
  }
  if (node->parsed()) return run_child<cluster::NodeHost>(child_options.settings);
  if (client_manager->parsed()) return run_child<cluster::ClientManager>(child_options.settings);
  if (exchange->parsed()) return run_child<cluster::Switch>(child_options.settings);
  if (web->parsed()) {
    child_options.web.child = child_options.settings;
    return run_child<web::Server>(child_options.web);
  }
  if (bench->parsed()) return run_bench(bench_options, cluster_options.settings());
  cluster::Settings settings = cluster_options.settings();
  if (const std::string wrong = run_options.finish(settings); !wrong.empty()) {
    return cli::refuse(run_options.command.format, {wrong});
  }
  return cli::run_scenario(run_options.command, settings);
}

}  // namespace

int main(int argc, char** argv) {
  cluster::open_standard_streams();
  return cli::finish(run(argc, argv));
}
