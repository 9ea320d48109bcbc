#include "paxbank/cli/run_command.hpp"

#include "paxbank/cli/exit.hpp"
#include "paxbank/cli/output_file.hpp"
#include "paxbank/cli/parse_error.hpp"
#include "paxbank/cli/view_command.hpp"
#include "paxbank/cluster/tcp_cluster.hpp"
#include "paxbank/cluster/trace_file.hpp"
#include "paxbank/cluster/wake_timer.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/scenario/session.hpp"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace paxbank::cli {
namespace {

using Sets = std::vector<scenario::TransactionSet>;
using Commands = std::vector<scenario::ConsoleCommand>;

/// Makes ready what the cluster will write. Returns what is wrong, or "".
std::string prepare_outputs(const RunCommand& command, const cluster::Settings& settings) {
  if (!settings.log_dir.empty()) {
    std::error_code error;
    std::filesystem::create_directories(settings.log_dir, error);
    if (error) return "--log-dir: " + settings.log_dir.string() + ": " + error.message();
  }
  if (!command.view.empty()) {
    const std::string wrong = cannot_be_written(command.view);
    if (!wrong.empty()) return "--view: " + wrong;
  }
  if (settings.trace.empty()) return "";
  const std::string wrong = cluster::begin_trace(settings);
  return wrong.empty() ? "" : "--trace: " + wrong;
}

/// Where the trace goes: to the file that the user named, or, if only its picture is wanted, to a
/// private one that goes away with this.
class TraceToShow {
 public:
  TraceToShow(const RunCommand& command, const cluster::Settings& settings)
      : path_(settings.trace) {
    if (!path_.empty() || (command.view.empty() && !settings.web_port)) return;
    std::string name = (std::filesystem::temp_directory_path() / "paxbank-trace-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    if (file < 0) return;  // the run then says that it cannot be written
    ::close(file);
    path_ = name;
    own_ = true;
  }
  TraceToShow(const TraceToShow&) = delete;
  TraceToShow& operator=(const TraceToShow&) = delete;
  ~TraceToShow() {
    std::error_code none;
    if (own_) std::filesystem::remove(path_, none);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool own_ = false;
};

/// The processes are gone: puts their lines in order, and makes the picture. Returns what is wrong,
/// or "".
std::string conclude_trace(const RunCommand& command, const cluster::Settings& settings) {
  const std::filesystem::path& trace = settings.trace;
  if (trace.empty()) return "";
  std::string wrong = cluster::put_in_order(trace);
  if (!wrong.empty()) return "--trace: its lines could not be put in order: " + wrong;
  if (command.view.empty()) return "";
  wrong = write_view(command.view, trace, settings.title);
  return wrong.empty() ? "" : "--view: " + wrong;
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

/// The launcher's own lines of a trace: the run's course, and the deaths of processes.
class TraceOfCourse {
 public:
  explicit TraceOfCourse(const cluster::Settings& settings)
      : file_(settings, [this](const std::string& what) { lost_ = what; }), sink_(file_.sink()) {}

  void operator()(const scenario::ReportEvent& event) {
    const std::string mark = sink_ ? to_mark(event) : "";
    if (mark.empty()) return;
    const TimePoint now = cluster::core_now();
    sink_({.time = now, .node = "run", .kind = "mark", .detail = TraceMark{mark}});
    // The dead write no trace.
    if (const auto* told = std::get_if<scenario::ProcessTold>(&event)) {
      if (const auto* death = std::get_if<ProcessDeath>(&told->news)) {
        bury(now, death->name, death->how);
      }
    } else if (const auto* killed = std::get_if<scenario::Killed>(&event)) {
      for (const NodeId node : killed->nodes) bury(now, describe(node), "is killed");
    }
    file_.flush();
  }

  /// Why not all could be written, or "".
  [[nodiscard]] const std::string& lost() const { return lost_; }

 private:
  void bury(TimePoint now, const std::string& name, std::string_view how) {
    sink_({.time = now, .node = name, .kind = "crash", .detail = TraceWord{how}});
  }

  std::string lost_;
  cluster::TraceFile file_;
  TraceSink sink_;
};

int run_cluster(const RunCommand& command, const cluster::Settings& settings, const Sets& sets,
                Commands after_set) {
  scenario::Report report(command.format, std::cout, scenario::style_of_output());
  TraceOfCourse trace(settings);
  asio::io_context io(1);
  std::optional<cluster::TcpCluster> nodes(std::in_place, io, settings);
  report.observe([&](const scenario::ReportEvent& event) {
    trace(event);
    if (nodes && !nodes->address().empty()) nodes->show(scenario::to_text(event));
  });
  if (!nodes->address().empty()) {
    report(scenario::Notice{"watch it at " + nodes->address()});
  }
  scenario::Runner runner(*nodes, report,
                          {settings.nodes, settings.client_timeout, command.concurrent,
                           settings.bank, !command.runs_on});
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
  if (!trace.lost().empty()) {
    std::cerr << "paxbank: " << trace.lost() << "\n";
    return exit_broken;
  }
  if (interruption.signal() != 0) return exit_by_signal + interruption.signal();
  if (!summary.ok) return exit_broken;
  // A person sees a mistake and types on; a script learns of it by the status.
  return session.mistakes() > 0 && !lines.at_terminal() ? exit_usage : exit_ok;
}

bool brings_back(const Sets& sets) {
  return std::any_of(sets.begin(), sets.end(), [](const scenario::TransactionSet& set) {
    return std::any_of(set.rows.begin(), set.rows.end(), [](const scenario::Row& row) {
      return std::holds_alternative<scenario::NodesComeBack>(row);
    });
  });
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
    if (settings.storage == cluster::Storage::memory && brings_back(sets)) {
      return refuse(command.format,
                    {command.file + ": RESTART needs nodes that keep something; with --storage "
                                    "memory they keep nothing"});
    }
  }
  const TraceToShow trace(command, settings);
  cluster::Settings traced = settings;
  traced.trace = trace.path();
  if (const std::string wrong = prepare_outputs(command, traced); !wrong.empty()) {
    return refuse(command.format, {wrong});
  }
  try {
    const int status = run_cluster(command, traced, sets, std::get<Commands>(std::move(after_set)));
    const std::string wrong = conclude_trace(command, traced);
    if (wrong.empty()) return status;
    std::cerr << "paxbank: " << wrong << "\n";
    return exit_broken;
  } catch (const cluster::StartError& error) {
    return refuse(command.format, {error.what()});
  }
}

}  // namespace paxbank::cli
