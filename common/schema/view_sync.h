// The SQL view behind a view collection.                                                Behaviour: spec 02 §8.1, §8.5.
#pragma once

#include <string>
#include <string_view>

#include "common/db/sqlite.h"
#include "common/schema/change.h"
#include "common/schema/collection.h"

namespace wombat {

// Without surrounding blanks and then without leading and trailing ";".
std::string_view TrimViewQuery(std::string_view query);

// Drops the old view and creates the new one; an `id` that is not declared TEXT is cast to it.
ChangeResult<void> SyncView(Connection& connection, const Collection& collection, const Collection* stored);

// Error: a view collection of the schema, other than the excepted one, whose query SQLite no longer accepts.
Result<void> CheckOtherViews(Connection& connection, const Schema& schema, std::string_view except_id);

}  // namespace wombat
