// GET /api/health                                                                                        spec 01 §1.16
#include "worker/api/handlers.h"

namespace wombat {
namespace {

// The first header that a proxy in front of the server seems to set, to be entered as trusted.
std::string_view PossibleProxyHeader(const RequestContext& context) {
  for (const auto& name : context.settings->trusted_proxy.headers)
    if (!context.http.Header(name).empty()) return name;
  for (std::string_view name : {"CF-Connecting-IP", "Fly-Client-IP"})
    if (!context.http.Header(name).empty()) return name;
  return "";
}

}  // namespace

Task<HandlerResult> Health(RequestContext& context) {
  std::string data = "{}";
  if (context.is_superuser()) {
    data = Json::Object({{"canBackup", true},
                         {"possibleProxyHeader", Json(PossibleProxyHeader(context))},
                         {"realIP", Json(context.user_ip)}}).Dump();
  }
  co_return JsonResponse(context, "{\"message\":\"API is healthy.\",\"code\":200,\"data\":" + data + "}");
}

}  // namespace wombat
