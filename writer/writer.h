// The writer process: the only one that opens the databases for writing.             writer/README.md tells its protocol.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/app/app.h"
#include "common/base/shared_page.h"

namespace wombat {

struct WriterConfig {
  std::string data_dir;                    // created when absent
  std::string encryption_env;              // NAME of the variable with the settings key; "" for none
  std::string migrations_dir, hooks_dir;
  bool dev = false;
  SharedPage* page = nullptr;
  std::string base_url;                    // of the installer's link; "": it is not offered
  int listener = -1;                       // listening Unix socket, owned by the supervisor: workers and commands connect to it
};

// Bootstraps the data directory (spec 06 §4, §5), serves mutations until SIGTERM, drains, and leaves both databases closed
// cleanly. Returns the process's exit status: 0 drained, 1 failed (the reason is on stderr), 2 the directory cannot be used
// at all (bootstrap failed: respawning would not help).
int RunWriter(const WriterConfig& config, App& app);

// The data directory made ready and nothing else; for commands without a server.
struct CommandOutcome {
  int exit_status = 0;
  std::string output;                      // for stdout
  std::string error;                       // for stderr, without the "Error: " prefix
};
// Runs a command ("superuser", "upsert", "a@b.co", "secret…") as the writer of this moment: no other process may hold the
// directory's lock. Beside a running server use proto/command_client.h; both end in the same code.
CommandOutcome RunCommandHere(const WriterConfig& config, App& app, const std::vector<std::string>& words);

}  // namespace wombat
