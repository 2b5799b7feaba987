#include "common/schema/view_columns.h"

#include <memory>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr const char* kProbe = "temp._wombat_view_id";

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using UncachedStatement = std::unique_ptr<sqlite3_stmt, Finalize>;

// Not from the connection's cache: a statement from there may have been prepared before a table that it names went away,
// and would be found out at its next step only. Exactly one statement, so that a query cannot end the one that it is put
// into and begin another.
Result<UncachedStatement> Prepare(Connection& connection, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v2(connection.handle(), sql.data(), int(sql.size()), &statement, &tail);
  UncachedStatement owned(statement);
  if (code != SQLITE_OK) return std::unexpected(connection.LastError(code));
  if (!owned || !TrimBlanks(std::string_view(sql).substr(std::size_t(tail - sql.data()))).empty()) {
    return Fail("multiple statements are not supported", Error::Kind::kInvalidInput);
  }
  return owned;
}

// Lets a reader fill a temporary table in memory; its databases stay as they are.
class TemporaryTablesAllowed {
 public:
  explicit TemporaryTablesAllowed(Connection& connection) : connection_(connection) {
    const auto query_only = connection.QueryValue("PRAGMA query_only");
    const auto* on = query_only ? std::get_if<std::int64_t>(&*query_only) : nullptr;
    was_on_ = on && *on != 0;
    if (was_on_) (void)connection.Execute("PRAGMA query_only=0");
  }
  ~TemporaryTablesAllowed() {
    if (was_on_) (void)connection_.Execute("PRAGMA query_only=1");
  }
  TemporaryTablesAllowed(const TemporaryTablesAllowed&) = delete;
  TemporaryTablesAllowed& operator=(const TemporaryTablesAllowed&) = delete;

 private:
  Connection& connection_;
  bool was_on_ = false;
};

// An expression has no declared type, but it can have TEXT affinity (a cast has). SQLite tells it by the type that it gives
// the column of a table made from the query.
Result<bool> IdHasTextAffinity(Connection& connection, std::string_view query) {
  const TemporaryTablesAllowed allowed(connection);
  const std::string drop = std::string("DROP TABLE IF EXISTS ") + kProbe;
  if (auto dropped = RunOnce(connection, drop); !dropped) return std::unexpected(dropped.error());
  const std::string create =
      std::string("CREATE TABLE ") + kProbe + " AS SELECT `id` FROM (" + std::string(query) + ") LIMIT 0";
  if (auto created = RunOnce(connection, create); !created) return std::unexpected(created.error());
  auto columns = ViewColumns(connection, std::string("SELECT * FROM ") + kProbe);
  if (auto dropped = RunOnce(connection, drop); !dropped) return std::unexpected(dropped.error());
  if (!columns) return std::unexpected(columns.error());
  return !columns->empty() && EqualsIgnoreCase(columns->front().declared_type, "TEXT");
}

Result<bool> IdNeedsCast(Connection& connection, std::string_view query, const std::vector<ViewColumn>& columns) {
  for (const ViewColumn& column : columns) {
    if (column.name != "id") continue;
    if (!column.declared_type.empty()) return !EqualsIgnoreCase(column.declared_type, "TEXT");
    auto is_text = IdHasTextAffinity(connection, query);
    if (!is_text) return is_text;
    return !*is_text;
  }
  return false;
}

}  // namespace

Result<void> RunOnce(Connection& connection, const std::string& sql) {
  const auto statement = Prepare(connection, sql);
  if (!statement) return std::unexpected(statement.error());
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement->get());
  if (code != SQLITE_DONE) return std::unexpected(connection.LastError(code));
  return {};
}

Result<std::vector<ViewColumn>> ViewColumns(Connection& connection, std::string_view query) {
  const auto statement = Prepare(connection, "SELECT * FROM (" + std::string(query) + ")");
  if (!statement) return std::unexpected(statement.error());
  if (sqlite3_bind_parameter_count(statement->get()) > 0) {
    return Fail("parameters are not allowed in views", Error::Kind::kInvalidInput);
  }
  std::vector<ViewColumn> columns;
  for (int i = 0; i < sqlite3_column_count(statement->get()); ++i) {
    const char* type = sqlite3_column_decltype(statement->get(), i);
    columns.push_back({sqlite3_column_name(statement->get(), i), type ? type : ""});
  }
  return columns;
}

Result<std::string> ViewSelect(Connection& connection, std::string_view query,
                               const std::vector<ViewIdentifier>& columns) {
  const auto given = ViewColumns(connection, query);
  if (!given) return std::unexpected(given.error());
  const auto needs_cast = IdNeedsCast(connection, query, *given);
  if (!needs_cast) return std::unexpected(needs_cast.error());
  if (!*needs_cast) return std::string(query);
  std::string list;
  for (const ViewIdentifier& column : columns) {
    const std::string name = QuoteName(column.alias);
    if (!list.empty()) list += ',';
    list += column.alias == "id" ? "CAST(" + name + " as TEXT) " + name : name;
  }
  return "SELECT " + list + " FROM (" + std::string(query) + ")";
}

}  // namespace wombat
