#include "worker/api/routes.h"

#include "worker/dashboard/assets.h"

namespace wombat {

const Router<Route>& Routes() {
  static const Router<Route> routes = [] {
    Router<Route> router;
    router.Add("GET /api/health", {Health});

    router.Add("GET /api/collections/{collection}/records", {ListRecords, false, false, RateLimited::kInHandler});
    router.Add("POST /api/collections/{collection}/records", {CreateRecord, true, false, RateLimited::kInHandler});
    router.Add("GET /api/collections/{collection}/records/{id}", {ViewRecord, false, false, RateLimited::kInHandler});
    router.Add("PATCH /api/collections/{collection}/records/{id}", {UpdateRecord, true, false, RateLimited::kInHandler});
    router.Add("DELETE /api/collections/{collection}/records/{id}", {DeleteRecord, false, false, RateLimited::kInHandler});

    router.Add("POST /api/batch", {Batch, false, true});

    router.Add("GET /api/collections", {ListCollections});
    router.Add("POST /api/collections", {CreateCollection});
    router.Add("GET /api/collections/{collection}", {ViewCollection});
    router.Add("PATCH /api/collections/{collection}", {UpdateCollection});
    router.Add("DELETE /api/collections/{collection}", {DeleteCollection});
    router.Add("DELETE /api/collections/{collection}/truncate", {TruncateCollection});
    router.Add("PUT /api/collections/import", {ImportCollections});
    router.Add("GET /api/collections/meta/scaffolds", {CollectionScaffolds});
    router.Add("GET /api/collections/meta/oauth2-providers", {CollectionOAuth2Providers});
    router.Add("POST /api/collections/meta/dry-run-view", {DryRunViewQuery});

    router.Add("GET /api/collections/{collection}/auth-methods", {AuthMethods, false, false, RateLimited::kByCollection, {"listAuthMethods"}});
    router.Add("POST /api/collections/{collection}/auth-with-password",
               {AuthWithPassword, false, false, RateLimited::kByCollection, {"authWithPassword", "auth"}});
    router.Add("POST /api/collections/{collection}/auth-with-oauth2",
               {AuthWithOAuth2, false, false, RateLimited::kByCollection, {"authWithOAuth2", "auth"}});
    router.Add("POST /api/collections/{collection}/auth-refresh",
               {AuthRefresh, false, false, RateLimited::kByCollection, {"authRefresh"}});
    const auto by_mail = [&](const char* action, Handler handler, std::string_view tag) {
      router.Add("POST /api/collections/{collection}/" + std::string(action),
                 {handler, false, false, RateLimited::kByCollection, {tag}});
    };
    by_mail("request-verification", RequestVerification, "requestVerification");
    by_mail("confirm-verification", ConfirmVerification, "confirmVerification");
    by_mail("request-password-reset", RequestPasswordReset, "requestPasswordReset");
    by_mail("confirm-password-reset", ConfirmPasswordReset, "confirmPasswordReset");
    by_mail("request-email-change", RequestEmailChange, "requestEmailChange");
    by_mail("confirm-email-change", ConfirmEmailChange, "confirmEmailChange");
    router.Add("POST /api/collections/{collection}/request-otp", {RequestOtp, false, false, RateLimited::kByCollection, {"requestOTP"}});
    router.Add("POST /api/collections/{collection}/auth-with-otp",
               {AuthWithOtp, false, false, RateLimited::kByCollection, {"authWithOTP", "auth"}});
    router.Add("POST /api/collections/{collection}/impersonate/{id}", {Impersonate});

    router.Add("POST /api/files/token", {FileToken});
    router.Add("GET /api/files/{collection}/{id}/{filename}",
               {DownloadFile, false, false, RateLimited::kByCollection, {"file"}});

    router.Add("GET /api/realtime", {RealtimeConnect});
    router.Add("POST /api/realtime", {RealtimeSubscribe});
    router.Add("GET /api/oauth2-redirect", {OAuth2Redirect});
    router.Add("POST /api/oauth2-redirect", {OAuth2Redirect});

    router.Add("GET /api/settings", {ListSettings});
    router.Add("PATCH /api/settings", {UpdateSettings});
    router.Add("POST /api/settings/test/s3", {TestS3});
    router.Add("POST /api/settings/test/email", {TestEmail});
    router.Add("POST /api/settings/apple/generate-client-secret", {GenerateAppleClientSecret});

    router.Add("GET /api/logs", {ListLogs});
    router.Add("GET /api/logs/stats", {LogStats});
    router.Add("GET /api/logs/{id}", {ViewLog});
    router.Add("POST /api/sql", {RunSqlConsole});
    router.Add("GET /api/crons", {ListCrons});
    router.Add("POST /api/crons/{id}", {RunCron});

    if (HasDashboard()) {
      router.Add("GET /_/{path...}", {DashboardFile});
      router.Add("GET /_/extensions.js", {DashboardExtensions});
    }
    return router;
  }();
  return routes;
}

}  // namespace wombat
