// A worker process: one libuv loop that answers HTTP, reads SQLite and forwards mutations.   worker/README.md.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/app/app.h"
#include "common/base/shared_page.h"

namespace wombat {

struct WorkerConfig {
  int index = 0;                           // 0-based; heartbeat slot and process title
  std::string data_dir;
  std::string encryption_env;
  std::string public_dir;                  // static files
  bool index_fallback = true;
  std::vector<std::string> origins = {"*"};
  std::chrono::seconds query_timeout{30};
  bool dev = false;
  SharedPage* page = nullptr;
  int http_listener = -1;                  // this worker's own SO_REUSEPORT socket, owned by the supervisor
  std::string writer_socket;               // path that connect(2) can use
};

// Waits until the writer is ready, serves until SIGTERM, then stops accepting and gives requests in flight
// kDrainTimeout. Returns the process's exit status.
inline constexpr std::chrono::seconds kDrainTimeout{1};     // spec 05 §8.5
int RunWorker(const WorkerConfig& config, App& app);

}  // namespace wombat
