// GET /api/files/{collection}/{recordId}/{filename}                                                     spec 05 §2.1
#include <algorithm>

#include "common/storage/object_key.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/api/record_query.h"
#include "worker/files/file_origin.h"
#include "worker/files/file_token.h"
#include "worker/files/thumbs.h"
#include "worker/files/remote_source.h"
#include "worker/files/storage_of.h"
#include "worker/http/client_ip.h"
#include "worker/http/content.h"
#include "worker/read.h"

namespace wombat {
namespace {

constexpr const char* kPolicy = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox";
constexpr const char* kCaching = "max-age=2592000, stale-while-revalidate=86400";

constexpr int kWarning = 4;

constexpr std::string_view kShownInline[] = {
    "image/png",       "image/jpg",   "image/jpeg",  "image/gif",      "image/webp",  "image/x-icon", "image/bmp",
    "video/webm",      "video/mp4",   "video/3gpp",  "video/quicktime", "video/x-ms-wmv", "audio/basic", "audio/aiff",
    "audio/mpeg",      "audio/midi",  "audio/mp3",   "audio/wave",     "audio/wav",   "audio/x-wav",  "audio/x-mpeg",
    "audio/x-m4a",     "audio/aac",   "application/pdf", "application/x-pdf"};

struct TypeOfName {
  std::string_view extension, type;
};
constexpr TypeOfName kTypesByName[] = {
    {".svg", "image/svg+xml"}, {".css", "text/css"}, {".js", "text/javascript"}, {".mjs", "text/javascript"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
};

bool IsTrue(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
    if (text == yes) return true;
  return false;
}

ApiError Missing(std::string details) { return {404, {}, Json::Object(), std::move(details)}; }

const FileField* FieldOf(const Record& record, std::string_view name) {
  for (const auto& field : record.collection().fields) {
    if (field->type() != "file") continue;
    const auto names = record.List(field->name);
    if (std::ranges::find(names, name) != names.end()) return static_cast<const FileField*>(field.get());
  }
  return nullptr;
}

Task<Result<std::shared_ptr<Record>>> FindRecord(RequestContext& context, CollectionPtr collection) {
  auto query = SelectOne(*context.schema, *collection, context.path[1], Rule(), context.info);
  if (!query) co_return std::unexpected(query.error());
  std::function<Result<std::shared_ptr<Record>>(Connection&)> read = [&](Connection& reader) -> Result<std::shared_ptr<Record>> {
    auto statement = reader.Prepare(query->sql);
    if (!statement) return std::unexpected(statement.error());
    statement->BindAll(query->values);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return Fail("no such record", Error::Kind::kNotFound);
    return std::make_shared<Record>(Record::FromRow(collection, *statement));
  };
  co_return co_await Read<std::shared_ptr<Record>>(context.runtime, read);
}

// Only the token of the query counts: a browser sends no header for an image.
Task<ApiResult<void>> CheckProtected(RequestContext& context, CollectionPtr collection, std::string record_id) {
  RequestInfo info = context.info;
  info.context = "protectedFile";
  info.auth = FindByFileToken(context.Query("token"), *context.schema, *context.runtime.reader);
  const auto& ips = context.settings->superuser_ips;
  if (info.is_superuser() && !ips.empty() && !IpListContains(ips, context.user_ip)) info.auth.reset();
  if (info.is_superuser()) co_return ApiResult<void>{};
  const Rule& rule = collection->view_rule;
  if (!rule) co_return std::unexpected(Missing("the view rule admits superusers only"));
  if (rule->empty()) co_return ApiResult<void>{};
  auto check = CheckStored(*context.schema, *collection, record_id, rule, info);
  if (!check) co_return std::unexpected(Missing(check.error().message));
  auto holds = co_await HoldsHere(context, *check);
  if (!holds || !*holds) co_return std::unexpected(Missing(holds ? "the view rule is not satisfied" : holds.error().message));
  co_return ApiResult<void>{};
}

// Where the file lies: with the record that it was uploaded to.
Task<Result<std::string>> KeyOf(RequestContext& context, const Collection& collection, const FileField& field,
                                std::string record_id, std::string name) {
  if (!collection.is_view()) co_return FileKey(collection.id, record_id, name);
  std::function<Result<FileOrigin>(Connection&)> find = [&](Connection& reader) {
    return FindFileOrigin(reader, *context.schema, collection, field.name, name);
  };
  auto origin = co_await Read<FileOrigin>(context.runtime, find);
  if (!origin) co_return std::unexpected(origin.error());
  co_return FileKey(origin->collection_id, origin->record_id, name);
}

// Not for certain: a hook may answer otherwise.
bool SendsAll(const HttpRequest& request) {
  if (request.method != "GET") return false;
  for (const std::string_view name : {"Range", "If-Modified-Since", "If-Unmodified-Since", "If-Match", "If-None-Match"})
    if (request.FindHeader(name)) return false;
  return true;
}

void SetUnlessThere(HttpResponse& response, std::string_view name, std::string value) {
  if (!HasHeader(response, name)) AddHeader(response, name, std::move(value));
}

HttpResponse Answer(const RequestContext& context, const HttpResponse& of_hooks, const ServedFile& served) {
  const StoredObject& object = served.object;
  ContentInfo info;
  info.content_type = object.content_type;
  for (const auto& known : kTypesByName)
    if (std::string_view(served.key).substr(served.key.rfind('/')).ends_with(known.extension)) info.content_type = known.type;
  info.modified = object.modified.tv_sec;
  char tag[64];
  std::snprintf(tag, sizeof tag, "\"%llx.%lx-%llx\"", static_cast<unsigned long long>(object.modified.tv_sec),
                static_cast<unsigned long>(object.modified.tv_nsec), static_cast<unsigned long long>(object.size));
  info.etag = tag;

  HttpResponse response =
      object.file ? ServeFile(context.http, object.file, object.size, info)
                  : ServeSource(context.http, MakeRemoteSource(context.runtime.bucket_pool, object.remote), object.size, info);
  for (const auto& [name, value] : of_hooks.headers) SetHeader(response, name, value);
  const bool is_inline = std::ranges::find(kShownInline, object.content_type) != std::end(kShownInline);
  const bool shows = is_inline && !IsTrue(context.Query("download"));
  SetUnlessThere(response, "Content-Disposition", (shows ? "inline; filename=" : "attachment; filename=") + served.name);
  SetUnlessThere(response, "Content-Security-Policy", kPolicy);
  if (response.status != 416) SetUnlessThere(response, "Cache-Control", kCaching);
  response.omitted_headers |= kSameOriginFrames;
  return response;
}

}  // namespace

Task<HandlerResult> DownloadFile(RequestContext& context) {
  CollectionPtr collection = context.FindCollection();
  if (!collection) co_return Refuse(404, "Missing or invalid collection context.");
  auto record = co_await FindRecord(context, collection);
  if (!record) co_return std::unexpected(Missing(record.error().message));
  const std::string name = context.path[2];
  const FileField* field = FieldOf(**record, name);
  if (!field) co_return std::unexpected(Missing("no file field holds this name"));
  if (field->is_protected)
    if (auto allowed = co_await CheckProtected(context, collection, std::string((*record)->id())); !allowed)
      co_return std::unexpected(std::move(allowed.error()));
  auto storage = StorageOf(context);
  if (!storage) co_return Refuse(500, "Filesystem initialization failure.");

  auto key = co_await KeyOf(context, *collection, *field, std::string((*record)->id()), name);
  if (!key) co_return std::unexpected(Missing(key.error().message));
  const std::string size(AllowedThumbSize(*field, context.Query("thumb")));
  WantedFile wanted{*key, name, size, SendsAll(context.http)};
  auto served = co_await FindServedFile(context.runtime, *storage, wanted);
  if (!served) co_return std::unexpected(Missing(served.error().message));

  if (!served->thumb_error.empty()) {
    const std::string thumb = ThumbKey(*key, size);
    context.runtime.log.AddEntry(kWarning, "Fallback to original - failed to create thumb " + thumb.substr(thumb.rfind('/') + 1),
                                 Json::Object({{"error", served->thumb_error}, {"original", *key}, {"thumb", thumb}}),
                                 *context.settings);
  }

  HttpResponse response;
  FileDownloadRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.collection = collection.get();
  event.record = *record;
  event.file_field = field;
  event.served_path = served->key;
  event.served_name = served->name;
  event.thumb_error = served->thumb_error;
  std::function<Task<HookResult>(FileDownloadRequestEvent&)> finish = [&](FileDownloadRequestEvent& e) -> Task<HookResult> {
    if (e.served_path != served->key) {
      WantedFile another{e.served_path, e.served_name, {}, wanted.whole};
      auto other = co_await FindServedFile(context.runtime, *storage, another);
      if (!other) co_return std::unexpected(Missing(other.error().message));
      *served = std::move(*other);
    }
    served->name = e.served_name;
    response = Answer(context, response, *served);
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_file_download_request.Trigger(event, TagsOf(*collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat
