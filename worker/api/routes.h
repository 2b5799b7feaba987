// The route table.                                                                              Behaviour: spec 01 §1.2.
#pragma once

#include <array>

#include "worker/api/handlers.h"
#include "worker/http/router.h"

namespace wombat {

// When a request is counted against its rate limit (01 §1.13).
enum class RateLimited {
  kByPath,          // before the handler
  kByCollection,    // before the handler, by the tags of the collection that the path names
  kInHandler,       // records: once the handler has found its collection
};

struct Route {
  Handler handler;
  bool extends_body_limit = false;    // record create and update: the collection's fields raise it (01 §1.7)
  bool is_batch = false;              // its limit is the settings' (01 §3.1)
  RateLimited rate_limited = RateLimited::kByPath;
  std::array<std::string_view, 2> rate_tags = {};
};

const Router<Route>& Routes();

}  // namespace wombat
