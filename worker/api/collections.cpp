// GET, POST /api/collections        GET, PATCH, DELETE /api/collections/{collection}                     spec 02 §4
#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/schema/change.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/api/record_access.h"
#include "worker/read.h"

namespace wombat {
namespace {

constexpr const char* kUnreadable = "Failed to load the submitted data due to invalid formatting.";
constexpr const char* kUnreadableType = "Failed to load the collection type data due to invalid formatting.";

const SimpleColumns& FilterColumns() {
  static const SimpleColumns columns{{"id", "created", "updated", "name", "system", "type"}, {}};
  return columns;
}

struct FoundIds {
  std::vector<std::string> ids;
  std::int64_t total = -1;
};

Result<FoundIds> FindIds(Connection& reader, const ListParams& params, const CompiledQuery& parts) {
  FoundIds found;
  std::string from = " FROM `_collections`";
  if (!parts.where.empty()) from += " WHERE " + parts.where;
  std::string sql = "SELECT `id`" + from;
  if (!parts.order_by.empty()) sql += " ORDER BY " + parts.order_by;
  sql += " LIMIT ? OFFSET ?";
  SqlValues values = parts.where_values;
  values.insert(values.end(), parts.order_values.begin(), parts.order_values.end());
  values.emplace_back(params.per_page);
  std::int64_t offset = 0;
  if (__builtin_mul_overflow(params.per_page, params.page - 1, &offset)) offset = 0;
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
    found.ids.emplace_back(statement->cell(0).text());
  }
  if (params.skip_total) return found;
  auto total = reader.QueryValue("SELECT COUNT(*)" + from, parts.where_values);
  if (!total) return std::unexpected(total.error());
  if (const auto* count = std::get_if<std::int64_t>(&*total)) found.total = *count;
  return found;
}

// The JSON object of the body; an absent body counts as {} (spec 02 §4, "Bodies").
ApiResult<Json> ReadObject(RequestContext& context, const char* message) {
  if (!context.http.has_body) return Json::Object();
  auto read = context.ReadBody();
  if (!read) return Refuse(read.error().status == 413 ? 413 : 400, read.error().status == 413 ? "" : message);
  return context.info.body;
}

// The type decides which scaffold the body is applied to; it must be text where it is given.
ApiResult<CollectionType> TypeOfBody(const Json& body) {
  CollectionType type = CollectionType::kBase;
  for (const auto& [key, value] : body.as_object()) {
    bool is_type = EqualsIgnoreCase(key, "type"), is_name = EqualsIgnoreCase(key, "name");
    if (!is_type && !is_name) continue;
    if (value.is_null()) continue;
    if (!value.is_string()) return Refuse(400, kUnreadableType);
    if (is_type && value.as_string() == "auth") type = CollectionType::kAuth;
    if (is_type && value.as_string() == "view") type = CollectionType::kView;
  }
  return type;
}

CollectionRequestEvent EventFor(RequestContext& context, HttpResponse& response, std::shared_ptr<Collection> collection) {
  CollectionRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.collection = std::move(collection);
  return event;
}

// Sends the save and shapes the answer from the schema that the writer made of it.
Task<HookResult> SaveAndAnswer(RequestContext& context, std::shared_ptr<Collection> collection, bool is_new,
                               std::string stored_id, HttpResponse& response, bool& stale) {
  // The scaffold's index names are settled here: what travels is the stored form, which does not know of the scaffold.
  if (is_new) NormalizeCollection(*collection, nullptr, *context.schema);
  Written written = co_await SendSaveCollection(context, *collection, is_new, stored_id);
  if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
  if (written.kind == Written::Kind::kStale) {
    stale = true;
    co_return HookResult{};
  }
  if (!TakeFreshSchema(context)) co_return Refuse(500);
  CollectionPtr saved = context.schema->FindShared(written.collection_id);
  if (!saved) co_return Refuse(404);         // deleted by somebody in the meantime
  response = JsonResponse(context, CollectionToJson(*saved));
  co_return HookResult{};
}

}  // namespace

