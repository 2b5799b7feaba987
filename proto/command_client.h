// Asks a running server's writer to carry out a command of the command line.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace wombat {

struct CommandReply {
  int exit_status = 0;
  std::string output, error;
};

// `socket_path` is the data directory's control socket. Error: nobody listens, or the writer went away in the middle.
Result<CommandReply> SendCommand(const std::string& socket_path, const std::vector<std::string>& words);

}  // namespace wombat
