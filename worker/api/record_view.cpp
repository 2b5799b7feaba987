// GET /api/collections/{collection}/records/{id}                                                        spec 01 §2.4
#include "worker/api/enrich.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/api/record_query.h"
#include "worker/read.h"

namespace wombat {
namespace {

bool NeedsRecord(RequestContext& context, const Collection& collection) {
  const App& app = context.runtime.app;
  std::string_view tags[] = {collection.name, collection.id};
  bool manages = collection.is_auth() && collection.auth.manage_rule && !context.is_superuser();
  return manages || !context.Query("expand").empty() || app.on_record_view_request.HasFor(tags) ||
         app.on_record_enrich.HasFor(tags);
}

Error NotFound() { return {Error::Kind::kNotFound, "no such record, or the view rule is not satisfied"}; }

Task<HandlerResult> ViewThroughRecord(RequestContext& context, const RecordAccess& access, const SelectQuery& query) {
  std::function<Result<std::shared_ptr<Record>>(Connection&)> find = [&](Connection& reader) -> Result<std::shared_ptr<Record>> {
    auto statement = reader.Prepare(query.sql);
    if (!statement) return std::unexpected(statement.error());
    statement->BindAll(query.values);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::unexpected(NotFound());
    auto record = std::make_shared<Record>(Record::FromRow(access.collection, *statement));
    record->TakeAsOriginal();
    return record;
  };
  auto record = co_await Read<std::shared_ptr<Record>>(context.runtime, find);
  if (!record) co_return std::unexpected(ReadFailure(record.error(), 404));

  HttpResponse response;
  RecordRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.collection = access.collection.get();
  event.record = *record;
  std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent& e) -> Task<HookResult> {
    auto json = co_await EnrichRecord(context, e.record);
    if (!json) co_return std::unexpected(std::move(json.error()));
    response = JsonResponse(context, std::move(*json));
    co_return HookResult{};
  };
  auto result = co_await context.runtime.app.on_record_view_request.Trigger(
      event, TagsOf(*access.collection), finish);
  if (!result) co_return std::unexpected(std::move(result.error()));
  co_return response;
}

}  // namespace

Task<HandlerResult> ViewRecord(RequestContext& context) {
  auto access = CheckAccess(context, RecordAction::kView);
  if (!access) co_return std::unexpected(std::move(access.error()));
  const Collection& collection = *access->collection;
  auto query = SelectOne(*context.schema, collection, context.path[1], access->rule, context.info);
  if (!query) co_return std::unexpected(ReadFailure(query.error(), 404));
  if (NeedsRecord(context, collection)) co_return co_await ViewThroughRecord(context, *access, *query);

  std::function<Result<std::string>(Connection&)> read = [&](Connection& reader) -> Result<std::string> {
    auto statement = reader.Prepare(query->sql);
    if (!statement) return std::unexpected(statement.error());
    statement->BindAll(query->values);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::unexpected(NotFound());
    std::string json;
    json.reserve(512);
    if (!AppendRowJson(json, collection, *statement, 0, context.ViewerOf())) return std::unexpected(NotFound());
    return json;
  };
  auto json = co_await Read<std::string>(context.runtime, read);
  if (!json) co_return std::unexpected(ReadFailure(json.error(), 404));
  co_return JsonResponse(context, std::move(*json));
}

}  // namespace wombat
