// GET /api/logs, /api/logs/stats, /api/logs/{id}                                                          spec 05 §5.1
#include "common/base/json_text.h"
#include "common/base/time.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/api/record_query.h"
#include "worker/read.h"

namespace wombat {
namespace {

constexpr int kCacheKib = 2000;
constexpr const char* kColumns = "`id`, `created`, `data`, `message`, `level`";

const SimpleColumns& FilterColumns() {
  static const SimpleColumns columns{{"id", "created", "level", "message", "data"}, "data"};
  return columns;
}

// The log has a database of its own, which a worker reads only here: on a pool thread, on a connection for this request.
template <class T>
Task<Result<T>> ReadLog(RequestContext& context, std::function<Result<T>(Connection&)> read) {
  std::string path = context.runtime.config.data_dir + "/auxiliary.db";
  const auto limit = context.runtime.config.query_timeout;
  std::function<Result<T>(PoolThread&)> job = [&](PoolThread&) -> Result<T> {
    auto reader = Connection::Open(path, {.mode = Connection::Mode::kReader, .cache_kib = kCacheKib});
    if (!reader) return std::unexpected(reader.error());
    (*reader)->SetTimeLimit(limit);
    return read(**reader);
  };
  auto done = co_await context.runtime.query_pool.Run<Result<T>>(job);
  if (!done) co_return Fail("too many slow queries wait already", Error::Kind::kBusy);
  co_return std::move(*done);
}

void AppendLog(std::string& json, const Statement& row) {
  json += "{\"id\":";
  AppendJsonString(json, row.cell(0).text());
  json += ",\"created\":";
  AppendJsonString(json, NormalizeTimestamp(row.cell(1).text()));
  json += ",\"data\":";
  auto data = ParseJson(row.cell(2).text());
  (data && data->is_object() ? *data : Json::Object()).AppendTo(json);
  json += ",\"message\":";
  AppendJsonString(json, row.cell(3).text());
  json += ",\"level\":" + std::to_string(row.cell(4).integer()) + "}";
}

struct Page {
  std::string items;
  std::int64_t total = -1;
};

Result<Page> ReadPage(Connection& reader, const ListParams& params, const CompiledQuery& parts) {
  Page page;
  std::string from = " FROM `_logs`";
  if (!parts.where.empty()) from += " WHERE " + parts.where;
  std::string sql = std::string("SELECT ") + kColumns + from;
  if (!parts.order_by.empty()) sql += " ORDER BY " + parts.order_by;
  sql += " LIMIT ? OFFSET ?";
  SqlValues values = parts.where_values;
  values.insert(values.end(), parts.order_values.begin(), parts.order_values.end());
  std::int64_t offset = 0;
  if (__builtin_mul_overflow(params.per_page, params.page - 1, &offset)) offset = 0;
  values.emplace_back(params.per_page);
  values.emplace_back(offset);
  auto snapshot = ReadSnapshot::Begin(reader, Transaction::Kind::kDeferred);
  if (!snapshot) return std::unexpected(snapshot.error());
  auto statement = reader.Prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  statement->BindAll(values);
  for (;;) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    if (!page.items.empty()) page.items += ',';
    AppendLog(page.items, *statement);
  }
  if (params.skip_total) return page;
  auto total = reader.QueryValue("SELECT COUNT(*)" + from, parts.where_values);
  if (!total) return std::unexpected(total.error());
  if (const auto* count = std::get_if<std::int64_t>(&*total)) page.total = *count;
  return page;
}

Result<std::string> ReadStats(Connection& reader, const CompiledQuery& parts) {
  // The expression of the index on the hours.
  std::string sql = "SELECT strftime('%Y-%m-%d %H:00:00', `created`) AS `hour`, COUNT(*) FROM `_logs`";
  if (!parts.where.empty()) sql += " WHERE " + parts.where;
  sql += " GROUP BY `hour`";
  auto statement = reader.Prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  statement->BindAll(parts.where_values);
  std::string json = "[";
  for (;;) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return json + "]";
    if (json.size() > 1) json += ',';
    json += "{\"date\":";
    AppendJsonString(json, NormalizeTimestamp(statement->cell(0).text()));
    json += ",\"total\":" + std::to_string(statement->cell(1).integer()) + "}";
  }
}

}  // namespace

Task<HandlerResult> ListLogs(RequestContext& context) {
  context.note.skip_success = true;
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto params = ReadListParams(context.info);
  if (!params) co_return std::unexpected(std::move(params.error()));
  if (params->filter.size() > kMaxFilterBytes) co_return Refuse(400);
  auto parts = CompileSimple(FilterColumns(), params->filter, params->sort);
  if (!parts) co_return std::unexpected(ReadFailure(parts.error(), 400));
  std::function<Result<Page>(Connection&)> read = [&](Connection& reader) { return ReadPage(reader, *params, *parts); };
  auto page = co_await ReadLog<Page>(context, read);
  if (!page) co_return std::unexpected(ReadFailure(page.error(), 400));
  const std::int64_t pages = page->total < 0 ? -1 : (page->total + params->per_page - 1) / params->per_page;
  co_return JsonResponse(context, "{\"items\":[" + page->items + "],\"page\":" + std::to_string(params->page) +
                                      ",\"perPage\":" + std::to_string(params->per_page) + ",\"totalItems\":" +
                                      std::to_string(page->total) + ",\"totalPages\":" + std::to_string(pages) + "}");
}

Task<HandlerResult> LogStats(RequestContext& context) {
  context.note.skip_success = true;
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto parts = CompileSimple(FilterColumns(), context.Query("filter"), {});
  if (!parts) co_return std::unexpected(ApiError{400, "Invalid filter format.", Json::Object(), parts.error().message});
  std::function<Result<std::string>(Connection&)> read = [&](Connection& reader) { return ReadStats(reader, *parts); };
  auto stats = co_await ReadLog<std::string>(context, read);
  if (stats) co_return JsonResponse(context, std::move(*stats));
  ApiError failure = ReadFailure(stats.error(), 400);
  if (failure.message.empty()) failure.message = "Failed to generate logs stats.";
  co_return std::unexpected(std::move(failure));
}

Task<HandlerResult> ViewLog(RequestContext& context) {
  context.note.skip_success = true;
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  std::function<Result<std::string>(Connection&)> read = [&](Connection& reader) -> Result<std::string> {
    auto statement = reader.Prepare(std::string("SELECT ") + kColumns + " FROM `_logs` WHERE `id` = ?");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, context.path[0]);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    std::string json;
    if (*row) AppendLog(json, *statement);
    return json;
  };
  auto log = co_await ReadLog<std::string>(context, read);
  if (!log) co_return std::unexpected(ReadFailure(log.error(), 404));
  if (log->empty()) co_return Refuse(404);
  co_return JsonResponse(context, std::move(*log));
}

}  // namespace wombat
