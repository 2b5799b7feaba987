// POST /api/collections/{collection}/auth-refresh                                                       spec 04 §6.5
#include "worker/api/auth_form.h"
#include "worker/api/auth_response.h"
#include "worker/api/handlers.h"

namespace wombat {

Task<HandlerResult> AuthRefresh(RequestContext& context) {
  auto collection = OwnAuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if (auto read = context.ReadBody(); !read) co_return std::unexpected(std::move(read.error()));

  auto record = std::make_shared<Record>(*context.info.auth);
  HttpResponse response;
  auto event = RecordEventOf<RecordAuthRefreshRequestEvent>(context, **collection, response, record);
  std::function<Task<HookResult>(RecordAuthRefreshRequestEvent&)> finish = [&](RecordAuthRefreshRequestEvent& e) -> Task<HookResult> {
    // A static token (impersonation) is not renewed: the same one is answered.
    std::string token = context.identity.refreshable ? IssueAuthToken(*e.record)
                                                     : std::string(TokenOfHeader(context.http.Header("Authorization")));
    AuthOutcome outcome{e.record, std::move(token), {}, ""};
    auto answered = co_await AnswerAuthenticated(context, std::move(outcome));
    if (!answered) co_return std::unexpected(std::move(answered.error()));
    response = std::move(*answered);
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_record_auth_refresh_request.Trigger(
      event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat
