// View queries: whatever a superuser types is named or refused, in time and memory proportional to its length.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/schema/view_query.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view trimmed = wombat::TrimViewQuery(input);
  if (trimmed.size() > input.size()) std::abort();
  (void)wombat::ParseViewQuery(input);
  const std::string text(input);
  for (const std::string& query : {"SELECT id, " + text + " FROM a", "SELECT a.id FROM " + text,
                                   "SELECT id, (" + text + ") AS x FROM a LEFT JOIN b ON (" + text + ") WHERE c"}) {
    const auto named = wombat::ParseViewQuery(query);
    if (!named) continue;
    for (const auto& column : named->columns)
      if (column.alias.size() > query.size() || column.original.size() > query.size()) std::abort();
  }
  return 0;
}
