// Brings a collection's table into line with its definition.                    Behaviour: spec 02 §3, §6.3; 06 §13.1.
//
// Runs inside the caller's savepoint: after an error the caller rolls back, nothing is undone here.
#pragma once

#include "common/db/sqlite.h"
#include "common/schema/change.h"
#include "common/schema/collection.h"

namespace wombat {

// `stored` is null on create. Not for views.
ChangeResult<void> SyncTable(Connection& connection, const Collection& collection, const Collection* stored);

// Whether a table or view of this name exists, in any letter case.
Result<bool> TableExists(Connection& connection, std::string_view name);

// Creates every index of the collection and reports all that fail, each at indexes.<i>.
ChangeResult<void> CreateIndexes(Connection& connection, const Collection& collection);

inline std::unexpected<ChangeError> RawChangeError(std::string text) {
  ChangeError error;
  error.raw = std::move(text);
  return std::unexpected(std::move(error));
}

}  // namespace wombat
