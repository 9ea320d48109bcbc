#include "paxbank/cli/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <tuple>
#include <unistd.h>

namespace paxbank::cli {

void RunOptions::add_to(CLI::App& app, ClusterOptions& cluster) {
  app.add_option("file", command.file, "the CSV file to run; none: manual mode")->option_text("");
  app.add_flag("--batch", command.batch, "no prompt: every set, a report after each, a summary");
  app.add_flag("--concurrent", command.concurrent,
               "rows between two LF are sent by their clients at the same time");
  app.add_option("--after-set", command.after_set,
                 "to run after every set, as in \"printdb all; printview all\"")
      ->option_text("CMDS");
  add_format(app, command.format);
  cluster.add_base_port(app);
  cluster.add_to(app);
  app.footer("At the prompt, help lists the commands.");
}

CLI::App* SimOptions::add_to(CLI::App& app) {
  sim_ = app.add_subcommand(
      "sim", "runs the same protocol code in virtual time, under faults, and checks every step");
  sim::SimulationConfig& run = command.campaign.run;
  command.campaign.jobs = std::max(1U, std::thread::hardware_concurrency());
  sim_->add_option("--seed", seed_, "one run, which this number determines")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 62U))
      ->option_text("S [random]");
  sim_->add_option("--seeds", seeds_, "one run for each seed from A to B")
      ->excludes("--seed")
      ->option_text("A..B");
  sim_->add_option("--nodes", run.nodes, "3, 5, 7 or 9 nodes")
      ->check(CLI::IsMember({3, 5, 7, 9}))
      ->option_text("N [5]");
  sim_->add_option("--clients", run.clients, "each with an account of its own")
      ->check(CLI::Range(1U, sim::clients_limit))
      ->option_text("N [10]");
  sim_->add_option("--transactions", run.transactions, "in all")
      ->check(CLI::Range(1, 1'000'000))
      ->option_text("N [300]");
  sim_->add_option("--faults", command.faults, "all, none, or of " + sim::fault_names())
      ->option_text("LIST [all]");
  sim_->add_option("--jobs", command.campaign.jobs, "threads")
      ->check(CLI::Range(1, 1'024))
      ->option_text("J [all cores]");
  sim_->add_option("--trace", command.trace, "writes every event of one run, a line each")
      ->option_text("FILE");
  add_format(*sim_, format);
  return sim_;
}

std::string SimOptions::finish() {
  std::string wrong;
  const auto faults = sim::read_faults(command.faults, wrong);
  if (!faults) {
    return "--faults: found \"" + wrong + "\", expected all, none, or a list of " +
           sim::fault_names();
  }
  command.campaign.run.faults = *faults;
  if (sim_->count("--seed") == 0) seed_ = std::random_device{}();
  command.campaign.first = command.campaign.last = seed_;
  if (!seeds_.empty()) {
    const auto seeds = read_seeds(seeds_);
    if (!seeds) return "--seeds: found \"" + seeds_ + "\", expected A..B, such as 1..1000";
    std::tie(command.campaign.first, command.campaign.last) = *seeds;
  }
  if (!command.trace.empty() && command.campaign.first != command.campaign.last) {
    return "--trace writes one run: give --seed";
  }
  command.jsonl = format == scenario::Format::jsonl;
  command.progress = isatty(STDERR_FILENO) == 1 && command.campaign.last > command.campaign.first;
  return "";
}

CLI::App* BenchOptions::add_to(CLI::App& app, ClusterOptions& cluster) {
  CLI::App* bench = app.add_subcommand(
      "bench", "what consensus costs on this machine, next to what the machine could do at best");
  bench->add_option("--windows", windows_, "requests under way, each from its own client")
      ->option_text("W,W,... [1,10,100,1000]");
  bench->add_option("--duration", duration_s_, "seconds for each side of each window")
      ->check(CLI::Range(0.1, 3'600.0))
      ->option_text("S [3]");
  bench->add_option("--payload", command.windows.line_size, "bytes in a line of the floor")
      ->check(CLI::Range(16, 65'536))
      ->option_text("BYTES [200]");
  CLI::Option* transfers =
      bench
          ->add_option("--transfers", command.transfers,
                       "instead: so many with the last window, throughput by tenths, memory")
          ->check(CLI::Range(10, 1'000'000'000))
          ->option_text("N");
  bench
      ->add_option("--failover", command.failovers,
                   "instead: so many leader failures under load of the first window [10]")
      ->check(CLI::Range(1, 100'000))
      ->excludes(transfers)
      ->option_text("N");
  bench->add_option("--plot", command.plot, "draws the windows, through gnuplot")
      ->option_text("FILE.svg");
  add_format(*bench, format);
  cluster.add_to(*bench);
  return bench;
}

std::string BenchOptions::finish(const cluster::Settings& settings) {
  command.settings = settings;
  command.jsonl = format == scenario::Format::jsonl;
  command.windows.duration =
      std::chrono::milliseconds(static_cast<std::int64_t>(duration_s_ * 1'000));
  if (windows_.empty()) {
    if (command.failovers > 0) command.windows.windows = {10};
  } else if (const auto windows = read_windows(windows_)) {
    command.windows.windows = *windows;
  } else {
    return "--windows: found \"" + windows_ +
           "\", expected numbers from 1 to 65536 with commas, such as 1,10,100";
  }
  return plot_problem(command.plot);
}

}  // namespace paxbank::cli
