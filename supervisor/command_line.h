// Commands and flags.                                                                    Behaviour: spec 05 §8.1, §8.2.
//
// Two deliberate differences from the reference: a command that fails ends with a status other than zero, and its
// message goes to stderr.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace wombat {

struct CommandLine {
  enum class Command { kServe, kSuperuser, kPrint };

  Command command = Command::kPrint;
  std::string text;                        // kPrint: help or version, for stdout
  std::string program;                     // argv[0] as typed

  // ---- every command
  std::string data_dir, hooks_dir, migrations_dir, public_dir;
  std::string encryption_env;
  bool dev = false, hooks_watch = true, automigrate = true, index_fallback = true;
  int query_timeout = 30;                  // seconds
  int hooks_pool = 15;

  // ---- serve
  std::string http, https;                 // addresses; "" for https: no TLS
  std::vector<std::string> origins = {"*"};
  std::vector<std::string> domains;
  int workers = 0;                         // 0: one per core

  // ---- superuser
  std::vector<std::string> words;          // "superuser", "upsert", then the arguments as typed
};

// Error: the text for stderr, without the "Error: " prefix; it may hold a second line with a hint.
std::expected<CommandLine, std::string> ParseCommandLine(int argc, const char* const* argv);

}  // namespace wombat
