// POST /api/batch                                                                                       spec 01 §3
#include <algorithm>

#include "worker/api/batch_run.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/http/error_response.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "Batch transaction failed.";
constexpr std::int64_t kDefaultTimeoutSeconds = 3;
constexpr std::int64_t kMaxTimeoutSeconds = 3600;

std::chrono::milliseconds TimeLimit(const Settings& settings) {
  const std::int64_t seconds = settings.batch.timeout;
  return std::chrono::seconds(seconds <= 0 ? kDefaultTimeoutSeconds : std::min(seconds, kMaxTimeoutSeconds));
}

std::string WithoutNewline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

ApiError ItemFailed(std::size_t index, const ApiError& error) {
  std::string envelope;
  AppendErrorEnvelope(envelope, error);
  auto response = ParseJson(envelope);
  Json failure = Json::Object({{"code", "batch_request_failed"}, {"message", "Batch request failed."}});
  failure["response"] = response ? std::move(*response) : Json::Object();
  Json data = Json::Object();
  data["requests"][std::to_string(index)] = std::move(failure);
  return {400, kFailed, std::move(data),
          "request " + std::to_string(index) + " failed: " + error.message + " " + error.log_details};
}

// What of the batch itself failed: an answer of its own (a hook's, a full disk) stays, everything else is the default.
ApiError BatchFailed(ApiError error) {
  if (error.message.empty() && error.status < 500) error = {400, kFailed, Json::Object(), std::move(error.log_details)};
  return error;
}

HttpResponse Answers(RequestContext& context, std::vector<HttpResponse> answers) {
  std::string json = "[";
  for (HttpResponse& answer : answers) {
    if (json.size() > 1) json += ',';
    json += "{\"body\":";
    json += answer.body.empty() ? "null" : WithoutNewline(std::move(answer.body));
    json += ",\"status\":" + std::to_string(answer.status) + "}";
  }
  json += ']';
  return JsonResponse(context, std::move(json));
}

Task<HookResult> RunBatch(RequestContext& context, const BatchRequestEvent& event,
                          const std::vector<std::vector<UploadedFile>>& submitted_files, HttpResponse& response) {
  auto files = submitted_files;
  files.resize(event.batch.size());  // a hook may have added or removed items
  const auto time_limit = TimeLimit(*context.settings);
  bool in_session = NeedsSession(context, event.batch);
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    BatchOutcome outcome;
    if (in_session)
      outcome = co_await RunInSession(context, event.batch, files, time_limit);
    else
      outcome = co_await RunTogether(context, event.batch, files, time_limit);
    switch (outcome.kind) {
      case BatchOutcome::Kind::kDone:
        response = Answers(context, std::move(outcome.answers));
        co_return HookResult{};
      case BatchOutcome::Kind::kItemFailed:
        co_return std::unexpected(ItemFailed(outcome.failed_item, outcome.error));
      case BatchOutcome::Kind::kFailed:
        co_return std::unexpected(BatchFailed(std::move(outcome.error)));
      case BatchOutcome::Kind::kNeedsSession:
        in_session = true;
        break;
      case BatchOutcome::Kind::kLost:
        break;
      case BatchOutcome::Kind::kStale:
        if (!TakeFreshSchema(context)) co_return std::unexpected(TooMuchMoved());
        in_session = NeedsSession(context, event.batch);
        break;
    }
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace

Task<HandlerResult> Batch(RequestContext& context) {
  const auto& settings = context.settings->batch;
  if (!settings.enabled || settings.max_requests <= 0) co_return Refuse(403, "Batch requests are not allowed.");
  auto submitted = ReadBatch(context, settings.max_requests);
  if (!submitted) co_return std::unexpected(std::move(submitted.error()));

  HttpResponse response;
  BatchRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.batch = std::move(submitted->items);
  std::function<Task<HookResult>(BatchRequestEvent&)> finish = [&](BatchRequestEvent& e) -> Task<HookResult> {
    co_return co_await RunBatch(context, e, submitted->files, response);
  };
  auto result = co_await context.runtime.app.on_batch_request.Trigger(event, {}, finish);
  if (!result) co_return std::unexpected(std::move(result.error()));
  co_return response;
}

}  // namespace wombat
