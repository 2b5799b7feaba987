#include "worker/files/file_origin.h"

#include "common/base/text.h"
#include "common/schema/view_query.h"

namespace wombat {
namespace {

constexpr int kMaxNestedViews = 5;

struct Source {
  const Collection* collection = nullptr;
  std::string field;
};

// Where the view's query has its column from.
Source SourceOf(const Schema& schema, const Collection& view, std::string_view field) {
  const auto parsed = ParseViewQuery(view.view_query);
  if (!parsed || parsed->tables.empty()) return {};
  for (const auto& column : parsed->columns) {
    if (column.alias != field) continue;
    const auto dot = column.original.find('.');
    const std::string table = dot == std::string::npos ? parsed->tables[0].alias : column.original.substr(0, dot);
    for (const auto& candidate : parsed->tables)
      if (candidate.alias == table)
        return {schema.Find(candidate.original), dot == std::string::npos ? column.original : column.original.substr(dot + 1)};
  }
  return {};
}

}  // namespace

Result<FileOrigin> FindFileOrigin(Connection& reader, const Schema& schema, const Collection& view, std::string_view field,
                                  std::string_view file_name) {
  Source source{&view, std::string(field)};
  for (int level = 0; source.collection && source.collection->is_view(); ++level) {
    if (level == kMaxNestedViews) return Fail("the view is nested too deeply", Error::Kind::kNotFound);
    source = SourceOf(schema, *source.collection, source.field);
  }
  const Field* original = source.collection ? source.collection->FindField(source.field) : nullptr;
  if (!original || original->type() != "file") return Fail("the view's field is no file of a collection", Error::Kind::kNotFound);
  const std::string table = QuoteName(source.collection->name), column = table + "." + QuoteName(original->name);
  const std::string holds =
      original->multiple() ? "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(" + column + ") THEN " + column +
                                 " ELSE json_array(" + column + ") END) je WHERE je.value = ?)"
                           : column + " = ?";
  auto statement = reader.Prepare("SELECT " + table + ".`id` FROM " + table + " WHERE " + holds + " LIMIT 1");
  if (!statement) return std::unexpected(statement.error());
  statement->BindView(1, file_name);
  auto row = statement->Step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return Fail("no record holds the file", Error::Kind::kNotFound);
  return FileOrigin{source.collection->id, std::string(statement->cell(0).text())};
}

}  // namespace wombat
