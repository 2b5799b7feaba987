#include "worker/api/record_input.h"

#include <algorithm>

#include "common/records/validate.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

ApiError PoolFull() { return {503, "The server is busy, try again later.", Json::Object(), "too many passwords wait to be hashed"}; }

// Verifying the old password is the one form check that blocks.
bool FormCheckBlocks(const Record* stored, const Json& body, bool has_full_access) {
  const Json* old_password = body.Find("oldPassword");
  return stored && !has_full_access && old_password && !old_password->is_null();
}

}  // namespace

void UsePasswordHash(Record& record, std::string hash) {
  const int field = record.collection().password_field;
  if (field < 0) return;
  std::vector<std::pair<int, std::string>> others;
  for (int i = 0; i < int(record.collection().fields.size()); i++)
    if (const std::string* plain = record.PlainPassword(i); plain && i != field) others.emplace_back(i, *plain);
  record.ClearPlainPasswords();
  for (auto& [other, plain] : others) record.SetPlainPassword(other, std::move(plain));
  record.SetPlainPassword(field, {});
  record.SetRaw(field, std::move(hash));
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
  co_return co_await CheckValues(context, record);
}

Task<ApiResult<InputErrors>> CheckValues(RequestContext& context, std::shared_ptr<Record> record) {
  InputErrors errors;
  if (record->is_new()) AutogenerateValues(*record);
  auto found = ValidateRecord(*record, *context.schema, nullptr, ValidationScope::kWithoutDatabase);
  if (!found) co_return std::unexpected(ApiError{400, {}, Json::Object(), found.error().message});
  if (ValidatesInWriter(context, record->collection(), record->is_new())) {
    for (const auto& field : record->collection().fields)
      if (const Json* error = field->type() == "password" ? found->Find(field->name) : nullptr) errors.for_writer[field->name] = *error;
    co_return errors;
  }
  errors.data = std::move(*found);
  if (!errors.any()) co_return errors;
  std::function<Result<Json>(Connection&)> validate = [&](Connection& reader) {
    return ValidateRecord(*record, *context.schema, &reader, ValidationScope::kEverything);
  };
  auto all = co_await Read<Json>(context, validate);
  if (all && !all->as_object().empty()) errors.data = std::move(*all);
  co_return errors;
}

Task<HookResult> RestOfBatch(RequestContext& context) {
  if (context.part && context.part->rest) co_return co_await context.part->rest();
  co_return HookResult{};
}

std::shared_ptr<Record> CarryOver(const Record& record, CollectionPtr collection) {
  auto carried = std::make_shared<Record>(std::move(collection));
  const auto& from = record.collection().fields;
  const auto& to = carried->collection().fields;
  for (std::size_t i = 0; i < to.size(); i++) {
    auto same = std::find_if(from.begin(), from.end(), [&](const auto& field) { return field->id == to[i]->id; });
    if (same == from.end()) continue;
    const int index = int(same - from.begin());
    if (const std::string* plain = record.PlainPassword(index)) carried->SetPlainPassword(int(i), *plain);
    carried->SetRaw(int(i), to[i]->type() == (*same)->type() ? record.value(index) : to[i]->Cast(record.value(index)));
  }
  return carried;
}

bool ValidatesInWriter(const RequestContext& context, const Collection& collection, bool creates) {
  const App& app = context.runtime.app;
  std::string_view tags[] = {collection.name, collection.id};
  auto bound = [&](const auto&... hook) { return (hook.HasFor(tags) || ...); };
  if (bound(app.on_model_validate, app.on_record_validate)) return true;
  if (creates)
    return bound(app.on_model_create, app.on_record_create, app.on_model_after_create_error, app.on_record_after_create_error);
  return bound(app.on_model_update, app.on_record_update, app.on_model_after_update_error, app.on_record_after_update_error);
}

bool MayHaveManageAccess(const RequestContext& context, const Collection& collection) {
  const Rule& rule = collection.auth.manage_rule;
  return collection.is_auth() && context.info.auth && rule && !rule->empty();
}

}  // namespace wombat
