#include "worker/idle_memory.h"

#include <malloc.h>
#include <sys/resource.h>

namespace wombat {
namespace {

// Of a second: what timers and a few requests take.
constexpr std::int64_t kIdleMicros = 10'000;
// Less work than this leaves little behind.
constexpr std::int64_t kBusyMicros = 200'000;

}  // namespace

bool IdleMemory::Tick(std::int64_t used) {
  const bool idle = used - at_last_tick_ < kIdleMicros;
  at_last_tick_ = used;
  if (!idle || used - at_last_trim_ < kBusyMicros) return false;
  at_last_trim_ = used;
  malloc_trim(0);
  return true;
}

std::int64_t IdleMemory::ProcessorMicros() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) { return std::int64_t(time.tv_sec) * 1'000'000 + time.tv_usec; };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

}  // namespace wombat
