#include "common/schema/view_sync.h"

#include "common/base/text.h"
#include "common/schema/table_sync.h"
#include "common/schema/view_columns.h"
#include "common/schema/view_fields.h"

namespace wombat {
namespace {

Result<void> ReplaceView(Connection& connection, const Collection& collection, const Collection* stored,
                         const std::string& select) {
  const std::string drop = "DROP VIEW IF EXISTS ", name = QuoteName(collection.name);
  if (stored) {
    if (auto dropped = RunOnce(connection, drop + QuoteName(stored->name)); !dropped) return dropped;
  }
  const std::string create = "CREATE VIEW " + name + " AS SELECT * FROM (" + select + ")";
  if (auto created = RunOnce(connection, create); !created) return created;
  // SQLite looks at what a view names when it is used, not when it is made.
  const auto columns = ViewColumns(connection, "SELECT * FROM " + name);
  if (!columns) return std::unexpected(columns.error());
  if (columns->empty()) return Fail("the view query has no columns");
  return {};
}

}  // namespace

ChangeResult<void> SyncView(Connection& connection, Collection& collection, const Collection* stored) {
  const auto schema = LoadSchema(connection, 0);
  if (!schema) return RawChangeError(schema.error().message);
  ViewFields inferred = InferViewFields(connection, **schema, collection.view_query);
  if (inferred.problem) return RawChangeError(*inferred.problem);
  if (!AreSameViewFields(inferred.fields, collection.fields)) collection.fields = std::move(inferred.fields);
  if (auto replaced = ReplaceView(connection, collection, stored, inferred.select); !replaced) {
    return RawChangeError(replaced.error().message);
  }
  return {};
}

Result<std::vector<Collection>> ChangedViews(Connection& connection, const Schema& schema,
                                             std::string_view except_id) {
  std::vector<Collection> changed;
  for (const CollectionPtr& view : schema.collections()) {
    if (!view->is_view() || view->id == except_id) continue;
    ViewFields inferred = InferViewFields(connection, schema, view->view_query);
    if (inferred.problem) return Fail("view \"" + view->name + "\": " + *inferred.problem);
    if (AreSameViewFields(inferred.fields, view->fields)) continue;
    changed.emplace_back(*view);
    changed.back().fields = std::move(inferred.fields);
  }
  return changed;
}

}  // namespace wombat
