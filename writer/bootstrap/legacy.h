// Recognises directories of PocketBase before v0.23, whose tables this program does not read.   Behaviour: spec 06 §17.
#pragma once

#include <filesystem>

#include "common/base/result.h"

namespace wombat {

// Error: the directory is of that age; none of its files has been written, nor has one been added. A database that
// cannot be read at all is no error here: opening it will tell. `scratch` is used and removed when a WAL has to be
// looked into.
Result<void> RefuseLegacyDirectory(const std::filesystem::path& root, const std::filesystem::path& scratch);

}  // namespace wombat
