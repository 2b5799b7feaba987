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

Task<HandlerResult> AuthMethods(RequestContext& context);
Task<HandlerResult> AuthWithPassword(RequestContext& context);
Task<HandlerResult> AuthRefresh(RequestContext& context);

}  // namespace wombat
