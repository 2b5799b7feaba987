// "superuser ips": from where superusers may ask.                                              Behaviour: spec 05 §8.2.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "writer/lane/transaction.h"
#include "writer/writer.h"

namespace wombat {

// No address: from everywhere. `submit` runs its argument in the lane and waits for the commit.
CommandOutcome SetSuperuserIps(std::span<const std::string> addresses,
                               const std::function<ApiResult<void>(std::function<ApiResult<void>(LaneTransaction&)>)>& submit);

}  // namespace wombat
