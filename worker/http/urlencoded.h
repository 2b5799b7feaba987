// application/x-www-form-urlencoded bodies.                                                Behaviour: spec 01 §1.6.
#pragma once

#include "common/app/http.h"
#include "common/base/result.h"
#include "worker/http/form_values.h"

namespace wombat {

inline constexpr std::size_t kMaxUrlencodedBody = 10u << 20;

// The values of the body (read only for POST, PUT and PATCH) and behind them those of the query.
// Errors: 400 for a malformed pair in either, a malformed Content-Type, and a body past kMaxUrlencodedBody.
ApiResult<FormValues> ReadUrlencoded(const HttpRequest& request);

}  // namespace wombat
