// Error answers.                                                                           Behaviour: spec 01 §1.4.
#pragma once

#include "common/app/http.h"
#include "common/base/result.h"

namespace wombat {

// {"data":…,"message":…,"status":…} with the message normalised; an empty one becomes the status' default.
HttpResponse ErrorResponse(const ApiError& error);

// Appends the envelope without the final newline, for answers that hold several (batch).
void AppendErrorEnvelope(std::string& out, const ApiError& error);

}  // namespace wombat
