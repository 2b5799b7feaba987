#include <algorithm>

#include "common/base/text.h"
#include "common/schema/index.h"
#include "common/schema/validation.h"

namespace wombat {
namespace {

// The definition by which two indexes are the same: everything but where it stands and how it is called.
std::string BareDefinition(IndexDefinition index) {
  index.schema.clear();
  index.name = index.table = "any";
  return index.Build();
}

bool HasColumn(const IndexDefinition& index, std::string_view column) {
  return std::ranges::any_of(index.columns,
                             [&](const IndexColumn& c) { return EqualsIgnoreCase(c.expression, column); });
}

bool SameColumns(const IndexDefinition& a, const IndexDefinition& b) {
  return std::ranges::equal(a.columns, b.columns, {}, &IndexColumn::expression, &IndexColumn::expression);
}

// The table, other than the collection's own old and new one, that has an index of this name; "" for none.
Result<std::string> TableUsingIndexName(const ValidationState& state, const std::string& name) {
  const SqlValue values[] = {name, state.collection.name, state.stored ? state.stored->name : state.collection.name};
  auto found = state.connection.QueryValue(
      "SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND lower(name) = lower(?) "
      "AND lower(tbl_name) <> lower(?) AND lower(tbl_name) <> lower(?) LIMIT 1",
      values);
  if (!found) return std::unexpected(found.error());
  const auto* table = std::get_if<std::string>(&*found);
  return table ? *table : std::string();
}

// The error of the first index that has one goes to `state`; true when there was one.
Result<bool> AddIndexError(ValidationState& state, std::vector<IndexDefinition>& parsed) {
  for (std::size_t i = 0; i < state.collection.indexes.size(); ++i) {
    const std::string path = "indexes." + std::to_string(i);
    IndexDefinition index = ParseIndex(state.collection.indexes[i]);
    index.table = "any";  // the table that an index text names never matters
    if (!index.IsValid()) {
      state.Add(path, {"validation_invalid_index_expression", "Invalid CREATE INDEX expression.", {}});
      return true;
    }
    for (const IndexDefinition& earlier : parsed) {
      if (!EqualsIgnoreCase(earlier.name, index.name)) continue;
      state.Add(path, {"validation_duplicated_index_name", "The index name already exists.", {}});
      return true;
    }
    const auto used_table = TableUsingIndexName(state, index.name);
    if (!used_table) return std::unexpected(used_table.error());
    if (!used_table->empty()) {
      state.Add(path,
                {"validation_existing_index_name", "The index name is already used in {{.usedTableName}} collection.",
                 Json::Object({{"usedTableName", *used_table}})});
      return true;
    }
    const std::string definition = BareDefinition(index);
    for (const IndexDefinition& earlier : parsed) {
      if (BareDefinition(earlier) != definition) continue;
      state.Add(path, {"validation_duplicated_index_definition", "The index definition already exists.", {}});
      return true;
    }
    parsed.push_back(std::move(index));
  }
  return false;
}

bool AddChangedSystemIndex(ValidationState& state, const std::vector<IndexDefinition>& parsed) {
  if (!state.stored) return false;
  for (const std::string& sql : state.stored->indexes) {
    const IndexDefinition before = ParseIndex(sql);
    if (!before.IsValid() || !before.unique) continue;
    const auto field = std::ranges::find_if(state.stored->fields, [&](const std::unique_ptr<Field>& candidate) {
      return candidate->system && HasColumn(before, candidate->name);
    });
    if (field == state.stored->fields.end()) continue;
    const bool kept = std::ranges::any_of(
        parsed, [&](const IndexDefinition& index) { return index.unique && SameColumns(index, before); });
    if (kept) continue;
    state.Add("indexes", {"validation_invalid_unique_system_field_index",
                          "Unique index definition on system fields ({{.fieldName}}) is invalid or missing.",
                          Json::Object({{"fieldName", (*field)->name}})});
    return true;
  }
  return false;
}

}  // namespace

Result<void> ValidateIndexes(ValidationState& state) {
  const Collection& collection = state.collection;
  if (collection.is_view()) {
    if (!collection.indexes.empty()) {
      state.Add("indexes", {"validation_indexes_not_supported", "View collections don't support indexes.", {}});
    }
    return {};
  }
  std::vector<IndexDefinition> parsed;
  const auto failed = AddIndexError(state, parsed);
  if (!failed) return std::unexpected(failed.error());
  if (*failed || AddChangedSystemIndex(state, parsed) || !collection.is_auth()) return {};
  for (std::string_view column : {"tokenKey", "email"}) {
    if (collection.HasSingleColumnUniqueIndex(column)) continue;
    state.Add("indexes",
              {"validation_missing_required_unique_index",
               "Missing required unique index for field \"{{.fieldName}}\".", Json::Object({{"fieldName", column}})});
    break;
  }
  return {};
}

}  // namespace wombat
