// CREATE INDEX texts: parsed and rebuilt in time and size proportional to their length.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/schema/index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)wombat::ParseIndex(input);
  // Most random texts are no index at all: the input also takes the places of the parts of one.
  const auto line = input.find('\n');
  const std::string first(input.substr(0, line));
  const std::string rest(line == std::string_view::npos ? std::string_view() : input.substr(line + 1));
  for (const std::string& sql : {"CREATE UNIQUE INDEX `i` ON `t` (" + first + ") WHERE " + rest,
                                 "create index if not exists " + first + " on " + rest + " (`a`, `b` COLLATE NOCASE DESC)"}) {
    const auto index = wombat::ParseIndex(sql);
    if (!index.IsValid()) continue;
    const std::string built = index.Build();
    if (built.size() > 4 * sql.size() + 200) std::abort();
    (void)wombat::ParseIndex(built);
  }
  return 0;
}
