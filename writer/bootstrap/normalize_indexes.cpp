#include <algorithm>
#include <vector>

#include "common/base/text.h"
#include "common/schema/index.h"
#include "writer/bootstrap/system_migrations.h"

namespace wombat {
namespace {

struct ExistingIndex {
  std::string name, sql;
};

Result<std::vector<ExistingIndex>> IndexesOf(Connection& data, const std::string& table) {
  std::vector<ExistingIndex> indexes;
  auto select = data.Prepare(
      "SELECT `name`, `sql` FROM sqlite_master WHERE `type` = 'index' AND `tbl_name` = ? AND `sql` IS NOT NULL "
      "AND `name` NOT LIKE 'sqlite_autoindex_%'");
  if (!select) return std::unexpected(select.error());
  select->Bind(1, SqlValue(table));
  for (;;) {
    auto row = select->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return indexes;
    indexes.push_back({std::string(select->cell(0).text()), std::string(select->cell(1).text())});
  }
}

bool IsListed(const Collection& collection, const ExistingIndex& index) {
  return std::ranges::any_of(
      collection.indexes, [&](const std::string& sql) { return EqualsIgnoreCase(ParseIndex(sql).name, index.name); });
}

// What an index does, whatever it and its table are called.
std::string Definition(IndexDefinition index) {
  index.name = index.table = "x";
  index.schema.clear();
  index.if_not_exists = false;
  return index.Build();
}

bool HasSameDefinition(const Collection& collection, const IndexDefinition& index) {
  return std::ranges::any_of(collection.indexes,
                             [&](const std::string& sql) { return Definition(ParseIndex(sql)) == Definition(index); });
}

// Auth collections come with these of their own.
bool IsAuthIndex(const Collection& collection, const IndexDefinition& index) {
  if (!collection.is_auth() || !index.unique || index.columns.size() != 1) return false;
  const std::string& column = index.columns.front().expression;
  return EqualsIgnoreCase(column, "tokenKey") || EqualsIgnoreCase(column, "email");
}

Result<void> Adopt(Connection& data, Collection& collection, const ExistingIndex& existing) {
  IndexDefinition index = ParseIndex(existing.sql);
  if (!index.IsValid()) return {};  // nothing that could be listed; it stays as it is
  if (auto dropped = data.Execute("DROP INDEX IF EXISTS " + QuoteName(existing.name)); !dropped) return dropped;
  if (IsAuthIndex(collection, index) || HasSameDefinition(collection, index)) return {};
  index.schema.clear();
  index.table = collection.name;
  collection.indexes.push_back(index.Build());
  return {};
}

Result<void> NormalizeOne(Connection& data, const Schema& schema, const Collection& stored) {
  auto existing = IndexesOf(data, stored.name);
  if (!existing) return std::unexpected(existing.error());
  if (existing->empty() && stored.indexes.empty()) return {};
  Collection changed(stored);
  for (const ExistingIndex& index : *existing) {
    if (IsListed(stored, index)) continue;
    if (auto adopted = Adopt(data, changed, index); !adopted) return adopted;
  }
  return SaveMigrated(data, schema, std::move(changed), stored);
}

}  // namespace

Result<void> NormalizeIndexes(Connection& data) {
  auto schema = LoadSchema(data, 0);
  if (!schema) return std::unexpected(schema.error());
  const std::size_t count = (*schema)->collections().size();
  for (std::size_t i = 0; i < count; ++i) {
    const CollectionPtr stored = (*schema)->collections()[i];
    if (stored->system || stored->is_view()) continue;
    if (auto done = NormalizeOne(data, **schema, *stored); !done) return done;
    // The next one is validated against what this one has become.
    schema = LoadSchema(data, 0);
    if (!schema) return std::unexpected(schema.error());
  }
  return {};
}

}  // namespace wombat
