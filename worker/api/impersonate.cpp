// POST /api/collections/{collection}/impersonate/{id}                                                   spec 04 §6.6
#include <algorithm>

#include "worker/api/auth_record.h"
#include "worker/api/auth_response.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/auth_tokens.h"

namespace wombat {
namespace {

// What a duration in nanoseconds can hold, some 292 years; nobody waits for the end of a longer one.
constexpr std::int64_t kMaxSeconds = 9'223'372'036;

ApiResult<std::int64_t> ReadDuration(RequestContext& context) {
  auto body = BoundBody::Read(context, "An error occurred while loading the submitted data.");
  if (!body) return std::unexpected(std::move(body.error()));
  const std::int64_t duration = body->Integer("duration");
  if (auto read = body->Finish(); !read) return std::unexpected(std::move(read.error()));
  if (duration >= 0) return std::min(duration, kMaxSeconds);
  Json errors = Json::Object();
  AddFieldError(errors, "duration", {"validation_min_greater_equal_than_required", "must be no less than {{.threshold}}",
                                     Json::Object({{"threshold", 0}})});
  return Refuse(400, "An error occurred while validating the submitted data.", std::move(errors));
}

}  // namespace

Task<HandlerResult> Impersonate(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  CollectionPtr collection = context.FindCollection();
  if (!collection || !collection->is_auth()) co_return Refuse(404, "Missing or invalid auth collection context.");
  auto record = co_await FindRecordById(context, collection, context.path[1]);
  if (!record) co_return std::unexpected(ReadFailure(record.error(), 404));
  if (!*record) co_return Refuse(404);
  auto duration = ReadDuration(context);
  if (!duration) co_return std::unexpected(std::move(duration.error()));
  AuthOutcome outcome{*record, IssueStaticAuthToken(**record, std::chrono::seconds(*duration)), {}, ""};
  co_return co_await AnswerAuthenticated(context, std::move(outcome));
}

}  // namespace wombat
