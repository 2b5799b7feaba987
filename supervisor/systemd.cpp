#include "supervisor/systemd.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

namespace wombat {
namespace {

// Half of what systemd allows, as its manual advises.
std::chrono::milliseconds WatchdogInterval() {
  const char* micros = std::getenv("WATCHDOG_USEC");
  const char* pid = std::getenv("WATCHDOG_PID");
  if (!micros || (pid && std::atoll(pid) != ::getpid())) return {};
  return std::chrono::milliseconds(std::atoll(micros) / 2000);
}

}  // namespace

Systemd::Systemd() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  if (!socket || !*socket) return;
  void* library = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  notify_ = reinterpret_cast<NotifyFunction>(::dlsym(library, "sd_notify"));
  if (notify_) watchdog_interval_ = WatchdogInterval();
}

void Systemd::Notify(const char* state) const {
  if (notify_) notify_(0, state);
}

}  // namespace wombat
