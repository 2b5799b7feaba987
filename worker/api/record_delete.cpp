// DELETE /api/collections/{collection}/records/{id}                                                     spec 01 §2.8
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/api/record_access.h"
#include "worker/api/record_input.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

ApiError Hidden(std::string details) { return {404, {}, Json::Object(), std::move(details)}; }

Task<Result<std::shared_ptr<Record>>> FindDeletable(RequestContext& context, RecordAccess access) {
  auto query = SelectOne(*context.schema, *access.collection, context.path[1], access.rule, context.info);
  if (!query) co_return std::unexpected(query.error());
  std::function<Result<std::shared_ptr<Record>>(Connection&)> read = [&](Connection& reader) -> Result<std::shared_ptr<Record>> {
    auto statement = reader.Prepare(query->sql);
    if (!statement) return std::unexpected(statement.error());
    statement->BindAll(query->values);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return Fail("no such record, or the delete rule is not satisfied", Error::Kind::kNotFound);
    auto record = std::make_shared<Record>(Record::FromRow(access.collection, *statement));
    record->TakeAsOriginal();
    record->MarkSaved();
    return record;
  };
  co_return co_await Read<std::shared_ptr<Record>>(context, read);
}

Task<HookResult> Send(RequestContext& context, RecordAccess access, std::string id, bool& stale) {
  std::optional<SelectQuery> check;
  if (access.rule && !access.rule->empty()) {
    auto built = CheckStored(*context.schema, *access.collection, id, access.rule, context.info);
    if (!built) co_return std::unexpected(Hidden(built.error().message));
    check = std::move(*built);
  }
  Written written = co_await SendDelete(context, access.collection, id, check);
  if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
  stale = written.kind == Written::Kind::kStale;
  co_return HookResult{};
}

Task<HandlerResult> Delete(RequestContext& context, RecordAccess access, bool& stale) {
  const auto& hook = context.runtime.app.on_record_delete_request;
  std::string_view tags[] = {access.collection->name, access.collection->id};
  if (!hook.HasFor(tags)) {
    auto sent = co_await Send(context, access, context.path[1], stale);
    if (!sent) co_return std::unexpected(std::move(sent.error()));
    co_return NoContent();
  }
  auto record = co_await FindDeletable(context, access);
  if (!record) co_return std::unexpected(ReadFailure(record.error(), 404));
  HttpResponse response;
  const SchemaPtr schema_of_event = context.schema;     // the hooks' collection, whatever is followed
  RecordRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.collection = access.collection.get();
  event.record = *record;
  std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent& e) -> Task<HookResult> {
    // The hooks have fired: a schema that moves meanwhile is followed here.
    for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
      bool moved = false;
      auto sent = co_await Send(context, access, std::string(e.record->id()), moved);
      if (!sent) co_return sent;
      if (!moved) {
        response = NoContent();
        co_return co_await RestOfBatch(context);
      }
      if (!TakeFreshSchema(context)) break;
      auto fresh = CheckAccess(context, RecordAction::kDelete);
      if (!fresh) co_return std::unexpected(std::move(fresh.error()));
      access = std::move(*fresh);
    }
    co_return std::unexpected(TooMuchMoved());
  };
  auto done = co_await hook.Trigger(event, TagsOf(*access.collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace

Task<HandlerResult> DeleteRecord(RequestContext& context) {
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    auto access = CheckAccess(context, RecordAction::kDelete);
    if (!access) co_return std::unexpected(std::move(access.error()));
    bool stale = false;
    auto result = co_await Delete(context, std::move(*access), stale);
    if (!stale) co_return result;
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat
