// Makes a data directory ready: creates it, opens its databases for writing, brings older ones up to date.
// Behaviour: spec 06 §1, §4, §5, §17.                                                    README.md tells the steps.
//
// Runs once in the writer (or in a command without a server), before anyone is served. Everything that it did is on
// disk when it returns.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/schema.h"
#include "common/settings/settings.h"

namespace wombat {

struct BootstrapOptions {
  std::string data_dir;
  std::string encryption_env;  // NAME of the variable with the settings key; "" for none
};

struct DataDirectory {
  std::unique_ptr<Connection> data;       // mode kWriter
  std::unique_ptr<Connection> auxiliary;  // mode kAuxiliary: what a LogStore takes over
  SchemaPtr schema;                       // generation 0
  Settings settings;
};

// The caller holds the directory's lock. Errors carry the texts of spec 06 §4 and §17; after one of them nothing of an
// older directory has changed but what a finished transaction changed, and nothing at all of one older than v0.23.
Result<DataDirectory> Bootstrap(const BootstrapOptions& options);

}  // namespace wombat
