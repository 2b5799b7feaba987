// Requests counted against the rate limits of the settings, together with all other workers.   Behaviour: spec 01 §1.13.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "worker/request_context.h"

namespace wombat {

// The rule in force for the first of `labels` that has one; null: none.
const Settings::RateLimitRule* FindRateLimitRule(const Settings& settings, std::span<const std::string> labels,
                                                 bool authenticated);

// By the request's path. Error: 429.
ApiResult<void> CountRequest(RequestContext& context);

// By the tags of what is done with the collection, and then by the path; empty tags are none. Counts a request once,
// however often it is asked.
ApiResult<void> CountRequest(RequestContext& context, const Collection& collection, std::span<const std::string_view> tags);

}  // namespace wombat
