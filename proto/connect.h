// Connects to the writer's control socket.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace wombat {

// Blocks only for the kernel's queueing: the listening socket belongs to the supervisor, so connecting works (and waits to
// be accepted) while a writer is being replaced. The descriptor is close-on-exec.
Result<UniqueFd> ConnectToWriter(const std::string& socket_path);

}  // namespace wombat
