#include "worker/api/record_input.h"

#include "common/records/validate.h"

namespace wombat {
namespace {

ApiError PoolFull() { return {503, "The server is busy, try again later.", Json::Object(), "too many passwords wait to be hashed"}; }

// Verifying the old password is the one form check that blocks.
bool FormCheckBlocks(const Record* stored, const Json& body, bool has_full_access) {
  const Json* old_password = body.Find("oldPassword");
  return stored && !has_full_access && old_password && !old_password->is_null();
}

}  // namespace

Task<ApiResult<void>> HashOnPool(RequestContext& context, Record& record) {
  if (!NeedsHashing(record)) co_return ApiResult<void>{};
  std::function<bool(PoolThread&)> job = [&record](PoolThread&) {
    HashPasswords(record);
    return true;
  };
  auto done = co_await context.runtime.hash_pool.Run<bool>(job);
  if (!done) co_return std::unexpected(PoolFull());
  co_return ApiResult<void>{};
}

Task<ApiResult<Json>> CheckInput(RequestContext& context, Record& record, const Record* stored, bool has_full_access) {
  if (record.collection().is_auth()) {
    const Json& body = context.info.body;
    Json errors;
    if (FormCheckBlocks(stored, body, has_full_access)) {
      std::function<Json(PoolThread&)> job = [&](PoolThread&) { return CheckAuthForm(record, stored, body, has_full_access); };
      auto checked = co_await context.runtime.hash_pool.Run<Json>(job);
      if (!checked) co_return std::unexpected(PoolFull());
      errors = std::move(*checked);
    } else {
      errors = CheckAuthForm(record, stored, body, has_full_access);
    }
    if (!errors.as_object().empty()) co_return errors;
  }
  if (record.is_new()) AutogenerateValues(record);
  auto errors = ValidateRecord(record, *context.schema, nullptr, ValidationScope::kWithoutDatabase);
  if (!errors) co_return std::unexpected(ApiError{400, {}, Json::Object(), errors.error().message});
  co_return std::move(*errors);
}

bool MayHaveManageAccess(const RequestContext& context, const Collection& collection) {
  const Rule& rule = collection.auth.manage_rule;
  return collection.is_auth() && context.info.auth && rule && !rule->empty();
}

}  // namespace wombat
