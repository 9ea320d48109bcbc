#include "paxbank/cli/exit.hpp"

#include <iostream>

namespace paxbank::cli {

int refuse(scenario::Format format, const std::vector<std::string>& problems) {
  scenario::Report out(format, std::cout);
  for (const std::string& problem : problems) {
    std::cerr << "paxbank: " << problem << "\n";
    if (format == scenario::Format::jsonl) out(scenario::Fatal{problem});
  }
  return exit_usage;
}

int finish(int status) {
  if (std::cout.flush() || status != exit_ok) return status;
  std::cerr << "paxbank: standard output cannot be written; what was to be said is lost\n";
  return exit_broken;
}

}  // namespace paxbank::cli
