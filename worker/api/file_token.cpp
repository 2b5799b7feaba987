// POST /api/files/token                                                                                 spec 05 §2.2
#include "worker/files/file_token.h"

#include "common/base/json_text.h"
#include "worker/api/handlers.h"

namespace wombat {

Task<HandlerResult> FileToken(RequestContext& context) {
  if (!context.info.auth) co_return Refuse(401, "The request requires valid record authorization token.");
  auto record = std::make_shared<Record>(*context.info.auth);
  HttpResponse response;
  FileTokenRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.record = record;
  event.token = IssueFileToken(*record);
  std::function<Task<HookResult>(FileTokenRequestEvent&)> finish = [&](FileTokenRequestEvent& e) -> Task<HookResult> {
    std::string json = "{\"token\":";
    AppendJsonString(json, e.token);
    json += '}';
    response = JsonResponse(context, std::move(json));
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_file_token_request.Trigger(event, TagsOf(record->collection()), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat
