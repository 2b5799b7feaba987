// What the five record endpoints check alike.                                                            spec 01 §2.2
#pragma once

#include "worker/request_context.h"

namespace wombat {

enum class RecordAction { kList, kView, kCreate, kUpdate, kDelete };

// Collection, body and null rule, in the order of spec 01 §2.2. Returns the collection; `rule` is what is left to check
// (none for a superuser).
struct RecordAccess {
  CollectionPtr collection;
  Rule rule;                      // null: nothing to check (superuser); "" : everyone
};
ApiResult<RecordAccess> CheckAccess(RequestContext& context, RecordAction action);

// An internal failure of a read as its answer: 503 when too much waits, 400 at the query time limit and otherwise the
// status that the endpoint gives to a rule that cannot be run.
ApiError ReadFailure(const Error& error, int status);

}  // namespace wombat
