// A view query tried out before anything is made of it.                                        Behaviour: spec 02 §8.4.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/collection.h"
#include "common/schema/schema.h"
#include "common/schema/view_fields.h"

namespace wombat {

struct ViewDryRun {
  Collection collection;  // a temporary one with the query's fields
  std::string sample;     // its first records as a guest would see them: JSON objects, comma separated
};

// Computes the first rows of the query, within the connection's time limit. Error: what is wrong with the query, or
// kInterrupted at the time limit.
Result<ViewDryRun> DryRunView(Connection& connection, const Schema& schema, ViewFields inferred);

}  // namespace wombat
