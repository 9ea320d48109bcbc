#include "paxbank/cli/run_command.hpp"

#include "paxbank/cli/exit.hpp"
#include "paxbank/cli/parse_error.hpp"
#include "paxbank/cluster/tcp_cluster.hpp"
#include "paxbank/scenario/session.hpp"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace paxbank::cli {
namespace {

using Sets = std::vector<scenario::TransactionSet>;
using Commands = std::vector<scenario::ConsoleCommand>;

/// Makes ready what the cluster will write. Returns what is wrong, or "".
std::string prepare_outputs(const cluster::Settings& settings) {
  if (!settings.log_dir.empty()) {
    std::error_code error;
    std::filesystem::create_directories(settings.log_dir, error);
    if (error) return "--log-dir: " + settings.log_dir.string() + ": " + error.message();
  }
  if (!settings.trace.empty() && !std::ofstream(settings.trace, std::ios::trunc)) {
    return "--trace: " + settings.trace.string() + " cannot be written";
  }
  return "";
}

/// Ctrl-C and SIGTERM, as a source of the event loop. The first that finds no line to cancel ends
/// the run, with its summary; a further one ends the program on the spot.
class Interruption {
 public:
  Interruption(asio::io_context& io, scenario::Session& session, scenario::Runner& runner)
      : session_(session), runner_(runner), signals_(io, SIGINT, SIGTERM) {
    watch();
  }

  /// The signal that ended the run, or 0.
  [[nodiscard]] int signal() const { return signal_; }

 private:
  void watch() {
    signals_.async_wait([this](const asio::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGINT && session_.cancel_line()) {
        watch();
        return;
      }
      signal_ = signal;
      runner_.stop();
      signals_.clear();
    });
  }

  scenario::Session& session_;
  scenario::Runner& runner_;
  asio::signal_set signals_;
  int signal_ = 0;
};

int run_cluster(const RunCommand& command, const cluster::Settings& settings, const Sets& sets,
                Commands after_set) {
  scenario::Report report(command.format, std::cout, scenario::style_of_output());
  asio::io_context io(1);
  std::optional<cluster::TcpCluster> nodes(std::in_place, io, settings);
  scenario::Runner runner(
      *nodes, report, {settings.nodes, settings.client_timeout, command.concurrent, settings.bank});
  scenario::LineReader lines(io, [&](const std::string& line) {
    return scenario::complete(line, settings.nodes, settings.bank);
  });
  report.make_room([&] { lines.hide(); }, [&] { lines.show(); });
  scenario::Session session(*nodes, runner, report, lines, {command.batch, std::move(after_set)});
  const Interruption interruption(io, session, runner);
  if (command.file.empty()) {
    session.run_manual();
  } else {
    session.run_file(sets);
  }
  scenario::Summary summary = runner.summarize();
  summary.not_run = session.not_run();
  report(summary);
  nodes.reset();  // they end in the event loop, while all that it may call is still there
  if (!report.lost().empty()) {
    std::cerr << "paxbank: standard output: " << report.lost() << "; the report is not complete\n";
    return exit_broken;
  }
  if (interruption.signal() != 0) return exit_by_signal + interruption.signal();
  if (!summary.ok) return exit_broken;
  // A person sees a mistake and types on; a script learns of it by the status.
  return session.mistakes() > 0 && !lines.at_terminal() ? exit_usage : exit_ok;
}

}  // namespace

int run_scenario(const RunCommand& command, const cluster::Settings& settings) {
  if (command.batch && command.file.empty()) {
    return refuse(command.format, {"--batch runs a file: paxbank FILE.csv --batch"});
  }
  auto after_set = scenario::read_after_set(command.after_set, settings.nodes, settings.bank);
  if (const auto* error = std::get_if<scenario::CommandError>(&after_set)) {
    return refuse(command.format, {"--after-set: " + error->message});
  }
  Sets sets;
  if (!command.file.empty()) {
    if (const std::string wrong = misspelt_command(command.file); !wrong.empty()) {
      return refuse(command.format, {wrong});
    }
    auto loaded = scenario::load_file(command.file, settings.nodes, settings.bank);
    if (const auto* problems = std::get_if<std::vector<std::string>>(&loaded)) {
      return refuse(command.format, *problems);
    }
    sets = std::get<Sets>(std::move(loaded));
  }
  if (const std::string wrong = prepare_outputs(settings); !wrong.empty()) {
    return refuse(command.format, {wrong});
  }
  try {
    return run_cluster(command, settings, sets, std::get<Commands>(std::move(after_set)));
  } catch (const cluster::StartError& error) {
    return refuse(command.format, {error.what()});
  }
}

}  // namespace paxbank::cli
