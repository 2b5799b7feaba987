// The databases of a directory that has none yet.                                          Behaviour: spec 06 §6, §7.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/result.h"

namespace wombat {

inline constexpr const char* kDataFile = "data.db";
inline constexpr const char* kAuxiliaryFile = "auxiliary.db";

// Does nothing when data.db exists. Else the new databases, with the default settings, appear complete or not at all:
// they are made in `scratch` without syncing, synced once and then moved into `root`.
Result<void> CreateDatabasesIfMissing(const std::filesystem::path& root, const std::filesystem::path& scratch,
                                      const std::string& encryption_env);

}  // namespace wombat
