// Where the settings of a request keep the files of records.                              Behaviour: spec 05 §2.6.
#pragma once

#include "worker/request_context.h"

namespace wombat {

// Kept for whatever has to follow, also when the settings change meanwhile. Error: what they say cannot be used.
inline Result<std::shared_ptr<Storage>> StorageOf(const RequestContext& context) {
  return context.runtime.storages.Choose(context.settings->document().Find("s3"), context.settings->generation);
}

}  // namespace wombat
