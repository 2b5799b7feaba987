// JSON text. What parses must print to text that parses to the same value, and the validator must agree with the parser
// wherever the two promise the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/base/json_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)wombat::ParseJson(text, false);
  const auto value = wombat::ParseJson(text);
  const bool valid = wombat::IsValidJson(text);
  if (value) {
    if (!valid) std::abort();
    const std::string printed = value->Dump();
    const auto again = wombat::ParseJson(printed);
    if (!again || !(*again == *value)) std::abort();
    if (again->Dump() != printed) std::abort();
  }
  if (valid) {
    std::string compact;
    wombat::AppendCompactJson(compact, text);
    if (!wombat::IsValidJson(compact)) std::abort();
  }
  std::string quoted;
  wombat::AppendJsonString(quoted, text);
  const auto back = wombat::ParseJson(quoted);
  if (!back || !back->is_string() || back->as_string() != wombat::SanitizeUtf8(text)) std::abort();
  return 0;
}
