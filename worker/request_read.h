// Reads for one request: what belongs to a session sees its transaction, everything else the committed state.
#pragma once

#include "worker/api/batch_part.h"
#include "worker/read.h"
#include "worker/request_context.h"
#include "worker/session.h"

namespace wombat {

// As Read(runtime, read). Within a session there is no time limit but the session's own.
template <class T>
Task<Result<T>> Read(RequestContext& context, std::function<Result<T>(Connection&)> read) {
  if (context.part && context.part->session) co_return co_await context.part->session->template Read<T>(read);
  co_return co_await Read<T>(context.runtime, read);
}

}  // namespace wombat
