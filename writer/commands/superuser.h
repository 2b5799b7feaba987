// The `superuser` commands, carried out inside the commit lane.                              Behaviour: spec 05 §8.2.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "writer/lane/commit_lane.h"
#include "writer/writer.h"

namespace wombat {

// Prepares what takes long (password hashing) on the calling thread, hands the rest to `submit` (which passes it to the
// lane and returns when it has committed or failed), and words the outcome.
CommandOutcome CarryOutSuperuserCommand(
    const std::vector<std::string>& words,
    const std::function<ApiResult<void>(std::function<ApiResult<void>(LaneTransaction&)>)>& submit);

}  // namespace wombat
