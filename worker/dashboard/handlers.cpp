// GET /_/{path...}, GET /_/extensions.js                                                                   spec 08 §1
#include "worker/api/handlers.h"
#include "common/base/text.h"
#include "worker/dashboard/serve.h"

namespace wombat {

Task<HandlerResult> DashboardFile(RequestContext& context) {
  std::string path;
  if (!PercentDecode(context.http.path, false, path)) path = context.http.path;
  HttpResponse response = ServeDashboard(context.http, path, DashboardAssets(), context.runtime.config.dev);
  context.note.skip_success = true;
  if (response.status == 404) {
    context.note.failed = true;
    context.note.error = "File not found.";
  }
  co_return response;
}

Task<HandlerResult> DashboardExtensions(RequestContext& context) {
  context.note.skip_success = true;
  co_return ServeDashboardExtensions(context.http, context.runtime.config.dev);
}

}  // namespace wombat
