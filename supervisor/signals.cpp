#include "supervisor/signals.h"

#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace wombat {
namespace {

constexpr int kTaken[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};

}  // namespace

Result<SignalQueue> SignalQueue::Open() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : kTaken) sigaddset(&set, number);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return Fail(std::string("sigprocmask: ") + strerror(errno));
  // A disposition "ignore" that was inherited (nohup, a shell's background job) would swallow them even when blocked.
  for (int number : kTaken) ::signal(number, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return Fail(std::string("signalfd: ") + strerror(errno));
  return SignalQueue(std::move(fd));
}

ArrivedSignals SignalQueue::Drain() {
  ArrivedSignals arrived;
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) arrived.child = true;
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) arrived.stop = true;
  }
  return arrived;
}

void RestoreSignalsInChild() {
  for (int number = 1; number < SIGRTMIN; number++) {
    if (number != SIGKILL && number != SIGSTOP) ::signal(number, SIG_DFL);
  }
  for (int number : {SIGPIPE, SIGINT, SIGHUP}) ::signal(number, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace wombat
