// The resolver of /api/collections and /api/logs: a list of columns instead of a schema.  Behaviour: spec 03 §13.
#include <algorithm>
#include <utility>

#include "common/filter/build.h"
#include "common/filter/compile.h"
#include "common/filter/parser.h"
#include "common/filter/quote.h"
#include "common/filter/sort.h"
#include "common/filter/sql_text.h"

namespace wombat {
namespace {

class SimpleResolver : public filter::Resolver {
 public:
  explicit SimpleResolver(const SimpleColumns& columns) : columns_(columns) {}

  Result<void> Resolve(const filter::Identifier& identifier, filter::Operand& out) override {
    if (std::ranges::find(columns_.columns, identifier.text) != columns_.columns.end()) {
      filter::AppendName(out.sql, identifier.text);
      return {};
    }
    if (!IsJsonPath(identifier)) {
      return Fail("failed to resolve field " + filter::Quote(identifier.text), Error::Kind::kInvalidInput);
    }
    std::string path;
    for (std::size_t i = 1; i < identifier.path.size(); ++i) {
      filter::AppendJsonPathStep(path, identifier.path[i].full);
    }
    out.sql = "json_extract(";
    filter::AppendName(out.sql, columns_.json_column);
    out.sql += ",'$" + path + "')";
    out.null_mode = filter::NullMode::kOff;
    return {};
  }

 private:
  bool IsJsonPath(const filter::Identifier& identifier) const {
    return identifier.kind == filter::Identifier::Kind::kRecord && !columns_.json_column.empty() &&
           identifier.path.size() > 1 && identifier.path[0].full == columns_.json_column &&
           filter::IsWordCharacter(identifier.text.back());
  }

  const SimpleColumns& columns_;
};

}  // namespace

Result<CompiledQuery> CompileSimple(const SimpleColumns& columns, std::string_view filter, std::string_view sort) {
  SimpleResolver resolver(columns);
  filter::Fragment where;
  if (!filter.empty()) {
    auto ast = filter::ParseCached(filter);
    if (!ast) return std::unexpected(std::move(ast.error()));
    filter::JoinTree no_joins({.collection = nullptr, .alias = {}});
    auto appended = filter::AppendExpression(where, **ast, resolver, no_joins, kMaxFilterExpressions);
    if (!appended) return std::unexpected(std::move(appended.error()));
  }
  CompiledQuery query;
  if (!where.sql.empty()) query.where = "(" + where.sql + ")";
  query.where_values = std::move(where.values);
  auto sorted = filter::AppendSort(query.order_by, sort, {.resolver = resolver, .base_alias = {}});
  if (!sorted) return std::unexpected(std::move(sorted.error()));
  return query;
}

}  // namespace wombat
