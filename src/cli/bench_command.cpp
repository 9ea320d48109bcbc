#include "paxbank/cli/bench_command.hpp"

#include "paxbank/bench/floor.hpp"
#include "paxbank/cli/exit.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace paxbank::cli {
namespace {

using Json = nlohmann::ordered_json;
using bench::Figures;
using bench::WindowResult;

/// To so many decimals, as a number that prints with no more than those.
double rounded(double value, int decimals = 0) {
  const double unit = std::pow(10, decimals);
  return std::round(value * unit) / unit;
}

Json to_json(const WindowResult& result) {
  Json cpu = Json::object();
  for (const auto& [process, seconds] : result.cpu_seconds) cpu[process] = rounded(seconds, 3);
  return {{"event", "bench"},
          {"window", result.window},
          {"tps", rounded(result.paxbank.per_second)},
          {"p50_us", result.paxbank.p50_us},
          {"p99_us", result.paxbank.p99_us},
          {"p999_us", result.paxbank.p999_us},
          {"floor_tps", rounded(result.floor.per_second)},
          {"floor_p50_us", result.floor.p50_us},
          {"floor_p99_us", result.floor.p99_us},
          {"floor_p999_us", result.floor.p999_us},
          {"ratio", rounded(result.ratio, 3)},
          {"cpu_seconds_per_million", cpu},
          {"disturbed", !result.disturbed.empty()},
          {"findings", result.findings},
          {"ok", result.findings.empty() && result.disturbed.empty()}};
}

Json to_json(const bench::GrowthResult& result) {
  Json tenths = Json::array();
  for (const double tenth : result.tenths) tenths.push_back(rounded(tenth));
  return {{"event", "growth"},
          {"window", result.window},
          {"transfers", result.transfers},
          {"tps", rounded(result.per_second)},
          {"tenths_tps", tenths},
          {"last_to_first", rounded(result.last_to_first, 3)},
          {"memory_mib", rounded(result.memory_mib, 1)},
          {"findings", result.findings},
          {"ok", result.findings.empty()}};
}

Json to_json(const bench::FailoverResult& result) {
  return {{"event", "failover"},         {"tries", result.tries},
          {"p50_ms", result.p50_ms},     {"max_ms", result.max_ms},
          {"times_ms", result.times_ms}, {"lost", result.lost},
          {"findings", result.findings}, {"ok", result.findings.empty() && result.lost == 0}};
}

double quantile(const std::vector<double>& sorted, std::size_t percent) {
  return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
}

Json to_json(const bench::KillsResult& result) {
  return {{"event", "kills"},
          {"kills", result.kills},
          {"answer_p50_ms", quantile(result.answer_ms, 50)},
          {"answer_max_ms", quantile(result.answer_ms, 100)},
          {"back_p50_ms", quantile(result.back_ms, 50)},
          {"back_max_ms", quantile(result.back_ms, 100)},
          {"lost", result.lost},
          {"findings", result.findings},
          {"ok", result.findings.empty() && result.lost == 0}};
}

void write_findings(const std::vector<std::string>& findings, std::ostream& out) {
  for (const std::string& finding : findings) out << "  ! " << finding << "\n";
}

void write_header(std::ostream& out) {
  out << "          transfers a second             latency in us (paxbank, floor below)\n"
      << "  window    paxbank      floor  ratio        p50       p99     p99.9\n";
}

void write_latency(const Figures& figures, std::ostream& out) {
  out << std::setw(11) << figures.p50_us << std::setw(10) << figures.p99_us << std::setw(10)
      << figures.p999_us << "\n";
}

void write(const WindowResult& result, std::ostream& out) {
  if (!result.measured) {
    out << std::setw(8) << result.window << "  not measured\n";
    write_findings(result.findings, out);
    return;
  }
  out << std::fixed << std::setprecision(0) << std::setw(8) << result.window << std::setw(11)
      << result.paxbank.per_second << std::setw(11) << result.floor.per_second
      << std::setprecision(2) << std::setw(7) << result.ratio << std::setprecision(0);
  write_latency(result.paxbank, out);
  out << std::setw(37) << "";
  write_latency(result.floor, out);
  out << "          CPU s per million: " << std::setprecision(2);
  for (const auto& [process, seconds] : result.cpu_seconds) out << " " << process << " " << seconds;
  out << "\n";
  if (!result.disturbed.empty()) {
    out << "  ! the floor was disturbed: " << result.disturbed
        << "; let nothing else run, or give --duration more time\n";
  }
  write_findings(result.findings, out);
}

void write(const bench::GrowthResult& result, std::ostream& out) {
  out << std::fixed << std::setprecision(0) << result.transfers << " transfers, window "
      << result.window << ": " << result.per_second << " a second; by tenths:";
  for (const double tenth : result.tenths) out << " " << tenth;
  out << std::setprecision(2) << "\nlast tenth to first: " << result.last_to_first
      << std::setprecision(1) << "; most memory of a process: " << result.memory_mib << " MiB\n";
  write_findings(result.findings, out);
}

void write(const bench::FailoverResult& result, std::ostream& out) {
  out << std::fixed << std::setprecision(1) << result.tries
      << " leaders cut off under load; to the first answer of the next: p50 " << result.p50_ms
      << " ms, longest " << result.max_ms
      << " ms; answered transfers lost or done twice: " << result.lost << "\n";
  write_findings(result.findings, out);
}

void write(const bench::KillsResult& result, std::ostream& out) {
  out << std::fixed << std::setprecision(1) << result.kills
      << " nodes killed under load and brought back; after a leader's death to the first answer of "
         "the next: p50 "
      << quantile(result.answer_ms, 50) << " ms, longest " << quantile(result.answer_ms, 100)
      << " ms; from a start until the node is level: p50 " << quantile(result.back_ms, 50)
      << " ms, longest " << quantile(result.back_ms, 100)
      << " ms; answered transfers lost or done twice: " << result.lost << "\n";
  write_findings(result.findings, out);
}

/// One of the two panels: what is drawn of a window, paxbank beside the floor.
std::string panel(const std::string& title, const std::string& columns) {
  return "set title '" + title + "'\nplot " + columns + "\n";
}

std::string plot_script(const std::filesystem::path& file,
                        const std::vector<WindowResult>& results) {
  std::string data = "$data << EOD\n";
  for (const WindowResult& r : results) {
    data += std::to_string(r.window);
    for (const Figures& f : {r.paxbank, r.floor}) {
      for (const double value : {f.per_second, f.p50_us, f.p99_us, f.p999_us}) {
        data += " " + std::to_string(value);
      }
    }
    data += "\n";
  }
  const auto line = [](int column, const std::string& name, const std::string& style) {
    return "$data using 1:" + std::to_string(column) + " with linespoints " + style + " title '" +
           name + "'";
  };
  return "set terminal svg size 1000,420 background 'white'\nset output '" + file.string() + "'\n" +
         data + "EOD\nset logscale xy\nset xlabel 'requests under way'\nset key below\n" +
         "set grid\nset multiplot layout 1,2\n" +
         panel("transfers a second",
               line(2, "paxbank", "lc 1 lw 2") + ", " + line(6, "floor", "lc 0 dt 2")) +
         panel("latency in microseconds",
               line(3, "paxbank p50", "lc 1 lw 2") + ", " + line(4, "paxbank p99", "lc 2 lw 2") +
                   ", " + line(5, "paxbank p99.9", "lc 3 lw 2") + ", " +
                   line(7, "floor p50", "lc 1 dt 2") + ", " + line(8, "floor p99", "lc 2 dt 2") +
                   ", " + line(9, "floor p99.9", "lc 3 dt 2")) +
         "unset multiplot\n";
}

/// Returns whether gnuplot drew it.
bool draw(const std::filesystem::path& file, const std::vector<WindowResult>& results) {
  std::FILE* gnuplot = ::popen("gnuplot", "w");
  if (gnuplot == nullptr) return false;
  const std::string script = plot_script(file, results);
  const bool written = std::fwrite(script.data(), 1, script.size(), gnuplot) == script.size();
  return ::pclose(gnuplot) == 0 && written;
}

template <class Result>
int tell(const Result& result, const BenchCommand& command, std::ostream& out) {
  const Json json = to_json(result);
  if (command.format == scenario::Format::jsonl) {
    out << json.dump() << "\n" << std::flush;
  } else {
    std::ostringstream text;
    write(result, text);
    out << scenario::wrapped(text.str(), command.style.width) << std::flush;
  }
  return json.at("ok") == true ? exit_ok : exit_broken;
}

}  // namespace

