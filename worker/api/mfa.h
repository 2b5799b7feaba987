// Multi-factor sign-in: the second of two different methods completes it.                               spec 04 §5.1
#pragma once

#include <optional>

#include "worker/request_context.h"

namespace wombat {

// nullopt: nothing more is asked, the sign-in goes on. A response: 401 with the id of the session just opened.
Task<ApiResult<std::optional<HttpResponse>>> CheckMfa(RequestContext& context, const Record& record, std::string_view method);

}  // namespace wombat
