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

bool NamesForbiddenFields(const TopicOptions& options) {
  for (std::string_view text : {options.Query("filter"), options.Query("sort")})
    for (std::string_view forbidden : {"@collection.", "@request."})
      if (text.find(forbidden) != text.npos) return true;
  return false;
}

bool IsSuperuser(const Record* auth) { return auth && auth->collection().is_superusers(); }

// Time and other collections are no part of a request.
bool NamesOnlyTheRequest(std::string_view expression) {
  for (std::size_t at = 0; (at = expression.find('@', at)) != expression.npos; at++)
    if (!expression.substr(at).starts_with("@request.")) return false;
  return true;
}

// Errors of the expression itself are a "no"; an interrupted query is an error.
Result<Verdict> Holds(Connection& connection, const AccessQuestion& question, std::string_view expression, bool is_rule) {
  const std::string table = EventTables::TableOf(*question.collection);
  Compiler compiler(*question.schema, *question.collection, &question.request, table);
  auto added = is_rule ? compiler.AddRule(expression) : compiler.AddFilter(expression, false);
  if (!added) return Verdict{};
  auto parts = compiler.Finish();
  if (!parts) return Verdict{};
  std::string sql = "SELECT 1 FROM temp." + QuoteName(table) + parts->joins;
  if (!parts->where.empty()) sql += " WHERE " + parts->where;
  sql += " LIMIT 1";
  auto statement = connection.Prepare(sql);
  if (!statement && statement.error().kind == Error::Kind::kInterrupted) return std::unexpected(statement.error());
  if (!statement) return Verdict{};
  const int next = statement->BindAll(parts->join_values);
  statement->BindAll(parts->where_values, next);
  auto row = statement->Step();
  if (!row && row.error().kind == Error::Kind::kInterrupted) return std::unexpected(row.error());
  const bool reads_data = parts->reads_tables || !parts->joins.empty() || parts->where.find(table) != std::string::npos;
  return Verdict{row && *row, row && parts->repeatable && !reads_data && NamesOnlyTheRequest(expression)};
}

bool AsksManageRule(const Collection& collection, const Record* auth) {
  const Rule& rule = collection.auth.manage_rule;
  return collection.is_auth() && rule && !rule->empty() && auth && !IsSuperuser(auth);
}

Visibility ViewerOf(const Record* auth) {
  Visibility viewer;
  viewer.superuser = IsSuperuser(auth);
  if (auth) viewer.viewer_id = auth->id();
  return viewer;
}

}  // namespace

Hearing Prejudge(const Rule& rule, const TopicOptions& options, const Record* auth, bool row_exists) {
  const bool superuser = IsSuperuser(auth);
  if (!superuser && !rule) return Hearing::kNo;
  const bool asks_rule = !superuser && !rule->empty(), asks_filter = !options.Query("filter").empty();
  if (!asks_rule && !asks_filter) return Hearing::kYes;
  if (!row_exists || (asks_filter && !superuser && NamesForbiddenFields(options))) return Hearing::kNo;
  return Hearing::kAsk;
}

std::string SharedQuestion(const Collection& collection, const Rule& rule, const TopicOptions& options, bool superuser) {
  const std::string_view filter = options.Query("filter");
  const bool asks_rule = !superuser && rule && !rule->empty();
  if (asks_rule && rule->find("@request") != rule->npos) return {};
  // Paths to other records are subject to their rules, e-mails to who asks.
  if (!filter.empty() && (collection.is_auth() || filter.find('.') != filter.npos)) return {};
  std::string shared = asks_rule ? "r" + *rule : "-";
  return shared.append("\n").append(filter);
}

Result<Verdict> MayHear(Connection& connection, const AccessQuestion& question) {
  const bool superuser = question.request.is_superuser();
  const std::string_view filter = QueryOf(question.request, "filter");
  Verdict verdict{true, true};
  if (!superuser && !(*question.rule)->empty()) {
    auto holds = Holds(connection, question, **question.rule, true);
    if (!holds || !holds->allowed) return holds;
    verdict = *holds;
  }
  if (filter.empty()) return verdict;
  auto holds = Holds(connection, question, filter, false);
  if (holds) holds->for_all_records = false;
  return holds;
}

bool ShowsFromDatabase(const Collection& collection, const TopicOptions& options, const Record* auth) {
  return AsksManageRule(collection, auth) || !options.Query("expand").empty();
}

std::string ShowPlainRecord(const Record* viewer, const Record& shown) {
  std::string json;
  AppendRecordJson(json, shown, ViewerOf(viewer));
  return json;
}

Result<std::string> ShowRecord(Connection& connection, const AccessQuestion& question, const Record& shown) {
  bool manages = false;
  const Record* auth = question.request.auth.get();
  if (AsksManageRule(*question.collection, auth) && question.row_exists) {
    auto holds = Holds(connection, question, *question.collection->auth.manage_rule, true);
    if (!holds) return std::unexpected(holds.error());
    manages = holds->allowed;
  }
  Visibility viewer = ViewerOf(auth);
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

std::string ChangePayload(const TopicOptions& options, const std::string& record_json, std::string_view action) {
  std::string payload = "{\"record\":";
  payload.reserve(record_json.size() + 40);
  const std::string_view fields = options.Query("fields");
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
