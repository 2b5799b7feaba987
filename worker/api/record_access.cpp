#include "worker/api/record_access.h"

#include "worker/rate_limit.h"

namespace wombat {
namespace {

const Rule& RuleOf(const Collection& collection, RecordAction action) {
  switch (action) {
    case RecordAction::kList: return collection.list_rule;
    case RecordAction::kView: return collection.view_rule;
    case RecordAction::kCreate: return collection.create_rule;
    case RecordAction::kUpdate: return collection.update_rule;
    case RecordAction::kDelete: break;
  }
  return collection.delete_rule;
}

std::string_view RateTag(RecordAction action) {
  switch (action) {
    case RecordAction::kList: return "list";
    case RecordAction::kView: return "view";
    case RecordAction::kCreate: return "create";
    case RecordAction::kUpdate: return "update";
    case RecordAction::kDelete: break;
  }
  return "delete";
}

bool Writes(RecordAction action) { return action == RecordAction::kCreate || action == RecordAction::kUpdate || action == RecordAction::kDelete; }

}  // namespace

ApiResult<RecordAccess> CheckAccess(RequestContext& context, RecordAction action) {
  RecordAccess access;
  access.collection = context.FindCollection();
  if (!access.collection) {
    bool has_own_limit = action == RecordAction::kCreate || action == RecordAction::kUpdate;
    return Refuse(404, has_own_limit ? "Missing or invalid collection context." : "Missing collection context.");
  }
  if (Writes(action) && access.collection->is_view()) return Refuse(400, "Unsupported collection type.");
  const std::string_view tags[] = {RateTag(action)};
  if (auto allowed = CountRequest(context, *access.collection, tags); !allowed) return std::unexpected(std::move(allowed.error()));
  if (auto read = context.ReadBody(); !read) return std::unexpected(std::move(read.error()));
  if (context.is_superuser()) return access;
  access.rule = RuleOf(*access.collection, action);
  if (!access.rule) return Refuse(403, "Only superusers can perform this action.");
  return access;
}

ApiError ReadFailure(const Error& error, int status) {
  switch (error.kind) {
    case Error::Kind::kBusy: return {503, "The server is busy, try again later.", Json::Object(), error.message};
    case Error::Kind::kInterrupted: return {400, "The request took too long to process.", Json::Object(), error.message};
    default: return {status, {}, Json::Object(), error.message};
  }
}

}  // namespace wombat
