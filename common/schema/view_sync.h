// The SQL view behind a view collection, and the fields that follow from what it reads.   Behaviour: spec 02 §8.1, §8.5.
#pragma once

#include <string_view>
#include <vector>

#include "common/db/sqlite.h"
#include "common/schema/change.h"
#include "common/schema/collection.h"

namespace wombat {

// Drops the old view and creates the new one. Gives the collection the fields that the query has by now, read with the
// collections as the connection sees them; where they are the same but for their ids, the collection keeps its own.
ChangeResult<void> SyncView(Connection& connection, Collection& collection, const Collection* stored);

// The view collections other than the excepted one whose stored fields are not what their queries give any more, with
// the fields they have now. Error: a query that does not work any more.
Result<std::vector<Collection>> ChangedViews(Connection& connection, const Schema& schema, std::string_view except_id);

}  // namespace wombat
