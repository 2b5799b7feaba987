// A running server: the directory's lock, the sockets, the processes, and what happens when one of them dies.
//                                                            Behaviour: spec 05 §8.3, §8.5; supervisor/README.md.
#pragma once

#include <chrono>
#include <functional>

#include "supervisor/command_line.h"
#include "supervisor/process_table.h"
#include "worker/worker.h"
#include "writer/writer.h"

namespace wombat {

// What the processes do; RunWriter and RunWorker in the program, something small in tests.
struct ServeBodies {
  std::function<int(const WriterConfig&)> writer;
  std::function<int(const WorkerConfig&)> worker;
};

struct ServeTiming {
  ProcessTiming processes;
  std::chrono::milliseconds worker_drain = kDrainTimeout + std::chrono::seconds(1);  // a margin for their clock
  std::chrono::milliseconds writer_drain{10'000};
  std::chrono::milliseconds lock_patience{5'000};
};

// Serves until SIGTERM or SIGINT. Returns the process's exit status; the reason of a failure is on stderr.
int Serve(const CommandLine& options, const ServeBodies& bodies, const ServeTiming& timing = {});

}  // namespace wombat
