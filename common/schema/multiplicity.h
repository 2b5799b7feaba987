// Columns that change between one value and a list of values, with their data.          Behaviour: spec 02 §3 step 5.
#pragma once

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/collection.h"

namespace wombat {

// Converts every field of `collection` whose multiplicity differs from the stored field of its id; a field that is new
// counts as single before. All views of the database are dropped meanwhile and come back from their own SQL texts.
Result<void> ConvertChangedColumns(Connection& connection, const Collection& collection, const Collection& stored);

// SQL expressions that turn the value of the column `source` (a quoted name) from one form into the other.
std::string SingleToMultipleSql(std::string_view source);
std::string MultipleToSingleSql(std::string_view source);

}  // namespace wombat
