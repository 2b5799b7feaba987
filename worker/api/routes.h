// The route table.                                                                              Behaviour: spec 01 §1.2.
#pragma once

#include "worker/api/handlers.h"
#include "worker/http/router.h"

namespace wombat {

struct Route {
  Handler handler;
  bool extends_body_limit = false;    // record create and update: the collection's fields raise it (01 §1.7)
};

const Router<Route>& Routes();

}  // namespace wombat
