#include "worker/api/auth_response.h"

#include "common/base/json_text.h"
#include "worker/api/enrich.h"
#include "worker/api/login_origin.h"
#include "worker/api/mfa.h"
#include "worker/api/mutate.h"
#include "worker/http/client_ip.h"
#include "worker/read.h"

namespace wombat {
namespace {

constexpr const char* kRuleFailed = "The request doesn't satisfy the collection requirements to authenticate.";

// Spec 04 §5 step 4: asked with the request of whoever signs in, not as the record that is signed in.
Task<ApiResult<void>> CheckAuthRule(RequestContext& context, const Record& record, std::string_view method) {
  if (context.is_superuser()) co_return ApiResult<void>{};
  const Collection& collection = record.collection();
  const Rule& rule = collection.auth.auth_rule;
  if (!rule) co_return Refuse(403, kRuleFailed);
  if (rule->empty()) co_return ApiResult<void>{};
  RequestInfo info = context.info;
  if (!method.empty()) info.context = std::string(method);
  auto check = CheckStored(*context.schema, collection, record.id(), rule, info);
  if (!check) co_return Refuse(403, kRuleFailed);
  auto holds = co_await HoldsHere(context, *check);
  if (!holds || !*holds) co_return Refuse(403, kRuleFailed);
  co_return ApiResult<void>{};
}

Task<HookResult> Finish(RequestContext& context, RecordAuthRequestEvent& event, HttpResponse& response) {
  if (!event.auth_method.empty()) {
    auto second_factor = co_await CheckMfa(context, *event.record, event.auth_method);
    if (!second_factor) co_return std::unexpected(std::move(second_factor.error()));
    if (*second_factor) {
      response = std::move(**second_factor);
      co_return HookResult{};
    }
  }
  // From here on the viewer is the record itself (spec 04 §5 step 7).
  auto previous = context.info.auth;
  context.info.auth = event.record;
  auto json = co_await EnrichRecord(context, event.record);
  context.info.auth = previous;
  if (!json) co_return std::unexpected(std::move(json.error()));
  if (!event.auth_method.empty() && event.record->collection().auth.auth_alert.enabled)
    co_await RememberLoginOrigin(context, event.record);

  std::string body = "{";
  if (!event.meta.is_null()) {
    body += "\"meta\":";
    event.meta.AppendTo(body);
    body += ',';
  }
  body += "\"record\":" + *json + ",\"token\":";
  AppendJsonString(body, event.token);
  body += '}';
  response = JsonResponse(context, std::move(body));
  co_return HookResult{};
}

}  // namespace

ApiResult<CollectionPtr> AuthCollection(const RequestContext& context) {
  CollectionPtr collection = context.FindCollection();
  if (!collection) return Refuse(404, "Missing or invalid collection context.");
  if (!collection->is_auth()) return Refuse(404, "Missing or invalid auth collection context.");
  return collection;
}

Task<HandlerResult> AnswerAuthenticated(RequestContext& context, AuthOutcome outcome) {
  const Collection& collection = outcome.record->collection();
  if (collection.is_superusers() && !context.settings->superuser_ips.empty() &&
      !IpListContains(context.settings->superuser_ips, context.user_ip))
    co_return Refuse(403);
  auto allowed = co_await CheckAuthRule(context, *outcome.record, outcome.method);
  if (!allowed) co_return std::unexpected(std::move(allowed.error()));

  HttpResponse response;
  RecordAuthRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.collection = &collection;
  event.record = outcome.record;
  event.token = std::move(outcome.token);
  event.meta = std::move(outcome.meta);
  event.auth_method = outcome.method;
  std::function<Task<HookResult>(RecordAuthRequestEvent&)> finish = [&](RecordAuthRequestEvent& e) -> Task<HookResult> {
    co_return co_await Finish(context, e, response);
  };
  auto done = co_await context.runtime.app.on_record_auth_request.Trigger(event, TagsOf(collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat
