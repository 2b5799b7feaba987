#include "worker/dispatch.h"

#include "common/base/text.h"
#include "worker/api/routes.h"
#include "worker/dashboard/assets.h"
#include "worker/http/client_ip.h"
#include "worker/http/error_response.h"
#include "worker/http/redirect.h"
#include "worker/http/security_headers.h"
#include "worker/rate_limit.h"

namespace wombat {
namespace {

constexpr std::size_t kDefaultBatchBytes = 128u << 20;
constexpr std::size_t kDefaultFileBytes = 5u << 20, kDefaultJsonBytes = 1u << 20, kDefaultEditorBytes = 5u << 20;

std::size_t OptionOr(const Json& options, std::string_view key, std::size_t fallback) {
  double value = options.NumberOr(key);
  return value > 0 ? std::size_t(value) : fallback;
}

// Spec 01 §1.7: what a collection's fields may hold on top of the default.
std::size_t RecordBodyLimit(const Collection& collection) {
  std::size_t limit = kDefaultBodyLimit;
  if (collection.is_view()) return limit;
  for (const auto& field : collection.fields) {
    std::string_view type = field->type();
    if (type != "file" && type != "json" && type != "editor") continue;
    Json options = field->OptionsJson();
    if (type == "file") limit += OptionOr(options, "maxSize", kDefaultFileBytes) * OptionOr(options, "maxSelect", 1);
    if (type == "json") limit += OptionOr(options, "maxSize", kDefaultJsonBytes);
    if (type == "editor") limit += OptionOr(options, "maxSize", kDefaultEditorBytes);
  }
  return limit;
}

// Where batches are switched off, that is the answer to one of any size.
bool IsRefusedBatch(const RequestContext& context) {
  const auto& batch = context.settings->batch;
  if (batch.enabled && batch.max_requests > 0) return false;
  RouteMatch match;
  const struct Route* route = Routes().Find(context.http.method, context.http.path, match);
  return route && route->is_batch;
}

std::string Decoded(std::string_view escaped) {
  std::string text;
  return PercentDecode(escaped, false, text) ? text : std::string(escaped);
}

}  // namespace

Dispatcher::Dispatcher(Runtime& runtime)
    : runtime_(runtime),
      cors_(runtime.config.origins),
      static_files_(runtime.loop, runtime.config.public_dir, runtime.config.index_fallback) {}

Task<HttpResponse> Dispatcher::Handle(HttpRequest& request) { co_return co_await Run(request, false); }
Task<HttpResponse> Dispatcher::HandleTooLarge(HttpRequest& request) { co_return co_await Run(request, true); }

BodyDecision Dispatcher::LimitOf(const HttpRequest& head) {
  BodyDecision decision;
  RouteMatch match;
  const struct Route* route = Routes().Find(head.method, head.path, match);
  if (!route || !(route->extends_body_limit || route->is_batch) || !runtime_.snapshots.Refresh()) return decision;
  decision.takes_files = true;
  if (route->is_batch) {
    const std::int64_t bytes = runtime_.snapshots.settings()->batch.max_body_size;
    decision.limit = bytes > 0 ? std::size_t(bytes) : kDefaultBatchBytes;
    return decision;
  }
  if (CollectionPtr collection = runtime_.snapshots.schema()->FindShared(match.Parameter("collection")))
    decision.limit = RecordBodyLimit(*collection);
  return decision;
}

Task<HttpResponse> Dispatcher::Run(HttpRequest& request, bool too_large) {
  auto start = std::chrono::steady_clock::now();
  if (auto redirect = CleanPathRedirect(request)) co_return std::move(*redirect);
  if (request.path == "/_" && (request.method == "GET" || request.method == "HEAD") && HasDashboard())
    co_return SubtreeRedirect(request);
  if (auto preflight = cors_.Preflight(request)) co_return std::move(*preflight);

  HttpResponse response;
  if (auto fresh = runtime_.snapshots.Refresh(); !fresh) {
    response = ErrorResponse({500, {}, Json::Object(), fresh.error().message});
    cors_.Apply(request, response);
    co_return response;
  }
  RequestContext context(runtime_, request);
  context.schema = runtime_.snapshots.schema();
  context.settings = runtime_.snapshots.settings();
  std::string real_ip;
  context.user_ip = request.remote_ip;
  if (!context.settings->trusted_proxy.headers.empty()) {
    real_ip = RealIp(request, context.settings->trusted_proxy.headers, context.settings->trusted_proxy.use_leftmost_ip);
    context.user_ip = real_ip;
  }

  bool past_guards = false;
  auto result = co_await Guarded(context, too_large, past_guards);
  if (result) {
    response = std::move(*result);
  } else {
    context.note.failed = true;
    context.note.error = NormalizeMessage(result.error().message.empty() ? DefaultMessage(result.error().status)
                                                                         : std::string_view(result.error().message));
    context.note.details = std::move(result.error().log_details);
    response = ErrorResponse(result.error());
  }
  if (past_guards) ApplySecurityHeaders(response);
  cors_.Apply(request, response);
  const Record* auth = context.info.auth.get();
  runtime_.log.Add({.request = request,
                    .status = response.status,
                    .duration = std::chrono::steady_clock::now() - start,
                    .auth_collection = auth ? std::string_view(auth->collection().name) : "",
                    .auth_id = auth ? auth->id() : "",
                    .user_ip = context.user_ip},
                   context.note, *context.settings);
  co_return response;
}

Task<HandlerResult> Dispatcher::Guarded(RequestContext& context, bool too_large, bool& past_guards) {
  if (const HeaderView* authorization = context.http.FindHeader("Authorization")) {
    context.identity = runtime_.auth.Authenticate(authorization->value, context.schema, *runtime_.reader);
    context.info.auth = context.identity.record;
  }
  if (context.is_superuser() && !context.settings->superuser_ips.empty() &&
      !IpListContains(context.settings->superuser_ips, context.user_ip))
    co_return Refuse(403);
  past_guards = true;
  if (auto allowed = LimitRate(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  if (too_large && !IsRefusedBatch(context)) co_return Refuse(413);
  co_return co_await Route(context);
}

ApiResult<void> Dispatcher::LimitRate(RequestContext& context) {
  if (!context.settings->rate_limits.enabled) return {};
  RouteMatch match;
  const struct Route* route = Routes().Find(context.http.method, context.http.path, match);
  if (!route || route->rate_limited == RateLimited::kByPath) return CountRequest(context);
  context.route_pattern = match.pattern();
  if (route->rate_limited == RateLimited::kInHandler) return {};
  CollectionPtr collection = context.schema->FindShared(match.Parameter("collection"));
  if (!collection) return Refuse(404, "Missing or invalid collection context.");
  return CountRequest(context, *collection, route->rate_tags);
}

Task<HandlerResult> Dispatcher::Route(RequestContext& context) {
  const HttpRequest& request = context.http;
  RouteMatch match;
  if (const struct Route* route = Routes().Find(request.method, request.path, match)) {
    if (auto collection = match.Escaped("collection"); !collection.empty()) context.path.push_back(Decoded(collection));
    if (auto id = match.Escaped("id"); !id.empty()) context.path.push_back(Decoded(id));
    if (auto file = match.Escaped("filename"); !file.empty()) context.path.push_back(Decoded(file));
    co_return co_await route->handler(context);
  }
  if (request.method != "GET" && request.method != "HEAD") co_return Refuse(404);
  // Whatever names no route is a file of the public directory (spec 01 §1.2).
  std::string path = Decoded(request.path);
  StaticAnswer answer = co_await static_files_.Serve(const_cast<HttpRequest&>(request), path.substr(1), path);
  context.note.skip_success = true;
  if (answer.is_error) co_return Refuse(404, "File not found.");
  co_return std::move(answer.response);
}

}  // namespace wombat
