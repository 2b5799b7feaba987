// View collections whose sources changed: their fields brought up to date, with every hook.        Behaviour: spec 02 §8.5.
#pragma once

#include <string_view>

#include "writer/lane/transaction.h"

namespace wombat {

// Saves each view collection but the excepted one whose fields are not what its query gives any more, until none is left.
// Error: a view whose query does not work any more, or that is refused with its new fields; the caller rolls back.
HookResult RefreshViews(LaneTransaction& tx, std::string_view except_id);

// The same after a save, which stands whatever becomes of the views: one that fails leaves all of them as they were.
void RefreshViewsIfPossible(LaneTransaction& tx, std::string_view saved_id);

}  // namespace wombat
