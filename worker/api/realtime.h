// What another worker passed on about one of this worker's realtime clients (worker/realtime/pass_on.h).
#pragma once

#include "worker/request_context.h"

namespace wombat {

Task<HandlerResult> HandlePassedOn(RequestContext& context);

}  // namespace wombat
