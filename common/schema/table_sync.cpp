#include "common/schema/table_sync.h"

#include <algorithm>

#include "common/base/random.h"
#include "common/base/text.h"
#include "common/schema/index.h"
#include "common/schema/multiplicity.h"

namespace wombat {
namespace {

constexpr std::size_t kTemporarySuffixLength = 5;

// Bounds how many rows `PRAGMA optimize` looks at: it runs in the commit lane, whatever the size of the table.
constexpr const char* kOptimize = "PRAGMA analysis_limit=400; PRAGMA optimize";

ChangeResult<void> Run(Connection& connection, const std::string& sql, const std::string& what = {}) {
  auto run = connection.Execute(sql);
  if (run) return {};
  return RawChangeError(what.empty() ? run.error().message : what + " - " + run.error().message);
}

ChangeResult<void> CreateTable(Connection& connection, const Collection& collection) {
  std::vector<const Field*> columns;
  for (const auto& field : collection.fields) columns.push_back(field.get());
  std::ranges::sort(columns, {}, [](const Field* field) -> const std::string& { return field->name; });
  std::string sql = "CREATE TABLE " + QuoteName(collection.name) + " (";
  for (const Field* field : columns) {
    if (field != columns.front()) sql += ", ";
    sql += QuoteName(field->name) + " " + field->ColumnDefinition();
  }
  sql += ")";
  return Run(connection, sql);
}

ChangeResult<void> DropIndexes(Connection& connection, const Collection& collection) {
  for (const std::string& sql : collection.indexes) {
    const IndexDefinition index = ParseIndex(sql);
    if (!index.IsValid()) continue;
    if (auto run = Run(connection, "DROP INDEX IF EXISTS " + QuoteName(index.name)); !run) return run;
  }
  return {};
}

ChangeResult<void> RenameTable(Connection& connection, const Collection& collection, const Collection& stored) {
  if (EqualsIgnoreCase(collection.name, stored.name)) return {};
  return Run(connection, "ALTER TABLE " + QuoteName(stored.name) + " RENAME TO " + QuoteName(collection.name));
}

ChangeResult<void> DropColumns(Connection& connection, const Collection& collection, const Collection& stored) {
  for (const auto& field : stored.fields) {
    if (collection.FindFieldById(field->id)) continue;
    const std::string sql = "ALTER TABLE " + QuoteName(collection.name) + " DROP COLUMN " + QuoteName(field->name);
    if (auto run = Run(connection, sql, "failed to drop column " + field->name); !run) return run;
  }
  return {};
}

// Through temporary names, so that two fields can swap theirs.
ChangeResult<void> AddAndRenameColumns(Connection& connection, const Collection& collection, const Collection& stored) {
  const std::string alter = "ALTER TABLE " + QuoteName(collection.name);
  std::vector<std::pair<std::string, std::string>> renames;
  for (const auto& field : collection.fields) {
    const Field* before = stored.FindFieldById(field->id);
    if (before && before->name == field->name) continue;
    const std::string temporary = field->name + RandomText(kTemporarySuffixLength);
    ChangeResult<void> run;
    if (before) {
      run = Run(connection, alter + " RENAME COLUMN " + QuoteName(before->name) + " TO " + QuoteName(temporary),
                "failed to rename column " + before->name);
    } else {
      run = Run(connection, alter + " ADD " + QuoteName(temporary) + " " + field->ColumnDefinition(),
                "failed to add column " + field->name);
    }
    if (!run) return run;
    renames.emplace_back(temporary, field->name);
  }
  for (const auto& [temporary, name] : renames) {
    if (auto run = Run(connection, alter + " RENAME COLUMN " + QuoteName(temporary) + " TO " + QuoteName(name)); !run) {
      return run;
    }
  }
  return {};
}

ChangeResult<void> AlterTable(Connection& connection, const Collection& collection, const Collection& stored) {
  const bool indexes_follow = stored.name != collection.name || StoredFields(stored) != StoredFields(collection) ||
                              stored.indexes != collection.indexes;
  if (indexes_follow) {
    if (auto dropped = DropIndexes(connection, stored); !dropped) return dropped;
  }
  if (auto renamed = RenameTable(connection, collection, stored); !renamed) return renamed;
  if (auto dropped = DropColumns(connection, collection, stored); !dropped) return dropped;
  if (auto changed = AddAndRenameColumns(connection, collection, stored); !changed) return changed;
  if (auto converted = ConvertChangedColumns(connection, collection, stored); !converted) {
    return RawChangeError(converted.error().message);
  }
  return indexes_follow ? CreateIndexes(connection, collection) : ChangeResult<void>{};
}

}  // namespace

Result<bool> TableExists(Connection& connection, std::string_view name) {
  const SqlValue values[] = {std::string(name)};
  auto found = connection.QueryValue(
      "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = lower(?)", values);
  if (!found) return std::unexpected(found.error());
  return !std::holds_alternative<std::monostate>(*found);
}

ChangeResult<void> CreateIndexes(Connection& connection, const Collection& collection) {
  ChangeError failed;
  for (std::size_t i = 0; i < collection.indexes.size(); ++i) {
    IndexDefinition index = ParseIndex(collection.indexes[i]);
    index.table = collection.name;
    const std::string path = "indexes." + std::to_string(i);
    if (!index.IsValid()) {
      AddFieldError(failed.data, path,
                    {"validation_invalid_index_expression", "Invalid CREATE INDEX expression.", Json::Null()});
      continue;
    }
    auto created = connection.Execute(index.Build());
    if (created) continue;
    AddFieldError(failed.data, path,
                  {"validation_invalid_index_expression",
                   "Failed to create index " + index.name + " - " + created.error().message + ".", Json::Null()});
  }
  if (!failed.data.as_object().empty()) return std::unexpected(std::move(failed));
  return {};
}

ChangeResult<void> SyncTable(Connection& connection, const Collection& collection, const Collection* stored) {
  bool exists = false;
  if (stored) {
    auto found = TableExists(connection, stored->name);
    if (!found) return RawChangeError(found.error().message);
    exists = *found;
  }
  ChangeResult<void> synced;
  if (exists) {
    synced = AlterTable(connection, collection, *stored);
  } else if (synced = CreateTable(connection, collection); synced) {
    synced = CreateIndexes(connection, collection);
  }
  // Stale statistics cost speed, never correctness.
  if (synced) (void)connection.Execute(kOptimize);
  return synced;
}

}  // namespace wombat
