// Checking a sign-in's password on the hash pool.
#pragma once

#include <optional>
#include <string>

#include "common/app/task.h"
#include "worker/runtime.h"

namespace wombat {

// nullopt: too much waits already (503).
Task<std::optional<bool>> VerifyOnPool(Runtime& runtime, std::string password, std::string hash);

}  // namespace wombat
