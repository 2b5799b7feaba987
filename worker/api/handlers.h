// Every endpoint's handler; each is in the file of its name. The routes are in routes.cpp.
#pragma once

#include "worker/request_context.h"

namespace wombat {

using Handler = Task<HandlerResult> (*)(RequestContext& context);

Task<HandlerResult> Health(RequestContext& context);

Task<HandlerResult> ListRecords(RequestContext& context);
Task<HandlerResult> ViewRecord(RequestContext& context);
Task<HandlerResult> CreateRecord(RequestContext& context);
Task<HandlerResult> UpdateRecord(RequestContext& context);
Task<HandlerResult> DeleteRecord(RequestContext& context);

Task<HandlerResult> Batch(RequestContext& context);

Task<HandlerResult> ListCollections(RequestContext& context);
Task<HandlerResult> ViewCollection(RequestContext& context);
Task<HandlerResult> CreateCollection(RequestContext& context);
Task<HandlerResult> UpdateCollection(RequestContext& context);
Task<HandlerResult> DeleteCollection(RequestContext& context);
Task<HandlerResult> TruncateCollection(RequestContext& context);
Task<HandlerResult> ImportCollections(RequestContext& context);
Task<HandlerResult> CollectionScaffolds(RequestContext& context);
Task<HandlerResult> CollectionOAuth2Providers(RequestContext& context);
Task<HandlerResult> DryRunViewQuery(RequestContext& context);

Task<HandlerResult> ListSettings(RequestContext& context);
Task<HandlerResult> UpdateSettings(RequestContext& context);
Task<HandlerResult> TestS3(RequestContext& context);
Task<HandlerResult> TestEmail(RequestContext& context);
Task<HandlerResult> GenerateAppleClientSecret(RequestContext& context);

Task<HandlerResult> ListLogs(RequestContext& context);
Task<HandlerResult> LogStats(RequestContext& context);
Task<HandlerResult> ViewLog(RequestContext& context);
Task<HandlerResult> RunSqlConsole(RequestContext& context);

Task<HandlerResult> DownloadFile(RequestContext& context);
Task<HandlerResult> FileToken(RequestContext& context);

Task<HandlerResult> RealtimeConnect(RequestContext& context);
Task<HandlerResult> RealtimeSubscribe(RequestContext& context);
Task<HandlerResult> OAuth2Redirect(RequestContext& context);

// worker/dashboard/handlers.cpp
Task<HandlerResult> DashboardFile(RequestContext& context);
Task<HandlerResult> DashboardExtensions(RequestContext& context);

Task<HandlerResult> AuthMethods(RequestContext& context);
Task<HandlerResult> AuthWithPassword(RequestContext& context);
Task<HandlerResult> AuthWithOAuth2(RequestContext& context);
Task<HandlerResult> AuthRefresh(RequestContext& context);
Task<HandlerResult> RequestVerification(RequestContext& context);
Task<HandlerResult> ConfirmVerification(RequestContext& context);
Task<HandlerResult> RequestPasswordReset(RequestContext& context);
Task<HandlerResult> ConfirmPasswordReset(RequestContext& context);
Task<HandlerResult> RequestEmailChange(RequestContext& context);
Task<HandlerResult> ConfirmEmailChange(RequestContext& context);
Task<HandlerResult> RequestOtp(RequestContext& context);
Task<HandlerResult> AuthWithOtp(RequestContext& context);
Task<HandlerResult> Impersonate(RequestContext& context);

Task<HandlerResult> ListCrons(RequestContext& context);
Task<HandlerResult> RunCron(RequestContext& context);

}  // namespace wombat
