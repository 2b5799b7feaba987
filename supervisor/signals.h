// The supervisor takes its signals as data, from one descriptor in its poll loop; nothing runs in a handler.
#pragma once

#include <signal.h>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace wombat {

// What arrived since the last call.
struct ArrivedSignals {
  bool child = false;                      // SIGCHLD
  bool stop = false;                       // SIGTERM or SIGINT
};

class SignalQueue {
 public:
  // Blocks the signals for this process and ignores SIGPIPE (a closed stdout must not end a server). Children undo the
  // blocking with RestoreSignalsInChild.
  static Result<SignalQueue> Open();

  int descriptor() const { return fd_.get(); }
  ArrivedSignals Drain();

 private:
  explicit SignalQueue(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// In a forked child: nothing blocked, default handlers, except that SIGPIPE is ignored (writes report it) and so are
// SIGINT and SIGHUP: a terminal sends them to the whole group, but when a child ends is the supervisor's decision.
void RestoreSignalsInChild();

}  // namespace wombat
