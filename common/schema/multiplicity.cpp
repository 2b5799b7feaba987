#include "common/schema/multiplicity.h"

#include "common/base/random.h"
#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::size_t kTemporarySuffixLength = 5;

struct View {
  std::string name;
  std::string sql;
};

Result<std::vector<View>> AllViews(Connection& connection) {
  auto select = connection.Prepare("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid");
  if (!select) return std::unexpected(select.error());
  std::vector<View> views;
  for (;;) {
    const auto row = select->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return views;
    views.push_back({std::string(select->cell(0).text()), std::string(select->cell(1).text())});
  }
}

Result<void> ConvertColumn(Connection& connection, const std::string& table, const Field& field) {
  const std::string column = QuoteName(field.name);
  const std::string old_column = QuoteName("_" + field.name + RandomText(kTemporarySuffixLength));
  const std::string copy = field.multiple() ? SingleToMultipleSql(old_column) : MultipleToSingleSql(old_column);
  const std::string statements[] = {
      "ALTER TABLE " + table + " RENAME COLUMN " + column + " TO " + old_column,
      "ALTER TABLE " + table + " ADD " + column + " " + field.ColumnDefinition(),
      "UPDATE " + table + " SET " + column + " = " + copy,
      "ALTER TABLE " + table + " DROP COLUMN " + old_column,
  };
  for (const std::string& statement : statements) {
    if (auto run = connection.Execute(statement); !run) return run;
  }
  return {};
}

}  // namespace

// json_type fails on text that is no JSON, so it may only be asked inside the branch where json_valid said yes.
std::string SingleToMultipleSql(std::string_view source) {
  const std::string value(source);
  return "CASE WHEN COALESCE(" + value + ", '') = '' THEN '[]' WHEN json_valid(" + value + ") THEN CASE json_type(" +
         value + ") WHEN 'array' THEN " + value + " ELSE json_array(" + value + ") END ELSE json_array(" + value +
         ") END";
}

std::string MultipleToSingleSql(std::string_view source) {
  const std::string value(source);
  return "CASE WHEN COALESCE(" + value + ", '[]') = '[]' THEN '' WHEN json_valid(" + value + ") THEN CASE json_type(" +
         value + ") WHEN 'array' THEN COALESCE(json_extract(" + value + ", '$[#-1]'), '') ELSE " + value +
         " END ELSE " + value + " END";
}

Result<void> ConvertChangedColumns(Connection& connection, const Collection& collection, const Collection& stored) {
  std::vector<const Field*> changed;
  for (const auto& field : collection.fields) {
    const Field* before = stored.FindFieldById(field->id);
    if (field->multiple() != (before && before->multiple())) changed.push_back(field.get());
  }
  if (changed.empty()) return {};

  auto views = AllViews(connection);
  if (!views) return std::unexpected(views.error());
  for (const View& view : *views) {
    if (auto dropped = connection.Execute("DROP VIEW IF EXISTS " + QuoteName(view.name)); !dropped) return dropped;
  }
  for (const Field* field : changed) {
    if (auto converted = ConvertColumn(connection, QuoteName(collection.name), *field); !converted) return converted;
  }
  for (const View& view : *views) {
    if (auto created = connection.Execute(view.sql); !created) return created;
  }
  return {};
}

}  // namespace wombat
