#include "worker/realtime/event_tables.h"

#include <algorithm>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr int kCacheKib = 2000;

std::string Temporary(const std::string& name) { return "temp." + QuoteName(name); }
std::string BeforeTable(const Collection& collection) { return "__pb_before_" + collection.id; }
std::string HiddenTable(const Collection& collection) { return "__pb_hidden_" + collection.id; }

std::string Columns(const Collection& collection) {
  std::string columns;
  for (const auto& field : collection.fields)
    columns.append(columns.empty() ? "" : ", ").append(QuoteName(field->name));
  return columns;
}

}  // namespace

std::string EventTables::TableOf(const Collection& collection) { return "__pb_event_" + collection.id; }

Result<Connection*> EventTables::Open() {
  if (connection_) return connection_.get();
  auto opened = Connection::Open(data_path_, {.mode = Connection::Mode::kReader, .cache_kib = kCacheKib});
  if (!opened) return std::unexpected(opened.error());
  // Temporary tables are data as well to SQLite; nothing is ever run here that writes to any other.
  if (auto allowed = (*opened)->Execute("PRAGMA temp_store = MEMORY; PRAGMA query_only = OFF"); !allowed)
    return std::unexpected(allowed.error());
  connection_ = std::move(*opened);
  return connection_.get();
}

Result<void> EventTables::MakeTable(const std::string& table, const Collection& collection) {
  // The columns' own types, so that values compare as they do in the collection.
  std::string sql = "CREATE TABLE " + Temporary(table) + " (";
  for (const auto& field : collection.fields) {
    if (field != collection.fields.front()) sql += ", ";
    sql += QuoteName(field->name) + " " + field->ColumnDefinition();
  }
  return connection_->Execute(sql + ")");
}

Result<void> EventTables::Insert(const std::string& table, const Record& record) {
  const Collection& collection = record.collection();
  std::string sql = "INSERT INTO " + Temporary(table) + " (" + Columns(collection) + ") VALUES (?";
  for (std::size_t i = 1; i < collection.fields.size(); i++) sql += ", ?";
  auto statement = connection_->Prepare(sql + ")");
  if (!statement) return std::unexpected(statement.error());
  SqlValues values;
  values.reserve(collection.fields.size());
  for (std::size_t i = 0; i < collection.fields.size(); i++)
    values.push_back(collection.fields[i]->ToColumn(record.value(int(i))));
  statement->BindAll(values);
  auto done = statement->Step();
  if (!done) return std::unexpected(done.error());
  return {};
}

Result<void> EventTables::PutRow(const Record& record, std::uint64_t schema_generation) {
  if (auto opened = Open(); !opened) return std::unexpected(opened.error());
  if (generation_ != schema_generation) {
    for (const std::string& table : row_tables_)
      if (auto dropped = connection_->Execute("DROP TABLE IF EXISTS " + Temporary(table)); !dropped) return dropped;
    row_tables_.clear();
    connection_->ClearCache();
    generation_ = schema_generation;
  }
  const std::string table = TableOf(record.collection());
  if (!row_tables_.contains(table)) {
    if (auto made = MakeTable(table, record.collection()); !made) return made;
    row_tables_.insert(table);
  }
  if (auto emptied = connection_->Run("DELETE FROM " + Temporary(table)); !emptied) return emptied;
  return Insert(table, record);
}

Result<void> EventTables::Show(const std::vector<RowBefore>& rows) {
  if (rows.empty() && shown_.empty()) return {};
  if (auto opened = Open(); !opened) return std::unexpected(opened.error());
  for (const std::string& name : shown_)
    if (auto dropped = connection_->Execute("DROP VIEW IF EXISTS " + Temporary(name)); !dropped) return dropped;
  shown_.clear();
  std::vector<const Collection*> collections;
  for (const RowBefore& row : rows)
    if (std::find(collections.begin(), collections.end(), row.collection.get()) == collections.end())
      collections.push_back(row.collection.get());
  for (const Collection* collection : collections)
    if (auto shown = ShowCollection(*collection, rows); !shown) return shown;
  return {};
}

// A temporary view of the collection's name hides its table: rows of the transaction as they were, all others as they
// are.
Result<void> EventTables::ShowCollection(const Collection& collection, const std::vector<RowBefore>& rows) {
  const std::string before = BeforeTable(collection), hidden = HiddenTable(collection);
  auto made =
      connection_->Execute("DROP TABLE IF EXISTS " + Temporary(before) + "; DROP TABLE IF EXISTS " + Temporary(hidden) +
                           "; CREATE TABLE " + Temporary(hidden) + " (id TEXT PRIMARY KEY)");
  if (!made) return made;
  if (made = MakeTable(before, collection); !made) return made;
  for (const RowBefore& row : rows) {
    if (row.collection.get() != &collection) continue;
    if (auto hid = connection_->Run("INSERT OR IGNORE INTO " + Temporary(hidden) + " VALUES (?)", SqlValues{row.id});
        !hid)
      return hid;
    if (!row.record) continue;
    if (auto inserted = Insert(before, *row.record); !inserted) return inserted;
  }
  const std::string columns = Columns(collection);
  shown_.push_back(collection.name);
  return connection_->Execute("CREATE VIEW " + Temporary(collection.name) + " AS SELECT " + columns + " FROM main." +
                              QuoteName(collection.name) + " WHERE id NOT IN (SELECT id FROM " + Temporary(hidden) +
                              ") UNION ALL SELECT " + columns + " FROM " + Temporary(before));
}

}  // namespace wombat
