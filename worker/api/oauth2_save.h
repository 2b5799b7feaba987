// The record of a sign-in with OAuth2: created, or linked and brought up to date.                              spec 04 §6.10
#pragma once

#include "common/app/events.h"
#include "worker/request_context.h"

namespace wombat {

// All in one transaction with the writer, the request hooks of a record that is created among it; nothing is kept when some
// of it fails. `event.record` becomes what is stored. A record that is linked and verified already needs no transaction.
Task<ApiResult<void>> SaveOAuth2Record(RequestContext& context, RecordAuthWithOAuth2RequestEvent& event);

}  // namespace wombat