std::optional<std::vector<std::uint32_t>> read_windows(const std::string& text) {
  std::vector<std::uint32_t> windows;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    std::uint32_t window = 0;
    const auto [next, error] = std::from_chars(at, end, window);
    if (error != std::errc() || window < 1 || window > bench::Floor::window_limit) {
      return std::nullopt;
    }
    windows.push_back(window);
    if (next == end) return windows;
    if (*next != ',') return std::nullopt;
    at = next + 1;
  }
}

std::string plot_problem(const std::filesystem::path& plot) {
  if (plot.empty()) return "";
  if (std::system("command -v gnuplot >/dev/null 2>&1") != 0) {
    return "--plot needs gnuplot (on Debian and Ubuntu: apt-get install gnuplot-nox)";
  }
  if (plot.string().find('\'') != std::string::npos)
    return "--plot: a name without a quote, please";
  return "";
}

int run_bench(const BenchCommand& command, std::ostream& out, std::ostream& err) {
  if (command.failovers > 0) {
    return tell(
        bench::run_failover(command.settings, command.windows.windows.front(), command.failovers),
        command, out);
  }
  if (command.kills > 0) {
    return tell(bench::run_kills(command.settings, command.windows.windows.front(), command.kills),
                command, out);
  }
  if (command.transfers > 0) {
    return tell(
        bench::run_growth(command.settings, command.windows.windows.back(), command.transfers),
        command, out);
  }
  std::vector<WindowResult> results;
  int status = exit_ok;
  if (command.format == scenario::Format::text) write_header(out);
  bench::run_windows(command.settings, command.windows, [&](const WindowResult& result) {
    results.push_back(result);
    status = std::max(status, tell(result, command, out));
  });
  if (!command.plot.empty() && !draw(command.plot, results)) {
    err << "paxbank: --plot: " << command.plot.string() << " could not be drawn\n";
    return exit_usage;
  }
  return status;
}

}  // namespace paxbank::cli