Task<HandlerResult> ListCollections(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto params = ReadListParams(context.info);
  if (!params) co_return std::unexpected(std::move(params.error()));
  if (params->filter.size() > kMaxFilterBytes) co_return Refuse(400);
  auto parts = CompileSimple(FilterColumns(), params->filter, params->sort);
  if (!parts) co_return std::unexpected(ReadFailure(parts.error(), 400));
  std::function<Result<FoundIds>(Connection&)> read = [&](Connection& reader) { return FindIds(reader, *params, *parts); };
  auto found = co_await Read<FoundIds>(context.runtime, read);
  if (!found) co_return std::unexpected(ReadFailure(found.error(), 400));

  HttpResponse response;
  CollectionsListRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  for (const auto& id : found->ids)
    if (CollectionPtr collection = context.schema->FindShared(id)) event.collections.push_back(std::move(collection));
  std::function<Task<HookResult>(CollectionsListRequestEvent&)> finish = [&](CollectionsListRequestEvent& e) -> Task<HookResult> {
    std::string json = "{\"items\":[";
    for (std::size_t i = 0; i < e.collections.size(); i++) {
      if (i) json += ',';
      json += CollectionToJson(*e.collections[i]);
    }
    std::int64_t pages = found->total < 0 ? -1 : (found->total + params->per_page - 1) / params->per_page;
    json += "],\"page\":" + std::to_string(params->page) + ",\"perPage\":" + std::to_string(params->per_page) +
            ",\"totalItems\":" + std::to_string(found->total) + ",\"totalPages\":" + std::to_string(pages) + "}";
    response = JsonResponse(context, std::move(json));
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_collections_list_request.Trigger(event, {}, finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

Task<HandlerResult> ViewCollection(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  CollectionPtr collection = context.FindCollection();
  if (!collection) co_return Refuse(404);
  HttpResponse response;
  auto event = EventFor(context, response, std::make_shared<Collection>(*collection));
  std::function<Task<HookResult>(CollectionRequestEvent&)> finish = [&](CollectionRequestEvent& e) -> Task<HookResult> {
    response = JsonResponse(context, CollectionToJson(*e.collection));
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_collection_view_request.Trigger(event, TagsOf(*collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

Task<HandlerResult> CreateCollection(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto body = ReadObject(context, kUnreadableType);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto type = TypeOfBody(*body);
  if (!type) co_return std::unexpected(std::move(type.error()));
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    auto collection = std::make_shared<Collection>(NewCollection(*type));
    if (auto applied = ApplyCollectionBody(*collection, *body); !applied)
      co_return std::unexpected(ApiError{400, kUnreadable, Json::Object(), applied.error().message});
    HttpResponse response;
    bool stale = false;
    auto event = EventFor(context, response, collection);
    std::function<Task<HookResult>(CollectionRequestEvent&)> finish = [&](CollectionRequestEvent& e) -> Task<HookResult> {
      co_return co_await SaveAndAnswer(context, e.collection, true, std::string(), response, stale);
    };
    auto done = co_await context.runtime.app.on_collection_create_request.Trigger(event, TagsOf(*collection), finish);
    if (!done) co_return std::unexpected(std::move(done.error()));
    if (!stale) co_return response;
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

Task<HandlerResult> UpdateCollection(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    CollectionPtr stored = context.FindCollection();
    if (!stored) co_return Refuse(404);
    auto body = ReadObject(context, kUnreadable);
    if (!body) co_return std::unexpected(std::move(body.error()));
    auto collection = std::make_shared<Collection>(*stored);
    if (auto applied = ApplyCollectionBody(*collection, *body); !applied)
      co_return std::unexpected(ApiError{400, kUnreadable, Json::Object(), applied.error().message});
    // Another id makes the reference look for the stored state under that id (spec 02 §1.6).
    if (collection->id != stored->id && !context.schema->Find(collection->id)) co_return Refuse(404);
    HttpResponse response;
    bool stale = false;
    auto event = EventFor(context, response, collection);
    std::string stored_id = stored->id;
    std::function<Task<HookResult>(CollectionRequestEvent&)> finish = [&](CollectionRequestEvent& e) -> Task<HookResult> {
      co_return co_await SaveAndAnswer(context, e.collection, false, stored_id, response, stale);
    };
    auto done = co_await context.runtime.app.on_collection_update_request.Trigger(event, TagsOf(*collection), finish);
    if (!done) co_return std::unexpected(std::move(done.error()));
    if (!stale) co_return response;
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

Task<HandlerResult> DeleteCollection(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    CollectionPtr stored = context.FindCollection();
    if (!stored) co_return Refuse(404);
    HttpResponse response;
    bool stale = false;
    auto event = EventFor(context, response, std::make_shared<Collection>(*stored));
    std::function<Task<HookResult>(CollectionRequestEvent&)> finish = [&](CollectionRequestEvent& e) -> Task<HookResult> {
      std::string id = e.collection->id;
      Written written = co_await SendDeleteCollection(context, id);
      if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
      stale = written.kind == Written::Kind::kStale;
      response = NoContent();
      co_return HookResult{};
    };
    auto done = co_await context.runtime.app.on_collection_delete_request.Trigger(event, TagsOf(*stored), finish);
    if (!done) co_return std::unexpected(std::move(done.error()));
    if (!stale) co_return response;
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat
