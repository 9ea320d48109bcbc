#include "paxbank/cli/sim_command.hpp"

#include "paxbank/cli/exit.hpp"
#include "paxbank/cli/view_command.hpp"
#include "paxbank/core/describe.hpp"
#include "paxbank/view/reader.hpp"
#include "paxbank/wire/trace.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iomanip>
#include <map>
#include <ostream>
#include <sstream>

namespace paxbank::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Of each node concerned so many events before a violation are shown.
constexpr std::size_t last_events_limit = 20;

/// Set by Ctrl-C. Lock-free, so that a signal handler may.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

/// While it lives, the first Ctrl-C asks for an orderly end, and a second one has its usual effect.
class InterruptWatch {
 public:
  InterruptWatch() {
    interrupted = false;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &before_);
  }
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  ~InterruptWatch() { ::sigaction(SIGINT, &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::ptrdiff_t i = std::ssize(text) - 3; i > 0; i -= 3) {
    text.insert(static_cast<std::size_t>(i), ",");
  }
  return text;
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3'600)
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3'600) + " h " + std::to_string(whole % 3'600 / 60) + " min";
}

/// What to type for the same runs with other seeds.
std::string command_line(const SimCommand& command, const std::string& seeds) {
  const sim::SimulationConfig& run = command.campaign.run;
  std::string text = "paxbank sim " + seeds;
  if (run.nodes != 5) text += " --nodes " + std::to_string(run.nodes);
  if (run.clients != 10) text += " --clients " + std::to_string(run.clients);
  if (run.transactions != 300) text += " --transactions " + std::to_string(run.transactions);
  if (command.faults != "all") text += " --faults " + command.faults;
  return text;
}

std::string replay_command(const SimCommand& command, std::uint64_t seed) {
  return command_line(command, "--seed " + std::to_string(seed));
}

/// What a campaign comes to.
struct Verdict {
  std::vector<std::string_view> never_happened;  ///< faults that were asked for
  std::optional<std::uint64_t> rest;  ///< the first seed not run, if Ctrl-C ended the campaign
  bool ok = false;
};

Verdict judge(const SimCommand& command, const sim::CampaignResult& result) {
  Verdict verdict;
  for (std::size_t i = 0; i < sim::fault_count; ++i) {
    if (command.campaign.run.faults.test(i) && result.total.happened[i] == 0) {
      verdict.never_happened.push_back(to_string(static_cast<sim::Fault>(i)));
    }
  }
  const std::uint64_t next = command.campaign.first + result.runs;
  if (!result.violated_seed && next <= command.campaign.last) verdict.rest = next;
  verdict.ok = !result.violated_seed && !verdict.rest && verdict.never_happened.empty();
  return verdict;
}

/// The last events of each of some nodes, or of all together if none is named.
class LastEvents {
 public:
  explicit LastEvents(const std::vector<NodeId>& nodes) {
    for (const NodeId node : nodes) lines_[describe(node)];
    if (nodes.empty()) lines_[everybody];
  }

  void add(const TraceEvent& event) {
    if (event.kind == "state") return;  // what happened says enough
    ++order_;
    auto lines = lines_.find(everybody);
    if (lines == lines_.end()) lines = lines_.find(std::string(event.node));
    if (lines == lines_.end()) return;
    lines->second.emplace_back(order_, wire::encode(event));
    if (lines->second.size() > last_events_limit) lines->second.pop_front();
  }

  /// In the order in which they happened.
  [[nodiscard]] std::vector<Json> take() const {
    std::map<std::uint64_t, std::string> ordered;
    for (const auto& [name, lines] : lines_) ordered.insert(lines.begin(), lines.end());
    std::vector<Json> events;
    for (const auto& [order, event] : ordered) events.push_back(Json::parse(event));
    return events;
  }

 private:
  static constexpr const char* everybody = "";

  std::map<std::string, std::deque<std::pair<std::uint64_t, std::string>>> lines_;
  std::uint64_t order_ = 0;
};

/// Runs the seed again, now that it is known where to look.
void tell_violation(const SimCommand& command, std::uint64_t seed, const std::string& picture,
                    std::ostream& out) {
  sim::SimulationConfig config = command.campaign.run;
  config.seed = seed;
  const sim::SimulationResult first = simulate(config);
  LastEvents last(first.violation->nodes);
  const sim::SimulationResult run =
      simulate(config, [&](const TraceEvent& event) { last.add(event); });
  const Violation& violation = *run.violation;
  Json nodes = Json::array();
  for (const NodeId node : violation.nodes) nodes.push_back(node.value);
  if (command.format == scenario::Format::jsonl) {
    out << Json{{"event", "violation"},
                {"rule", violation.rule},
                {"seed", seed},
                {"step", run.steps},
                {"time_us", run.duration.count()},
                {"what", violation.what},
                {"nodes", nodes},
                {"last_events", last.take()},
                {"replay", replay_command(command, seed)},
                {"view", picture.empty() ? Json() : Json(picture)}}
               .dump()
        << "\n";
    return;
  }
  out << "VIOLATION of " << violation.rule << " in seed " << seed << " at step " << run.steps
      << ": " << violation.what << "\n";
  for (const Json& event : last.take()) out << "  " << event.dump() << "\n";
  out << "Again, with a trace of all of it:\n  " << replay_command(command, seed)
      << " --trace trace.jsonl\n";
  if (!picture.empty()) out << "As a picture, opened at the violation:\n  " << picture << "\n";
}

void tell_summary_json(const SimCommand& command, const sim::CampaignResult& result,
                       const Verdict& verdict, std::ostream& out) {
  Json faults = Json::object();
  for (std::size_t i = 0; i < sim::fault_count; ++i) {
    faults[std::string(to_string(static_cast<sim::Fault>(i)))] = result.total.happened[i];
  }
  const sim::SimulationResult& total = result.total;
  out << Json{{"event", "sim"},
              {"seeds", {command.campaign.first, command.campaign.last}},
              {"runs", result.runs},
              {"seconds", result.time.count()},
              {"runs_per_second", static_cast<double>(result.runs) / result.time.count()},
              {"steps", total.steps},
              {"virtual_seconds", static_cast<double>(total.duration.count()) / 1e6},
              {"success", total.success},
              {"failed", total.failed},
              {"faults", faults},
              {"never_happened", verdict.never_happened},
              {"messages",
               {{"sent", total.messages.sent},
                {"lost", total.messages.lost},
                {"duplicated", total.messages.duplicated},
                {"delayed", total.messages.delayed},
                {"reordered", total.messages.reordered},
                {"blocked", total.messages.blocked}}},
              {"nodes",
               {{"elections", total.nodes.elections},
                {"leaders", total.nodes.leaders},
                {"stepped_down", total.nodes.stepped_down},
                {"executed", total.nodes.executed},
                {"no_ops", total.nodes.no_ops},
                {"duplicates", total.nodes.duplicates},
                {"compacted", total.nodes.compacted},
                {"checkpoints_installed", total.nodes.installed}}},
              {"interrupted", verdict.rest.has_value()},
              {"violation_seed", result.violated_seed ? Json(*result.violated_seed) : Json()},
              {"ok", verdict.ok}}
             .dump()
      << "\n";
}

/// What happened in all the runs, for a person.
std::string figures(const SimCommand& command, const sim::CampaignResult& result) {
  std::ostringstream out;
  const sim::SimulationResult& total = result.total;
  const double seconds = result.time.count();
  const auto& [first, last] = std::pair(command.campaign.first, command.campaign.last);
  out << (first == last ? "seed " + std::to_string(first)
                        : "seeds " + std::to_string(first) + ".." + std::to_string(last))
      << ": " << grouped(result.runs) << (result.runs == 1 ? " run in " : " runs in ") << std::fixed
      << std::setprecision(1) << seconds << " s (" << static_cast<double>(result.runs) / seconds
      << " a second), " << grouped(total.steps) << " steps\n"
      << "transfers   " << grouped(total.success) << " success, " << grouped(total.failed)
      << " failed\n"
      << "messages    " << grouped(total.messages.sent) << " sent, " << grouped(total.messages.lost)
      << " lost, " << grouped(total.messages.duplicated) << " duplicated, "
      << grouped(total.messages.delayed) << " delayed, " << grouped(total.messages.reordered)
      << " reordered, " << grouped(total.messages.blocked) << " blocked\n"
      << "elections   " << grouped(total.nodes.elections) << " candidacies, "
      << grouped(total.nodes.leaders) << " won; " << grouped(total.nodes.stepped_down)
      << " leaders stepped down\n"
      << "logs        " << grouped(total.nodes.executed) << " slots executed, "
      << grouped(total.nodes.no_ops) << " no-ops, " << grouped(total.nodes.duplicates)
      << " requests chosen twice, " << grouped(total.nodes.compacted) << " checkpoints, "
      << grouped(total.nodes.installed) << " of them sent\n"
      << "faults     ";
  for (std::size_t i = 0; i < sim::fault_count; ++i) {
    if (!command.campaign.run.faults.test(i)) continue;
    out << " " << to_string(static_cast<sim::Fault>(i)) << " " << grouped(total.happened[i]);
  }
  out << "\n";
  return scenario::wrapped(out.str(), command.style.width);
}

void tell_summary_text(const SimCommand& command, const sim::CampaignResult& result,
                       const Verdict& verdict, std::ostream& out) {
  out << figures(command, result);
  if (result.violated_seed) return;
  for (const std::string_view missing : verdict.never_happened) {
    out << "NEVER HAPPENED though asked for: " << missing << " (more seeds or transactions)\n";
  }
  out << "No rule was violated.\n";
  if (verdict.rest) {
    out << "Interrupted. The rest of the seeds:\n  "
        << command_line(command, "--seeds " + std::to_string(*verdict.rest) + ".." +
                                     std::to_string(command.campaign.last))
        << "\n";
  }
}

