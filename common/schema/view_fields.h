// What a view query gives: its columns as SQLite sees them, and the fields that follow.      Behaviour: spec 02 §8.1, §8.3.
//
// Reads on the calling thread, within the connection's time limit; no row of the query is computed. Nothing is written but
// a temporary table in memory, and that only for an `id` whose type is not declared.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/field_list.h"
#include "common/schema/schema.h"

namespace wombat {

struct ViewFields {
  FieldList fields;                  // empty when there is a problem, unless it is only that `id` is missing
  std::string select;                // what the SQL view selects from: the query, its `id` as text
  std::optional<std::string> problem;
};

// `schema` holds the collections whose fields are copied. New ids are drawn for copied fields each time.
ViewFields InferViewFields(Connection& connection, const Schema& schema, std::string_view query);

// The same fields, were it not for their ids?
bool AreSameViewFields(const FieldList& a, const FieldList& b);

}  // namespace wombat
