// A hash of a record's values, to tell whether a stored row is still the one that a computation started from.
#pragma once

#include <cstdint>

#include "common/records/record.h"

namespace wombat {

// Over every field's normal form; never 0. Equal in all processes of one build; not stored anywhere.
std::uint64_t Fingerprint(const Record& record);

}  // namespace wombat
