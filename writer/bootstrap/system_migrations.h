// What the larger system migrations do, one function each; the small ones stand beside their list.
// Behaviour: spec 06 §5.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/schema.h"

namespace wombat {

// Normalises, validates and writes a collection that exists. Error: what the validation found, as JSON, or SQLite's
// text.
Result<void> SaveMigrated(Connection& data, const Schema& schema, Collection changed, const Collection& stored);

// #5: the five system collections and their system fields get the ids that a new directory has, and what refers to the
// collections follows.
Result<void> RenameSystemIds(Connection& data);

// #7: an auth alert mail that is still the old default, known by the SHA-256 of its body (lower-case hex), becomes
// `body`.
Result<void> ReplaceAlertBodies(Connection& data, std::string_view old_body_sha256, const std::string& body);

// #8: indexes that exist without being listed in their collection are listed or dropped (06 §5.3).
Result<void> NormalizeIndexes(Connection& data);

}  // namespace wombat
