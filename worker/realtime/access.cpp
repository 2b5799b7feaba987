#include "worker/realtime/access.h"

#include "common/base/text.h"
#include "common/filter/compile.h"
#include "common/records/fields_picker.h"
#include "common/records/row_json.h"
#include "worker/api/expand.h"
#include "worker/realtime/event_tables.h"

namespace wombat {
namespace {

std::string_view QueryOf(const RequestInfo& request, std::string_view name) {
  const std::string* value = request.FindQuery(name);
  return value ? std::string_view(*value) : std::string_view();
}

bool NamesForbiddenFields(const RequestInfo& request) {
  for (std::string_view text : {QueryOf(request, "filter"), QueryOf(request, "sort")})
    for (std::string_view forbidden : {"@collection.", "@request."})
      if (text.find(forbidden) != text.npos) return true;
  return false;
}

// Errors of the expression itself are a "no"; an interrupted query is an error.
Result<bool> Holds(Connection& connection, const AccessQuestion& question, std::string_view expression, bool is_rule) {
  const std::string table = EventTables::TableOf(*question.collection);
  Compiler compiler(*question.schema, *question.collection, &question.request, table);
  auto added = is_rule ? compiler.AddRule(expression) : compiler.AddFilter(expression, false);
  if (!added) return false;
  auto parts = compiler.Finish();
  if (!parts) return false;
  std::string sql = "SELECT 1 FROM temp." + QuoteName(table) + parts->joins;
  if (!parts->where.empty()) sql += " WHERE " + parts->where;
  sql += " LIMIT 1";
  auto statement = connection.Prepare(sql);
  if (!statement && statement.error().kind == Error::Kind::kInterrupted) return std::unexpected(statement.error());
  if (!statement) return false;
  const int next = statement->BindAll(parts->join_values);
  statement->BindAll(parts->where_values, next);
  auto row = statement->Step();
  if (!row && row.error().kind == Error::Kind::kInterrupted) return std::unexpected(row.error());
  return row && *row;
}

bool AsksRule(const AccessQuestion& question) {
  return !question.request.is_superuser() && *question.rule && !(*question.rule)->empty();
}

bool AsksManageRule(const AccessQuestion& question) {
  const Rule& rule = question.collection->auth.manage_rule;
  return question.collection->is_auth() && rule && !rule->empty() && !question.request.is_superuser() &&
         question.request.auth;
}

Visibility ViewerOf(const RequestInfo& request) {
  Visibility viewer;
  viewer.superuser = request.is_superuser();
  if (request.auth) viewer.viewer_id = request.auth->id();
  return viewer;
}

}  // namespace

bool AccessQuestion::is_trivial() const { return !AsksRule(*this) && QueryOf(request, "filter").empty(); }

Result<bool> MayHear(Connection& connection, const AccessQuestion& question) {
  if (!question.request.is_superuser() && !*question.rule) return false;
  if (AsksRule(question)) {
    if (!question.row_exists) return false;
    auto holds = Holds(connection, question, **question.rule, true);
    if (!holds || !*holds) return holds;
  }
  const std::string_view filter = QueryOf(question.request, "filter");
  if (filter.empty()) return true;
  if (!question.row_exists || (!question.request.is_superuser() && NamesForbiddenFields(question.request)))
    return false;
  return Holds(connection, question, filter, false);
}

bool ShowsFromDatabase(const AccessQuestion& question) {
  return AsksManageRule(question) || !QueryOf(question.request, "expand").empty();
}

std::string ShowPlainRecord(const AccessQuestion& question, const Record& shown) {
  std::string json;
  AppendRecordJson(json, shown, ViewerOf(question.request));
  return json;
}

Result<std::string> ShowRecord(Connection& connection, const AccessQuestion& question, const Record& shown) {
  bool manages = false;
  if (AsksManageRule(question) && question.row_exists) {
    auto holds = Holds(connection, question, *question.collection->auth.manage_rule, true);
    if (!holds) return std::unexpected(holds.error());
    manages = *holds;
  }
  Visibility viewer = ViewerOf(question.request);
  viewer.manages = [manages](std::string_view) { return manages; };
  std::string expand_json;
  if (const ExpandTree tree = ParseExpand(QueryOf(question.request, "expand")); !tree.empty()) {
    std::vector<Record> one;
    one.push_back(shown);
    auto expanded = ExpandRecords(connection, *question.schema, one, tree, question.request);
    if (!expanded) return std::unexpected(expanded.error());
    expand_json = (*expanded)[0].empty() ? "{}" : std::move((*expanded)[0]);
  }
  std::string json;
  AppendRecordJson(json, shown, viewer, expand_json);
  return json;
}

std::string ChangePayload(const RequestInfo& request, const std::string& record_json, std::string_view action) {
  std::string payload = "{\"record\":";
  payload.reserve(record_json.size() + 40);
  const std::string_view fields = QueryOf(request, "fields");
  const std::size_t begin = payload.size();
  bool picked = false;
  if (!fields.empty()) {
    auto picker = FieldsPicker::Read(fields);
    picked = picker && picker->Append(payload, record_json);
    if (!picked) payload.resize(begin);
  }
  if (!picked) payload += record_json;
  return payload.append(",\"action\":\"").append(action).append("\"}");
}

}  // namespace wombat
