// The record of what was done to a data directory, and the system migrations that must be in it.
// Behaviour: spec 06 §5.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/db/sqlite.h"

namespace wombat {

struct MigrationContext {
  Connection& data;
  Connection& auxiliary;
};

struct SystemMigration {
  std::string_view file;  // its name in `_migrations`
  Result<void> (*up)(MigrationContext& context);
};

// In ascending byte order of their names, which is the order in which they run.
std::span<const SystemMigration> SystemMigrations();

// Runs what is not recorded, in one transaction on each database, and records it. Writes nothing when all is done.
// Errors: "failed to apply migration <file>: <cause>"; nothing of the run remains then.
Result<void> RunSystemMigrations(Connection& data, Connection& auxiliary);

}  // namespace wombat
