// Messages to systemd. libsystemd is loaded only when a notify socket is named in the environment, so it costs nobody
// else memory; when it is absent all of this does nothing.
#pragma once

#include <chrono>

namespace wombat {

class Systemd {
 public:
  // Call it after the children were forked: they need no copy of the library.
  Systemd();

  void Notify(const char* state) const;    // "READY=1"
  // How often the watchdog wants to hear something; zero: there is none.
  std::chrono::milliseconds watchdog_interval() const { return watchdog_interval_; }

 private:
  using NotifyFunction = int (*)(int unset_environment, const char* state);
  NotifyFunction notify_ = nullptr;
  std::chrono::milliseconds watchdog_interval_{0};
};

}  // namespace wombat
