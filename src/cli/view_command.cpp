#include "paxbank/cli/view_command.hpp"

#include "paxbank/cli/exit.hpp"
#include "paxbank/cli/output_file.hpp"
#include "paxbank/view/exports.hpp"
#include "paxbank/view/page.hpp"
#include "paxbank/view/reader.hpp"

#include <cmath>
#include <cstring>
#include <fstream>
#include <ostream>

namespace paxbank::cli {
namespace {

namespace fs = std::filesystem;
using Form = ViewCommand::Form;

std::string_view ending_of(Form form) {
  constexpr std::string_view endings[] = {".html", ".svg", ".perfetto.json", ".shiviz.log", ".mmd"};
  return endings[static_cast<int>(form)];
}

view::Run read(const fs::path& trace) {
  std::ifstream in(trace, std::ios::binary);
  if (!in) throw view::NoTrace(std::strerror(errno));
  if (fs::is_directory(trace)) throw view::NoTrace("is a directory");
  return view::read_trace(in);
}

std::int64_t microseconds(double ms) { return static_cast<std::int64_t>(std::llround(ms * 1'000)); }

view::Part part_of(const ViewCommand& command) {
  view::Part part;
  if (command.from_ms) part.from_us = microseconds(*command.from_ms);
  if (command.to_ms) part.to_us = microseconds(*command.to_ms);
  return part;
}

void write(std::ostream& out, const ViewCommand& command, const view::Run& run) {
  const view::Part part = part_of(command);
  switch (command.form) {
    case Form::html:
      view::write_page(out, run,
                       {.title = command.trace.filename().string(), .open_at = run.violation()});
      break;
    case Form::svg:
      view::write_svg(out, run, part);
      break;
    case Form::perfetto:
      view::write_perfetto(out, run, part);
      break;
    case Form::shiviz:
      view::write_shiviz(out, run, part);
      break;
    case Form::mermaid:
      view::write_mermaid(out, run, part);
      break;
  }
}

}  // namespace

int run_view(const ViewCommand& command, std::ostream& out, std::ostream& err) {
  const auto refuse = [&](const std::string& what) {
    err << "paxbank: " << what << "\n";
    return exit_usage;
  };
  try {
    const view::Run run = read(command.trace);
    for (const std::string& note : run.notes) {
      err << "paxbank: " << command.trace.string() << ": " << note << "\n";
    }
    fs::path output = command.output;
    if (output.empty()) output = fs::path(command.trace).replace_extension(ending_of(command.form));
    std::error_code none;
    if (fs::equivalent(output, command.trace, none)) {
      return refuse(output.string() + " is the trace itself: name another file with -o");
    }
    const std::string wrong =
        write_file(output, [&](std::ostream& file) { write(file, command, run); });
    if (!wrong.empty()) return refuse(wrong);
    out << "wrote " << output.string() << ": " << run.events.size() << " events\n";
    return exit_ok;
  } catch (const view::NoTrace& wrong) {
    return refuse(command.trace.string() + ": " + wrong.what());
  } catch (const view::TooMuch& wrong) {
    return refuse(wrong.what());
  }
}

std::string write_view(const fs::path& path, const view::Run& run, const std::string& title) {
  return write_file(path, [&](std::ostream& file) {
    view::write_page(file, run, {.title = title, .open_at = run.violation()});
  });
}

std::string write_view(const fs::path& path, const fs::path& trace, const std::string& title) {
  try {
    return write_view(path, read(trace), title);
  } catch (const view::NoTrace& wrong) {
    return trace.string() + ": " + wrong.what();
  }
}

}  // namespace paxbank::cli
