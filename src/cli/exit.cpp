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

}  // namespace paxbank::cli
