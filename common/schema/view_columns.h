// The columns of a view query as SQLite sees them. Private to the folder.                     Behaviour: spec 02 §8.1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/view_query.h"

namespace wombat {

struct ViewColumn {
  std::string name;
  std::string declared_type;  // "" for expressions
};

// Of "SELECT * FROM (query)". Error: SQLite does not accept it, or a view could not hold it.
Result<std::vector<ViewColumn>> ViewColumns(Connection& connection, std::string_view query);

// The query as the SQL view holds it: where its `id` is not declared TEXT, all columns selected by name and the id cast.
Result<std::string> ViewSelect(Connection& connection, std::string_view query,
                               const std::vector<ViewIdentifier>& columns);

// Runs one statement, which is not kept in the connection's cache. Error: the text holds more than one.
Result<void> RunOnce(Connection& connection, const std::string& sql);

}  // namespace wombat
