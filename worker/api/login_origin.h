// Where an auth record has signed in from before.                                                       spec 04 §5.2
#pragma once

#include "worker/request_context.h"

namespace wombat {

// Stores or refreshes the origin of this sign-in; failures are only logged. A new origin beside known ones is what the
// login alert tells by mail: until mails are sent it is handled as one whose mail failed, i.e. it is not stored.
Task<void> RememberLoginOrigin(RequestContext& context, std::shared_ptr<Record> record);

}  // namespace wombat
