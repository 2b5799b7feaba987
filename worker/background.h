// What goes on after its request was answered: mails, and what depends on them.
#pragma once

#include <functional>
#include <string_view>

#include "worker/request_context.h"

namespace wombat {

// Starts `work` on the loop, soon, and nobody waits for it. It gets a context of its own with the request's schema, settings,
// identity and info, which lives until it has finished; it must not refer to anything else of the request's. At a drain it
// is cut off.
void RunInBackground(const RequestContext& context, std::function<Task<void>(RequestContext&)> work);

// Something failed that no answer tells of: an entry in the log.
inline constexpr int kLogWarning = 4, kLogError = 8;
void LogFailure(const RequestContext& context, int level, std::string_view message, const ApiError& error);

}  // namespace wombat
