#include "supervisor/process_table.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "supervisor/process_title.h"
#include "supervisor/signals.h"

namespace wombat {
namespace {

constexpr std::chrono::milliseconds kHangCheckInterval{1000};

}  // namespace

int ProcessTable::Add(ChildSpec spec) {
  children_.push_back(Child{});
  children_.back().spec = std::move(spec);
  return static_cast<int>(children_.size()) - 1;
}

void ProcessTable::Start(int slot, std::int64_t now) {
  Child& child = children_[static_cast<std::size_t>(slot)];
  child.wanted = true;
  child.killed_for_hanging = false;
  child.started = now;
  if (child.spec.heartbeat) child.spec.heartbeat->last_beat_ms.store(0);
  // What is still in a stdio buffer would be written once more by the child.
  ::fflush(nullptr);
  const pid_t supervisor = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) RunChild(child, supervisor);
  if (pid < 0) {
    ::perror("fork");
    PlanRespawn(child, now);
    return;
  }
  child.pid = pid;
  if (child.spec.heartbeat) child.spec.heartbeat->pid.store(pid);
}

void ProcessTable::RunChild(Child& child, pid_t supervisor) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) ::_exit(1);  // it died before the line above
  RestoreSignalsInChild();
  SetProcessTitle(child.spec.title);
  const auto& own = child.spec.descriptors;
  const auto close_foreign = [&own](const std::vector<int>& descriptors) {
    for (int fd : descriptors) {
      if (fd >= 0 && std::find(own.begin(), own.end(), fd) == own.end()) ::close(fd);
    }
  };
  close_foreign(supervisor_descriptors_);
  for (const Child& sister : children_) close_foreign(sister.spec.descriptors);
  const int status = child.spec.body();
  ::fflush(nullptr);
  // Not exit(3): static objects belong to the supervisor's life, not to this copy of them.
  ::_exit(status);
}

void ProcessTable::PlanRespawn(Child& child, std::int64_t now) {
  if (now - child.started >= timing_.steady_after.count()) child.delay = {};
  child.respawn_at = now + child.delay.count();
  child.delay = std::clamp(child.delay * 2, timing_.first_delay, timing_.longest_delay);
}

std::vector<ChildExit> ProcessTable::Reap(std::int64_t now) {
  std::vector<ChildExit> exits;
  for (std::size_t slot = 0; slot < children_.size(); slot++) {
    Child& child = children_[slot];
    int status = 0;
    // One by one and not for any child: a library may have children of its own to wait for.
    if (child.pid <= 0 || ::waitpid(child.pid, &status, WNOHANG) != child.pid) continue;
    child.pid = 0;
    if (child.spec.heartbeat) child.spec.heartbeat->pid.store(0);
    if (child.wanted) PlanRespawn(child, now);
    exits.push_back({static_cast<int>(slot), status});
  }
  return exits;
}

bool ProcessTable::Hangs(const Child& child, std::int64_t now) const {
  if (child.pid <= 0 || !child.wanted || child.killed_for_hanging || !child.spec.heartbeat) return false;
  const std::int64_t beat = child.spec.heartbeat->last_beat_ms.load();
  if (beat == 0) return now - child.started > timing_.start_timeout.count();
  return now - beat > timing_.hang_timeout.count();
}

void ProcessTable::Tick(std::int64_t now) {
  // When the supervisor itself was held up (SIGSTOP, a frozen machine), its children were, too: they get time to beat.
  if (last_tick_ != 0 && now - last_tick_ > 2 * kHangCheckInterval.count()) {
    no_hang_before_ = now + timing_.hang_timeout.count();
  }
  last_tick_ = now;
  for (std::size_t slot = 0; slot < children_.size(); slot++) {
    Child& child = children_[slot];
    if (child.wanted && child.pid == 0 && now >= child.respawn_at) Start(static_cast<int>(slot), now);
    if (now >= no_hang_before_ && Hangs(child, now)) {
      child.killed_for_hanging = true;
      ::fprintf(stderr, "%s (pid %d) does not answer any more: killing it\n", child.spec.title.c_str(), child.pid);
      ::kill(child.pid, SIGKILL);
    }
  }
}

std::chrono::milliseconds ProcessTable::NextDeadline(std::int64_t now) const {
  std::chrono::milliseconds left = std::min(kHangCheckInterval, timing_.hang_timeout);
  for (const Child& child : children_) {
    if (!child.wanted || child.pid != 0) continue;
    left = std::min(left, std::chrono::milliseconds(std::max<std::int64_t>(child.respawn_at - now, 0)));
  }
  return left;
}

void ProcessTable::Stop(int slot) {
  Child& child = children_[static_cast<std::size_t>(slot)];
  child.wanted = false;
  if (child.pid > 0) ::kill(child.pid, SIGTERM);
}

void ProcessTable::Kill(int slot) {
  Child& child = children_[static_cast<std::size_t>(slot)];
  child.wanted = false;
  if (child.pid > 0) ::kill(child.pid, SIGKILL);
}

}  // namespace wombat
