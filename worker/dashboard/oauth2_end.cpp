#include "worker/dashboard/oauth2_end.h"

namespace wombat {

HttpResponse OAuth2End(std::string_view method, bool succeeded, bool has_dashboard) {
  HttpResponse response;
  if (has_dashboard) {
    response.status = method == "GET" ? 307 : 303;
    AddHeader(response, "Location",
              succeeded ? "../_/#/auth/oauth2-redirect-success" : "../_/#/auth/oauth2-redirect-failure");
  } else if (succeeded) {
    response.content_type = "text/html; charset=utf-8";
    response.body = "Auth completed. You can close this window and go back to the app.";
  } else {
    response.content_type = "text/plain; charset=utf-8";
    response.body = "Failed to authenticate. You can close this window and go back to the app to try again.";
  }
  return response;
}

}  // namespace wombat
