// The children of the supervisor: forks them, starts them again when they die, kills those that hang.
//
// No threads and no timers of its own: the owner calls Reap after SIGCHLD and Tick when NextDeadline says so. Times are
// those of MonotonicMs, given by the caller.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/shared_page.h"

namespace wombat {

struct ChildSpec {
  std::string title;                       // "wombat: worker 1"
  std::function<int()> body;               // runs in the child, its value is the exit status
  Heartbeat* heartbeat = nullptr;          // in the shared page; null: hangs are not looked for
  std::vector<int> descriptors;            // those of the supervisor's that this child keeps
};

struct ProcessTiming {
  std::chrono::milliseconds hang_timeout{10'000};     // without a heartbeat
  std::chrono::milliseconds start_timeout{60'000};    // until the first heartbeat
  std::chrono::milliseconds steady_after{10'000};     // a child that lived this long starts again at once
  std::chrono::milliseconds first_delay{100};         // before the second respawn in a row, then doubling
  std::chrono::milliseconds longest_delay{5'000};
};

struct ChildExit {
  int slot = 0;
  int status = 0;                          // as wait(2) reports it
};

class ProcessTable {
 public:
  // `supervisor_descriptors` are closed in every child, as are those of its sisters.
  ProcessTable(ProcessTiming timing, std::vector<int> supervisor_descriptors)
      : timing_(timing), supervisor_descriptors_(std::move(supervisor_descriptors)) {}
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  int Add(ChildSpec spec);                 // the new child's slot; nothing is started yet
  void Start(int slot, std::int64_t now);  // a failed fork counts as a death

  // Collects dead children and plans their next start, unless they were told to stop.
  std::vector<ChildExit> Reap(std::int64_t now);

  // Starts what is due and kills what hangs.
  void Tick(std::int64_t now);
  // Until Tick has something to do; at most a second while children are watched for hanging.
  std::chrono::milliseconds NextDeadline(std::int64_t now) const;

  void Stop(int slot);                     // SIGTERM, and no respawn
  void Kill(int slot);                     // SIGKILL, and no respawn
  bool IsRunning(int slot) const { return children_[static_cast<std::size_t>(slot)].pid > 0; }
  pid_t Pid(int slot) const { return children_[static_cast<std::size_t>(slot)].pid; }
  const std::string& Title(int slot) const { return children_[static_cast<std::size_t>(slot)].spec.title; }

 private:
  struct Child {
    ChildSpec spec;
    pid_t pid = 0;
    bool wanted = false;
    bool killed_for_hanging = false;
    std::int64_t started = 0, respawn_at = 0;
    std::chrono::milliseconds delay{0};    // before the next respawn
  };

  void RunChild(Child& child, pid_t supervisor);
  void PlanRespawn(Child& child, std::int64_t now);
  bool Hangs(const Child& child, std::int64_t now) const;

  ProcessTiming timing_;
  std::vector<int> supervisor_descriptors_;
  std::vector<Child> children_;
  std::int64_t last_tick_ = 0, no_hang_before_ = 0;
};

}  // namespace wombat
