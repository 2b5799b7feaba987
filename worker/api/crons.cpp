// GET /api/crons, POST /api/crons/{id}                                                                    spec 05 §6.1
//
// The jobs are the writer's, so it is asked.
#include "proto/values.h"
#include "worker/api/handlers.h"
#include "worker/realtime/realtime.h"

namespace wombat {
namespace {

Task<HandlerResult> AskWriter(RequestContext& context) {
  co_return co_await context.runtime.realtime->desk().Ask(context, int(kToWriter), "The cron jobs cannot be reached.");
}

}  // namespace

Task<HandlerResult> ListCrons(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto listed = co_await AskWriter(context);
  if (!listed) co_return std::unexpected(std::move(listed.error()));
  co_return JsonResponse(context, std::move(listed->body));
}

Task<HandlerResult> RunCron(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto started = co_await AskWriter(context);
  if (!started) co_return std::unexpected(std::move(started.error()));
  co_return NoContent();
}

}  // namespace wombat
