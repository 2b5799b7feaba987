// The superuser commands.                                                                      Behaviour: spec 05 §8.2.
//
// They work beside a running server and without one: whoever holds the data directory's lock is the writer, so the
// command becomes it for a moment or asks the one that is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proto/command_client.h"
#include "supervisor/command_line.h"
#include "writer/writer.h"

namespace wombat {

// How a command is carried out; RunCommandHere and SendCommand in the program.
struct CommandRunners {
  std::function<CommandOutcome(const WriterConfig&, const std::vector<std::string>& words)> here;
  std::function<Result<CommandReply>(const std::string& socket_path, const std::vector<std::string>& words)> beside;
};

// What is wrong with the arguments themselves, in the reference's words; nullopt when they can be tried.
std::optional<std::string> CheckSuperuserWords(const std::vector<std::string>& words);

// Prints the outcome and returns the process's exit status.
int RunSuperuserCommand(const CommandLine& options, const CommandRunners& runners);

}  // namespace wombat
