#include "worker/api/oauth2_new_record.h"

#include "common/auth/password.h"
#include "common/base/random.h"
#include "common/base/text.h"
#include "common/records/validate.h"
#include "common/schema/index.h"
#include "worker/api/mutate.h"

namespace wombat {
namespace {

const Field* FindField(const Collection& collection, std::string_view name) {
  const int index = name.empty() ? -1 : collection.FieldIndex(name);
  return index < 0 ? nullptr : collection.fields[std::size_t(index)].get();
}

// A statement that gives a row when another record has this value already; nullopt: it may be had more than once.
std::optional<SelectQuery> QueryTaken(const Collection& collection, const std::string& field, const std::string& value) {
  for (const std::string& text : collection.indexes) {
    const IndexDefinition index = ParseIndex(text);
    if (!index.unique || index.columns.size() != 1 || !EqualsIgnoreCase(index.columns[0].expression, field)) continue;
    const char* collation = EqualsIgnoreCase(index.columns[0].collate, "NOCASE") ? " COLLATE NOCASE" : "";
    return SelectQuery{"SELECT 1 FROM " + QuoteName(collection.name) + " WHERE " + QuoteName(field) + " = ?" + collation + " LIMIT 1",
                       {value}};
  }
  return std::nullopt;
}

// A name that does not fit, or that somebody has, is no reason to refuse a sign-up.
Task<bool> MayUseUsername(RequestContext& context, CollectionPtr collection, std::string field_name, std::string username) {
  const Field* field = FindField(*collection, field_name);
  if (!field || username.empty()) co_return false;
  if (field->type() == "text") {
    Record probe(collection);
    probe.Set(field_name, Json(username));
    auto errors = ValidateRecord(probe, *context.schema, nullptr, ValidationScope::kWithoutDatabase);
    if (!errors || errors->Has(field_name)) co_return false;
  }
  const auto query = QueryTaken(*collection, field_name, username);
  if (!query) co_return true;
  auto taken = co_await HoldsHere(context, *query);
  co_return taken && !*taken;
}

Task<void> MapAvatar(RequestContext& context, const Collection& collection, std::string url, NewOAuth2Record& made) {
  const std::string& name = collection.auth.oauth2.mapped_avatar_url;
  if (name.empty() || url.empty() || made.body.Has(name)) co_return;
  const Field* field = FindField(collection, name);
  if (!field || field->type() != "file") {
    made.body[name] = Json(url);
    co_return;
  }
  made.avatar = co_await DownloadAvatar(context, url);
  if (!made.avatar) co_return;
  UploadedFile& file = made.files.emplace_back();
  file.key = name;
  file.file_name = made.avatar->file_name;
  file.content = made.avatar->content;
  file.size = made.avatar->content.size();
}

}  // namespace

Task<ApiResult<std::string>> HashOfRandomPassword(RequestContext& context, const Collection& collection, std::string plain) {
  int cost = 0;
  if (collection.password_field >= 0)
    cost = int(collection.fields[std::size_t(collection.password_field)]->OptionsJson().NumberOr("cost"));
  std::function<std::optional<std::string>(PoolThread&)> job = [&](PoolThread&) { return HashPassword(plain, cost); };
  auto hashed = co_await context.runtime.hash_pool.Run<std::optional<std::string>>(job);
  if (!hashed) co_return Refuse(503, "The server is busy, try again later.");
  if (!*hashed) co_return Refuse(500);
  co_return std::move(**hashed);
}

Task<ApiResult<void>> PrepareNewRecord(RequestContext& context, const RecordAuthWithOAuth2RequestEvent& event, NewOAuth2Record& made) {
  CollectionPtr collection = context.schema->FindShared(event.collection->id);
  if (!collection) co_return Refuse(404);
  const auto& mapped = collection->auth.oauth2;
  const OAuth2User& user = event.oauth2_user;
  made.body = event.create_data.is_object() ? event.create_data : Json::Object();
  if (made.body.StringOr("email").empty()) made.body["email"] = Json(user.email);
  const auto map = [&](const std::string& field, const std::string& value) {
    if (!field.empty() && !made.body.Has(field)) made.body[field] = Json(value);
  };
  map(mapped.mapped_id, user.id);
  map(mapped.mapped_name, user.name);
  if (!mapped.mapped_username.empty() && !made.body.Has(mapped.mapped_username)) {
    const bool usable = co_await MayUseUsername(context, collection, mapped.mapped_username, user.username);
    if (usable) map(mapped.mapped_username, user.username);
  }
  co_await MapAvatar(context, *collection, user.avatar_url, made);
  if (made.body.Has("password")) co_return ApiResult<void>{};
  const std::string password = RandomText(kRandomPasswordLength);
  auto hash = co_await HashOfRandomPassword(context, *collection, password);
  if (!hash) co_return std::unexpected(std::move(hash.error()));
  made.password_hash = std::move(*hash);
  made.body["password"] = Json(password);
  made.body["passwordConfirm"] = Json(password);
  co_return ApiResult<void>{};
}

}  // namespace wombat
