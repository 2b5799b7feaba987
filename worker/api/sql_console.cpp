// POST /api/sql                                                                                           spec 05 §7.1
#include <chrono>

#include "common/db/sql_script.h"
#include "proto/values.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxQueryBytes = 5000, kMaxRows = 1000;
constexpr std::chrono::minutes kTimeLimit{3};
constexpr int kCacheKib = 2000;

using Outcome = std::expected<ScriptResult, std::string>;

ApiError Failure(const std::string& raw) {
  return {400, "Failed to execute query. Raw error:\n" + raw, Json::Object(), raw};
}

ApiResult<std::string> ReadQuery(RequestContext& context) {
  auto body = BoundBody::Read(context, "An error occurred while loading the submitted data.");
  if (!body) return std::unexpected(std::move(body.error()));
  std::string query = body->Text("query");
  if (auto read = body->Finish(); !read) return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  if (query.empty()) AddFieldError(errors, "query", FieldError::Required());
  if (query.size() > kMaxQueryBytes)
    AddFieldError(errors, "query",
                  {"validation_length_too_long", "the length must be no more than {{.max}}",
                   Json::Object({{"max", kMaxQueryBytes}, {"min", 0}})});
  if (errors.as_object().empty()) return query;
  return Refuse(400, "An error occurred while validating the submitted data.", std::move(errors));
}

// A connection of its own, which is closed afterwards with whatever the statements set on it.
Outcome RunHere(const std::string& path, const std::string& script) {
  auto reader = Connection::Open(path, {.mode = Connection::Mode::kReader, .cache_kib = kCacheKib});
  if (!reader) return std::unexpected(reader.error().message);
  (*reader)->SetTimeLimit(kTimeLimit);
  return RunScript(**reader, script, kMaxRows);
}

Task<ApiResult<ScriptResult>> Run(RequestContext& context, std::string script) {
  if (!IsWritingScript(script)) {
    std::string path = context.runtime.config.data_dir + "/data.db";
    std::function<Outcome(PoolThread&)> job = [&](PoolThread&) { return RunHere(path, script); };
    auto done = co_await context.runtime.query_pool.Run<Outcome>(job);
    if (!done) co_return Refuse(503, "The server is busy, try again later.");
    if (!*done) co_return std::unexpected(Failure(done->error()));
    (*done)->changed = 0;
    co_return std::move(**done);
  }
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    mutation.initRunSql().setQuery(ToText(script));
  };
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    Written written = co_await SendMutation(context, fill);
    if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
    if (written.kind == Written::Kind::kDone) {
      ScriptResult result;
      result.changed = written.changed_rows;
      co_return result;
    }
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

std::string Answer(const ScriptResult& result, std::int64_t milliseconds) {
  std::string json = "{\"execTime\":" + std::to_string(milliseconds) + ",\"affectedRows\":" + std::to_string(result.changed) +
                     ",\"columns\":[";
  for (const auto& column : result.columns) {
    if (json.back() != '[') json += ',';
    json += "{\"name\":" + Json(column.name).Dump() + ",\"type\":" + Json(column.type).Dump() + ",\"nullable\":true}";
  }
  json += "],\"rows\":[";
  for (const auto& row : result.rows) {
    if (json.back() != '[') json += ',';
    json += '[';
    for (const auto& cell : row) {
      if (json.back() != '[') json += ',';
      json += cell ? Json(*cell).Dump() : "null";
    }
    json += ']';
  }
  return json + "]}";
}

}  // namespace

Task<HandlerResult> RunSqlConsole(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto query = ReadQuery(context);
  if (!query) co_return std::unexpected(std::move(query.error()));
  auto script = PrepareScript(*query);
  if (!script) co_return std::unexpected(Failure(script.error()));
  const auto start = std::chrono::steady_clock::now();
  auto result = co_await Run(context, *script);
  if (!result) co_return std::unexpected(std::move(result.error()));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  co_return JsonResponse(context, Answer(*result, took.count()));
}

}  // namespace wombat
