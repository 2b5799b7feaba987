#include "worker/api/record_query.h"

#include <charconv>

#include "common/base/text.h"
#include "common/schema/view_query.h"

namespace wombat {
namespace {

constexpr std::int64_t kMaxPerPage = 1000;

void Append(SqlValues& to, SqlValues&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

Result<CompiledQuery> CompileRule(const Schema& schema, const Collection& collection, const Rule& rule,
                                  const RequestInfo& request) {
  if (!rule || rule->empty()) return CompiledQuery();
  Compiler compiler(schema, collection, &request);
  if (auto added = compiler.AddRule(*rule); !added) return std::unexpected(added.error());
  return compiler.Finish();
}

// True when it is certain that no two rows have one id: counting distinct ids would sort them all.
bool HasUniqueIds(const Schema& schema, const Collection& collection) {
  constexpr int kMaxNestedViews = 8;
  const Collection* source = &collection;
  for (int depth = 0; source && source->is_view(); ++depth) {
    if (depth == kMaxNestedViews) return false;
    const auto name = OnlySourceOf(source->view_query);
    if (!name) return false;
    source = schema.Find(*name);
    if (source && source->name != *name) return false;
  }
  return source != nullptr;
}

std::string TableOf(const Collection& collection) { return QuoteName(collection.name); }

SelectQuery ById(const Collection& collection, std::string_view columns, std::string_view id, CompiledQuery&& rule) {
  SelectQuery query;
  std::string table = TableOf(collection);
  query.sql.append("SELECT ").append(columns).append(" FROM ").append(table).append(rule.joins);
  query.sql.append(" WHERE ").append(table).append(".`id` = ?");
  query.values = std::move(rule.join_values);
  query.values.emplace_back(std::string(id));
  if (!rule.where.empty()) {
    query.sql.append(" AND (").append(rule.where).append(")");
    Append(query.values, std::move(rule.where_values));
  }
  query.sql += " LIMIT 1";
  return query;
}

bool ReadInteger(std::string_view text, std::int64_t& out) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::optional<bool> ReadBool(std::string_view text) {
  for (std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  return std::nullopt;
}

std::string_view QueryValue(const RequestInfo& request, std::string_view name) {
  const std::string* value = request.FindQuery(name);
  return value ? std::string_view(*value) : std::string_view();
}

}  // namespace

Result<SelectQuery> SelectOne(const Schema& schema, const Collection& collection, std::string_view id, const Rule& rule,
                              const RequestInfo& request) {
  auto compiled = CompileRule(schema, collection, rule, request);
  if (!compiled) return std::unexpected(compiled.error());
  return ById(collection, collection.select_columns, id, std::move(*compiled));
}

Result<SelectQuery> CheckStored(const Schema& schema, const Collection& collection, std::string_view id, const Rule& rule,
                                const RequestInfo& request) {
  auto compiled = CompileRule(schema, collection, rule, request);
  if (!compiled) return std::unexpected(compiled.error());
  return ById(collection, "1", id, std::move(*compiled));
}

Result<SelectQuery> SelectMany(const Schema& schema, const Collection& collection, const std::vector<std::string>& ids,
                               const Rule& rule, const RequestInfo& request, bool only_ids) {
  auto compiled = CompileRule(schema, collection, rule, request);
  if (!compiled) return std::unexpected(compiled.error());
  SelectQuery query;
  std::string table = TableOf(collection);
  query.sql.append(compiled->distinct ? "SELECT DISTINCT " : "SELECT ");
  if (only_ids) query.sql.append(table).append(".`id`");
  else query.sql.append(collection.select_columns);
  // The ids travel as one JSON array, so that one prepared statement serves every number of them.
  query.sql.append(" FROM ").append(table).append(compiled->joins);
  query.sql.append(" WHERE ").append(table).append(".`id` IN (SELECT value FROM json_each(?))");
  query.values = std::move(compiled->join_values);
  query.values.emplace_back(Json(ids).Dump());
  if (!compiled->where.empty()) {
    query.sql.append(" AND (").append(compiled->where).append(")");
    Append(query.values, std::move(compiled->where_values));
  }
  return query;
}

Result<ListQuery> SelectList(const Schema& schema, const Collection& collection, const ListParams& params, const Rule& rule,
                             const RequestInfo& request, bool superuser) {
  Compiler compiler(schema, collection, &request);
  if (!superuser && rule && !rule->empty())
    if (auto added = compiler.AddRule(*rule); !added) return std::unexpected(added.error());
  if (!params.filter.empty()) {
    if (params.filter.size() > kMaxFilterBytes) return Fail("max filter length limit reached", Error::Kind::kInvalidInput);
    if (auto added = compiler.AddFilter(params.filter, superuser); !added) return std::unexpected(added.error());
  }
  if (!params.sort.empty())
    if (auto added = compiler.AddSort(params.sort, superuser); !added) return std::unexpected(added.error());
  auto parts = compiler.Finish();
  if (!parts) return std::unexpected(parts.error());

  ListQuery query;
  std::string table = TableOf(collection);
  std::string from = " FROM " + table + parts->joins;
  if (!parts->where.empty()) from += " WHERE " + parts->where;

  query.items.sql = (parts->distinct ? "SELECT DISTINCT " : "SELECT ") + collection.select_columns + from;
  query.items.values = parts->join_values;
  Append(query.items.values, SqlValues(parts->where_values));
  if (!parts->order_by.empty()) {
    query.items.sql += " ORDER BY " + parts->order_by;
    Append(query.items.values, std::move(parts->order_values));
  }
  query.per_page = params.per_page;
  query.items.sql += " LIMIT ? OFFSET ?";
  query.items.values.emplace_back(params.per_page);
  // A page whose offset is beyond 64 bits is the first page (03 §11).
  std::int64_t offset = 0;
  if (__builtin_mul_overflow(params.per_page, params.page - 1, &offset)) offset = 0;
  query.items.values.emplace_back(offset);

  if (!params.skip_total) {
    query.total_is_repeatable = parts->repeatable;
    if (!parts->distinct && HasUniqueIds(schema, collection)) query.total.sql = "SELECT COUNT(*)" + from;
    else query.total.sql = "SELECT COUNT(DISTINCT " + table + (collection.is_view() ? ".`id`)" : "._rowid_)") + from;
    query.total.values = std::move(parts->join_values);
    Append(query.total.values, std::move(parts->where_values));
  }
  return query;
}

Result<SelectQuery> CheckNew(const Schema& schema, const Record& record, const std::string& rule, const RequestInfo& request,
                             bool& reads_tables) {
  constexpr const char* kBase = "__pb_create__";
  const Collection& collection = record.collection();
  Compiler compiler(schema, collection, &request, kBase);
  compiler.TreatBaseAsClone();
  if (auto added = compiler.AddRule(rule); !added) return std::unexpected(added.error());
  auto parts = compiler.Finish();
  if (!parts) return std::unexpected(parts.error());
  reads_tables = parts->reads_tables;

  SelectQuery query;
  query.sql = "WITH `" + std::string(kBase) + "` AS (SELECT ";
  query.values.reserve(collection.fields.size() + parts->join_values.size() + parts->where_values.size());
  for (std::size_t i = 0; i < collection.fields.size(); i++) {
    const Field& field = *collection.fields[i];
    query.sql.append(i ? ", ? AS " : "? AS ").append(QuoteName(field.name));
    // Spec 03 §9.1: a temporary id where none was submitted, and no new record is verified.
    if (int(i) == collection.id_field && record.id().empty()) query.values.emplace_back("__temp_id____pb_create__");
    else if (field.name == "verified") query.values.emplace_back(std::int64_t(0));
    else query.values.push_back(field.ToColumn(record.value(int(i))));
  }
  query.sql.append(") SELECT 1 FROM `").append(kBase).append("`").append(parts->joins);
  if (!parts->where.empty()) query.sql.append(" WHERE ").append(parts->where);
  query.sql += " LIMIT 1";
  Append(query.values, std::move(parts->join_values));
  Append(query.values, std::move(parts->where_values));
  return query;
}

ApiResult<ListParams> ReadListParams(const RequestInfo& request) {
  ListParams params;
  if (auto text = QueryValue(request, "page"); !text.empty() && !ReadInteger(text, params.page)) return Refuse(400);
  if (auto text = QueryValue(request, "perPage"); !text.empty() && !ReadInteger(text, params.per_page)) return Refuse(400);
  if (auto text = QueryValue(request, "skipTotal"); !text.empty()) {
    auto skip = ReadBool(text);
    if (!skip) return Refuse(400);
    params.skip_total = *skip;
  }
  if (params.page <= 0) params.page = 1;
  if (params.per_page <= 0) params.per_page = 30;
  params.per_page = std::min(params.per_page, kMaxPerPage);
  params.filter = std::string(QueryValue(request, "filter"));
  params.sort = std::string(QueryValue(request, "sort"));
  return params;
}

}  // namespace wombat
