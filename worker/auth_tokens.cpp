#include "worker/auth_tokens.h"

#include "common/auth/base64.h"
#include "common/auth/jwt.h"
#include "common/base/text.h"
#include "worker/api/auth_record.h"
#include "worker/auth_cache.h"

namespace wombat {
namespace {

std::int64_t UnixNow() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

std::string Issue(const Record& record, std::string_view type, std::int64_t seconds, Json claims) {
  claims["id"] = Json(record.id());
  claims["type"] = Json(type);
  claims["collectionId"] = record.collection().id;
  claims["exp"] = Json(UnixNow() + seconds);
  return SignToken(claims, TokenKey(record, type));
}

}  // namespace

std::string IssueStaticAuthToken(const Record& record, std::chrono::seconds duration) {
  const std::int64_t seconds = duration.count() > 0 ? duration.count() : record.collection().auth.auth_token.duration;
  return Issue(record, "auth", seconds, Json::Object({{"refreshable", false}}));
}

std::string IssueVerificationToken(const Record& record) {
  return Issue(record, kVerificationToken, record.collection().auth.verification_token.duration,
               Json::Object({{"email", Json(record.Text("email"))}}));
}

std::string IssuePasswordResetToken(const Record& record) {
  return Issue(record, kPasswordResetToken, record.collection().auth.password_reset_token.duration,
               Json::Object({{"email", Json(record.Text("email"))}}));
}

std::string IssueEmailChangeToken(const Record& record, std::string_view new_email) {
  return Issue(record, kEmailChangeToken, record.collection().auth.email_change_token.duration,
               Json::Object({{"email", Json(record.Text("email"))}, {"newEmail", Json(new_email)}}));
}

Json UnverifiedClaims(std::string_view token) {
  const auto parts = Split(token, '.');
  if (parts.size() != 3) return {};
  const auto payload = DecodeBase64Url(parts[1]);
  if (!payload) return {};
  auto claims = ParseJson(*payload);
  return claims && claims->is_object() ? std::move(*claims) : Json();
}

Task<Result<TokenOwner>> FindAuthRecordByToken(RequestContext& context, std::string token, std::string_view type) {
  TokenOwner nobody;
  auto claims = DecodeToken(token, UnixNow());
  if (!claims || claims->StringOr("type") != type) co_return nobody;
  const std::string id = claims->StringOr("id");
  CollectionPtr collection = context.schema->FindShared(claims->StringOr("collectionId"));
  if (id.empty() || !collection || !collection->is_auth()) co_return nobody;
  auto record = co_await FindRecordById(context, collection, id);
  if (!record) co_return std::unexpected(record.error());
  if (!*record || !VerifyTokenSignature(token, TokenKey(**record, type))) co_return nobody;
  co_return TokenOwner{std::move(*record), std::move(*claims)};
}

}  // namespace wombat
