#include "worker/api/record_input.h"

#include "common/records/validate.h"
#include "worker/read.h"

namespace wombat {
namespace {

ApiError PoolFull() { return {503, "The server is busy, try again later.", Json::Object(), "too many passwords wait to be hashed"}; }

// Verifying the old password is the one form check that blocks.
bool FormCheckBlocks(const Record* stored, const Json& body, bool has_full_access) {
  const Json* old_password = body.Find("oldPassword");
  return stored && !has_full_access && old_password && !old_password->is_null();
}

}  // namespace

ApiResult<void> RefuseUploads(const RequestContext& context, const Collection& collection) {
  if (context.body().files_unreadable) return Refuse(400, "Failed to read the submitted data.");
  for (const auto& file : context.body().files) {
    std::string_view key = file.key;
    if (key.starts_with('+')) key.remove_prefix(1);
    else if (key.ends_with('+')) key.remove_suffix(1);
    const Field* field = collection.FindField(key);
    if (field && field->type() == "file") return Refuse(400, "File uploads are not supported yet.");
  }
  return {};
}

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

Task<ApiResult<InputErrors>> CheckInput(RequestContext& context, std::shared_ptr<Record> record, std::shared_ptr<Record> stored,
                                        bool has_full_access) {
  InputErrors errors;
  if (record->collection().is_auth()) {
    const Json& body = context.info.body;
    if (FormCheckBlocks(stored.get(), body, has_full_access)) {
      std::function<Json(PoolThread&)> job = [&](PoolThread&) {
        return CheckAuthForm(*record, stored.get(), body, has_full_access);
      };
      auto checked = co_await context.runtime.hash_pool.Run<Json>(job);
      if (!checked) co_return std::unexpected(PoolFull());
      errors.data = std::move(*checked);
    } else {
      errors.data = CheckAuthForm(*record, stored.get(), body, has_full_access);
    }
    if (errors.any()) co_return errors;
  }
  if (record->is_new()) AutogenerateValues(*record);
  auto found = ValidateRecord(*record, *context.schema, nullptr, ValidationScope::kWithoutDatabase);
  if (!found) co_return std::unexpected(ApiError{400, {}, Json::Object(), found.error().message});
  errors.data = std::move(*found);
  if (!errors.any()) co_return errors;
  std::function<Result<Json>(Connection&)> validate = [&](Connection& reader) {
    return ValidateRecord(*record, *context.schema, &reader, ValidationScope::kEverything);
  };
  auto all = co_await Read<Json>(context.runtime, validate);
  if (all && !all->as_object().empty()) errors.data = std::move(*all);
  co_return errors;
}

bool MayHaveManageAccess(const RequestContext& context, const Collection& collection) {
  const Rule& rule = collection.auth.manage_rule;
  return collection.is_auth() && context.info.auth && rule && !rule->empty();
}

}  // namespace wombat
