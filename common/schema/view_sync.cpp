#include "common/schema/view_sync.h"

#include "common/base/text.h"
#include "common/schema/table_sync.h"

namespace wombat {
namespace {

struct ViewColumn {
  std::string name;
  std::string declared_type;
};

// Through Run, which takes exactly one statement: a query cannot smuggle in a second one.
Result<void> CreateView(Connection& connection, std::string_view name, std::string_view query) {
  return connection.Run("CREATE VIEW " + QuoteName(name) + " AS SELECT * FROM (" + std::string(query) + ")");
}

Result<void> DropView(Connection& connection, std::string_view name) {
  return connection.Execute("DROP VIEW IF EXISTS " + QuoteName(name));
}

Result<std::vector<ViewColumn>> ViewColumns(Connection& connection, std::string_view name) {
  auto select = connection.Prepare("SELECT name, type FROM pragma_table_info(?)");
  if (!select) return std::unexpected(select.error());
  select->BindView(1, name);
  std::vector<ViewColumn> columns;
  for (;;) {
    const auto row = select->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return columns;
    columns.push_back({std::string(select->cell(0).text()), std::string(select->cell(1).text())});
  }
}

// "" when the query can stand as it is.
std::string QueryWithTextId(const std::vector<ViewColumn>& columns, std::string_view query) {
  bool needs_cast = false;
  std::string list;
  for (const ViewColumn& column : columns) {
    const std::string name = QuoteName(column.name);
    const bool is_id = column.name == "id";
    needs_cast = needs_cast || (is_id && !EqualsIgnoreCase(column.declared_type, "TEXT"));
    if (!list.empty()) list += ',';
    list += is_id ? "CAST(" + name + " as TEXT) " + name : name;
  }
  return needs_cast ? "SELECT " + list + " FROM (" + std::string(query) + ")" : std::string();
}

Result<void> ReplaceView(Connection& connection, const Collection& collection, const Collection* stored) {
  const std::string_view query = TrimViewQuery(collection.view_query);
  if (stored) {
    if (auto dropped = DropView(connection, stored->name); !dropped) return dropped;
  }
  if (auto created = CreateView(connection, collection.name, query); !created) return created;
  auto columns = ViewColumns(connection, collection.name);
  if (!columns) return std::unexpected(columns.error());
  if (columns->empty()) return Fail("the view query has no columns");
  const std::string with_text_id = QueryWithTextId(*columns, query);
  if (with_text_id.empty()) return {};
  if (auto dropped = DropView(connection, collection.name); !dropped) return dropped;
  return CreateView(connection, collection.name, with_text_id);
}

}  // namespace

std::string_view TrimViewQuery(std::string_view query) {
  query = TrimBlanks(query);
  while (query.starts_with(';')) query.remove_prefix(1);
  while (query.ends_with(';')) query.remove_suffix(1);
  return query;
}

ChangeResult<void> SyncView(Connection& connection, const Collection& collection, const Collection* stored) {
  if (auto replaced = ReplaceView(connection, collection, stored); !replaced) {
    return RawChangeError(replaced.error().message);
  }
  return {};
}

Result<void> CheckOtherViews(Connection& connection, const Schema& schema, std::string_view except_id) {
  for (const CollectionPtr& other : schema.collections()) {
    if (!other->is_view() || other->id == except_id) continue;
    auto prepared = connection.Prepare("SELECT * FROM (" + std::string(TrimViewQuery(other->view_query)) + ") LIMIT 0");
    if (!prepared) return Fail("view \"" + other->name + "\": " + prepared.error().message);
  }
  return {};
}

}  // namespace wombat
