#include "worker/api/auth_form.h"

#include "common/schema/fields/formats.h"
#include "worker/api/auth_response.h"
#include "worker/api/record_access.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxEmailBytes = 255;

}  // namespace

bool CheckByteLength(Json& errors, std::string_view key, const std::string& text, std::size_t min, std::size_t max) {
  if (text.empty() || (text.size() >= min && text.size() <= max)) return true;
  AddFieldError(errors, key,
                {"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                 Json::Object({{"max", max}, {"min", min}})});
  return false;
}

void CheckEmailInput(Json& errors, std::string_view key, const std::string& email) {
  if (email.empty()) return AddFieldError(errors, key, FieldError::Required());
  if (!CheckByteLength(errors, key, email, 1, kMaxEmailBytes)) return;
  if (!IsEmailAddress(email)) AddFieldError(errors, key, {"validation_is_email", "must be a valid email address", {}});
}

Task<ApiResult<TokenOwner>> CheckMailedToken(RequestContext& context, CollectionPtr collection, std::string token,
                                             std::string_view type, Json& errors) {
  TokenOwner nobody;
  if (token.empty()) {
    AddFieldError(errors, "token", FieldError::Required());
    co_return nobody;
  }
  auto owner = co_await FindAuthRecordByToken(context, token, type);
  if (!owner) co_return std::unexpected(ReadFailure(owner.error(), 400));
  if (!owner->record) {
    AddFieldError(errors, "token", {"validation_invalid_token", "Invalid or expired token.", {}});
  } else if (owner->record->collection().id != collection->id) {
    AddFieldError(errors, "token",
                  {"validation_token_collection_mismatch", "The provided token is for different auth collection.", {}});
    co_return nobody;
  }
  co_return std::move(*owner);
}

ApiResult<CollectionPtr> OwnAuthCollection(const RequestContext& context) {
  CollectionPtr named = context.FindCollection();
  if (!named) return Refuse(404, "Missing or invalid collection context.");
  if (!context.info.auth) return Refuse(401, "The request requires valid record authorization token.");
  const Collection& own = context.info.auth->collection();
  if (own.id != named->id) return Refuse(403, "The request requires auth record from " + own.name + " collection.");
  return AuthCollection(context);
}

}  // namespace wombat
