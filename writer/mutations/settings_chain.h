// Saving the settings inside the commit lane, with every hook around it.                  Behaviour: spec 05 §4, 07 §2.2.
#pragma once

#include "common/settings/settings.h"
#include "writer/lane/transaction.h"

namespace wombat {

// Validates and writes. Error: the answer of the endpoint, with field errors.
HookResult SaveSettingsModel(LaneTransaction& tx, const Settings& settings);

}  // namespace wombat
