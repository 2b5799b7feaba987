// What create and update do alike with a submitted record before it is sent.                  spec 01 §2.5, §2.9, §2.13
#pragma once

#include "worker/request_context.h"

namespace wombat {

// Hashes passwords on the pool when there are any.
Task<ApiResult<void>> HashOnPool(RequestContext& context, Record& record);

// The form checks of an auth record, then the validation that needs no database. `stored` is null on create. The answer's
// data object, empty for valid. `message` is what a failure of the pool is answered with.
Task<ApiResult<Json>> CheckInput(RequestContext& context, Record& record, const Record* stored, bool has_full_access);

// True when the requester may change an auth record fully: a superuser, or somebody who satisfies the manageRule on
// `check`'s row (spec 01 §2.13: never a guest, never with a null or empty rule).
bool MayHaveManageAccess(const RequestContext& context, const Collection& collection);

}  // namespace wombat
