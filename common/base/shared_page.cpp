#include "common/base/shared_page.h"

#include <sys/mman.h>
#include <time.h>

#include <new>

namespace wombat {

std::atomic<std::uint64_t>& SharedPage::AuthCounter(std::string_view collection_id) {
  // FNV-1a: the same slot in every process, whatever its std::hash does. Two collections in one slot only forget a
  // cached token once too often.
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char byte : collection_id) hash = (hash ^ byte) * 0x100000001b3u;
  return auth_changes[(hash ^ (hash >> 32)) % kAuthCounters];
}

SharedPage* CreateSharedPage() {
  void* memory = ::mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  return new (memory) SharedPage;
}

std::int64_t MonotonicMs() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace wombat
