// Whatever a file holds, it is read into sets, or its faults are told with places that it has.
#include "paxbank/scenario/csv.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paxbank;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const scenario::CsvResult result = scenario::read_csv(text, 5, default_bank());
  if (const auto* errors = std::get_if<std::vector<scenario::CsvError>>(&result)) {
    if (errors->empty() || errors->size() > scenario::csv_errors_limit) std::abort();
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const auto& error : *errors) {
      if (error.line < 1 || error.line > lines || error.column < 1 || error.message.empty()) {
        std::abort();
      }
    }
    return 0;
  }
  const auto& sets = std::get<std::vector<scenario::TransactionSet>>(result);
  if (sets.empty()) std::abort();
  for (const auto& set : sets) {
    if (set.rows.empty()) std::abort();
  }
  return 0;
}
