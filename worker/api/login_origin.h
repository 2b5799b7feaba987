// Where an auth record has signed in from before.                                                       spec 04 §5.2
#pragma once

#include "worker/request_context.h"

namespace wombat {

// Stores or refreshes the origin of this sign-in. A new one beside known ones is told by mail first, and is stored only when
// the mail went out within 15 s; otherwise the next sign-in from there is told. Failures are only logged.
Task<void> RememberLoginOrigin(RequestContext& context, std::shared_ptr<Record> record);

}  // namespace wombat