void show_progress(const SimCommand& command, std::uint64_t runs, double seconds,
                   std::ostream& err) {
  const std::uint64_t all = command.campaign.last - command.campaign.first + 1;
  const double speed = static_cast<double>(runs) / seconds;
  err << "\r" << grouped(runs) << " of " << grouped(all) << " seeds, " << std::fixed
      << std::setprecision(0) << speed << " a second, "
      << duration(static_cast<double>(all - runs) / speed) << " left   " << std::flush;
}

/// A step that does not end leaves nothing to do but to say which, and to end the program. The
/// thread that takes it holds nothing that this one needs.
[[noreturn]] void tell_stuck(const SimCommand& command, std::uint64_t seed, std::uint64_t step,
                             std::ostream& out) {
  const std::string what = "the step does not end";
  if (command.format == scenario::Format::jsonl) {
    out << Json{{"event", "violation"}, {"rule", "progress"},
                {"seed", seed},         {"step", step},
                {"what", what},         {"replay", replay_command(command, seed)}}
               .dump()
        << std::endl;
  } else {
    out << "VIOLATION of progress in seed " << seed << " at step " << step << ": " << what
        << "\nAgain, with a trace of all before it:\n  " << replay_command(command, seed)
        << " --trace trace.jsonl" << std::endl;
  }
  std::_Exit(exit_broken);
}

/// Writes the trace of a single run. Returns what is wrong, or "".
std::string write_trace(const SimCommand& command) {
  std::ofstream file(command.trace, std::ios::trunc);
  sim::SimulationConfig config = command.campaign.run;
  config.seed = command.campaign.first;
  if (file) {
    file << wire::encode(trace_head(config));
    (void)simulate(config, [&](const TraceEvent& event) { file << wire::encode(event); });
    file.flush();
  }
  return file ? "" : "--trace: " + command.trace.string() + " cannot be written";
}

/// Plays one run again and shows it. Returns what is wrong, or "".
std::string show(const SimCommand& command, std::uint64_t seed, const std::filesystem::path& path) {
  sim::SimulationConfig config = command.campaign.run;
  config.seed = seed;
  view::Reader reader;
  const auto take = [&](std::string_view line) { reader.take(line.substr(0, line.size() - 1)); };
  take(wire::encode(trace_head(config)));
  (void)simulate(config, [&](const TraceEvent& event) { take(wire::encode(event)); });
  reader.finish();
  return write_view(path, reader.run(), "paxbank sim --seed " + std::to_string(seed));
}

/// The picture of a violation, which nobody need ask for. Returns where it is, or "".
std::string show_violation(const SimCommand& command, std::uint64_t seed, std::ostream& err) {
  const std::filesystem::path path =
      command.view.empty()
          ? std::filesystem::path("violation-seed-" + std::to_string(seed) + ".html")
          : command.view;
  const std::string wrong = show(command, seed, path);
  if (wrong.empty()) return path.string();
  err << "paxbank: no picture of the violation: " << wrong << "\n";
  return "";
}

}  // namespace

std::optional<std::pair<std::uint64_t, std::uint64_t>> read_seeds(const std::string& text) {
  const auto dots = text.find("..");
  const auto read = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::string_view all = text;
  const auto first = read(all.substr(0, dots));
  const auto last = dots == std::string::npos ? first : read(all.substr(dots + 2));
  constexpr std::uint64_t limit = std::uint64_t{1} << 62U;
  if (!first || !last || *last < *first || *last > limit) return std::nullopt;
  return std::pair(*first, *last);
}

int run_sim(const SimCommand& asked, std::ostream& out, std::ostream& err) {
  SimCommand command = asked;
  command.campaign.run.stuck = [&](std::uint64_t seed, std::uint64_t step) {
    tell_stuck(asked, seed, step, out);
  };
  if (!command.trace.empty()) {
    if (const std::string wrong = write_trace(command); !wrong.empty()) {
      err << "paxbank: " << wrong << "\n";
      return exit_usage;
    }
  }
  sim::OnProgress progress;
  if (command.progress) {
    progress = [&](std::uint64_t runs, std::chrono::duration<double> time) {
      show_progress(command, runs, time.count(), err);
    };
  }
  const InterruptWatch watch;
  const sim::CampaignResult result = run_campaign(command.campaign, progress, interrupted);
  if (command.progress) err << "\r\x1b[K" << std::flush;
  if (result.violated_seed) {
    const std::string picture = show_violation(command, *result.violated_seed, err);
    tell_violation(command, *result.violated_seed, picture, out);
  } else if (!command.view.empty()) {
    const std::string wrong = show(command, command.campaign.first, command.view);
    if (!wrong.empty()) {
      err << "paxbank: --view: " << wrong << "\n";
      return exit_usage;
    }
  }
  const Verdict verdict = judge(command, result);
  if (command.format == scenario::Format::jsonl) {
    tell_summary_json(command, result, verdict, out);
  } else {
    tell_summary_text(command, result, verdict, out);
  }
  if (verdict.rest) return exit_interrupted;
  return verdict.ok ? exit_ok : exit_broken;
}

}  // namespace paxbank::cli
