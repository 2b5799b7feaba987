// POST /api/collections/meta/dry-run-view                                                          spec 02 §4, §8.4
#include "common/base/text.h"
#include "common/schema/view_dry_run.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/read.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxQueryBytes = 5000;

ApiResult<std::string> QueryOfBody(RequestContext& context) {
  constexpr const char* kUnreadable = "An error occurred while loading the submitted data.";
  if (auto read = context.ReadBody(); !read) {
    return read.error().status == 413 ? Refuse(413) : Refuse(400, kUnreadable);
  }
  if (!context.info.body.is_object()) return Refuse(400, kUnreadable);
  std::string query;
  for (const auto& [key, value] : context.info.body.as_object()) {
    if (!EqualsIgnoreCase(key, "query") || value.is_null()) continue;
    if (!value.is_string()) return Refuse(400, kUnreadable);
    query = value.as_string();
  }
  Json errors = Json::Object();
  if (query.empty()) AddFieldError(errors, "query", FieldError::Required());
  if (query.size() > kMaxQueryBytes) {
    AddFieldError(errors, "query",
                  {"validation_length_too_long", "the length must be no more than {{.max}}",
                   Json::Object({{"max", kMaxQueryBytes}, {"min", 0}})});
  }
  if (errors.as_object().empty()) return query;
  return Refuse(400, "An error occurred while validating the submitted data.", std::move(errors));
}

std::string Answer(const ViewDryRun& run) {
  return "{\"fields\":" + StoredFields(run.collection) + ",\"sample\":[" + run.sample + "]}";
}

}  // namespace

Task<HandlerResult> DryRunViewQuery(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto query = QueryOfBody(context);
  if (!query) co_return std::unexpected(std::move(query.error()));
  std::function<Result<ViewDryRun>(Connection&)> read = [&](Connection& reader) -> Result<ViewDryRun> {
    auto snapshot = ReadSnapshot::Begin(reader, Transaction::Kind::kDeferred);
    if (!snapshot) return std::unexpected(snapshot.error());
    return DryRunView(reader, *context.schema, InferViewFields(reader, *context.schema, *query));
  };
  auto run = co_await Read<ViewDryRun>(context.runtime, read);
  if (run) co_return JsonResponse(context, Answer(*run));
  if (run.error().kind != Error::Kind::kInvalidInput) co_return std::unexpected(ReadFailure(run.error(), 400));
  co_return Refuse(400, "Invalid view query. Raw error: \n" + run.error().message);
}

}  // namespace wombat
