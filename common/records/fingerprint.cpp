#include "common/records/fingerprint.h"

#include <bit>
#include <functional>
#include <string_view>

namespace wombat {
namespace {

void Mix(std::uint64_t& hash, std::uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ull + (hash << 6) + (hash >> 2);
  hash *= 0xff51afd7ed558ccdull;
}

void MixText(std::uint64_t& hash, std::string_view text) { Mix(hash, std::hash<std::string_view>()(text)); }

}  // namespace

std::uint64_t Fingerprint(const Record& record) {
  std::uint64_t hash = 1;
  for (std::size_t i = 0; i < record.collection().fields.size(); i++) {
    const Json& value = record.value(int(i));
    Mix(hash, i);
    if (value.is_string()) {
      MixText(hash, value.as_string());
    } else if (value.is_number()) {
      Mix(hash, std::bit_cast<std::uint64_t>(value.as_number()));
    } else if (value.is_bool()) {
      Mix(hash, value.as_bool() ? 2 : 3);
    } else if (value.is_array() || value.is_object()) {
      MixText(hash, value.Dump());
    }
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace wombat
