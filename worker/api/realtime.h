// Requests about realtime clients, which may belong to another worker (worker/realtime/pass_on.h).
#pragma once

#include <string_view>

#include "worker/request_context.h"

namespace wombat {

// The other worker that has this client, if it has one; -1: none.
int OtherOwnerOf(const RequestContext& context, std::string_view client_id);

// What another worker passed on about one of this worker's clients.
Task<HandlerResult> HandlePassedOn(RequestContext& context);
Task<HandlerResult> RedirectPassedOn(RequestContext& context);

}  // namespace wombat
