#include "common/base/rate_table.h"

#include <time.h>

#include <atomic>
#include <cerrno>

namespace wombat {
namespace {

constexpr std::uint64_t kClaimed = ~std::uint64_t{0};
// A holder does a few dozen memory accesses; one that takes this long is stopped or starved.
constexpr long kLockWaitNanos = 20'000'000;

using Word = std::atomic_ref<std::uint64_t>;

constexpr std::uint64_t Pack(std::uint32_t high, std::uint32_t low) { return std::uint64_t{high} << 32 | low; }
constexpr std::uint32_t High(std::uint64_t word) { return std::uint32_t(word >> 32); }
constexpr std::uint32_t Low(std::uint64_t word) { return std::uint32_t(word); }

bool HasEnded(std::uint64_t window, std::uint64_t limit, std::uint32_t now) {
  return std::int64_t{now} - std::int64_t{High(window)} >= std::int64_t{Low(limit)};
}

std::uint64_t Mixed(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
  return hash ^ (hash >> 33);
}

std::uint64_t Hashed(std::uint64_t hash, std::string_view text) {
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3u;
  return Mixed(hash ^ text.size());
}

// Held for a claim; false when it could not be had.
class Lock {
 public:
  explicit Lock(pthread_mutex_t& mutex) : mutex_(mutex) {
    timespec until{};
    ::clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += kLockWaitNanos;
    if (until.tv_nsec >= 1'000'000'000) {
      until.tv_nsec -= 1'000'000'000;
      until.tv_sec++;
    }
    int result = ::pthread_mutex_clocklock(&mutex_, CLOCK_MONOTONIC, &until);
    // Its holder died: a slot that it was filling is still marked as claimed, and is filled anew.
    if (result == EOWNERDEAD) result = ::pthread_mutex_consistent(&mutex_);
    held_ = result == 0;
  }
  ~Lock() {
    if (held_) ::pthread_mutex_unlock(&mutex_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  bool held() const { return held_; }

 private:
  pthread_mutex_t& mutex_;
  bool held_;
};

}  // namespace

RateTable::RateTable() {
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  for (auto& lock : locks_) ::pthread_mutex_init(&lock, &attributes);
  ::pthread_mutexattr_destroy(&attributes);
}

std::uint64_t RateTable::KeyOf(std::uint64_t epoch, std::string_view counter, std::string_view client) {
  std::uint64_t hash = Hashed(Hashed(Mixed(epoch + 0x9e3779b97f4a7c15u), counter), client);
  return hash == 0 ? 1 : hash;
}

RateTable::Slot* RateTable::Find(std::uint64_t key) {
  Slot* group = Group(key);
  for (std::size_t i = 0; i < kSlotsPerGroup; ++i)
    if (Word(group[i].key).load(std::memory_order_acquire) == key && Word(group[i].window).load() != kClaimed) return &group[i];
  return nullptr;
}

// `window` is what the slot was seen with: a request counted in it meanwhile keeps it. The mark tells those who count that
// the slot is not theirs any more before the key does.
bool RateTable::Claim(Slot& slot, std::uint64_t window, std::uint64_t key, RateLimit limit, std::uint32_t now) {
  if (window != kClaimed && !Word(slot.window).compare_exchange_strong(window, kClaimed)) return false;
  Word(slot.key).store(key);
  Word(slot.limit).store(Pack(limit.max_requests, limit.duration));
  Word(slot.window).store(Pack(now, 0));
  return true;
}

RateTable::Slot* RateTable::FindOrClaim(std::uint64_t key, RateLimit limit, std::uint32_t now) {
  if (Slot* found = Find(key)) return found;
  Lock lock(LockOf(key));
  if (!lock.held()) return nullptr;
  if (Slot* found = Find(key)) return found;           // claimed by another process while this one waited
  Slot* group = Group(key);
  for (;;) {
    Slot* best = nullptr;
    std::uint64_t best_window = 0;
    bool best_ended = false;
    for (std::size_t i = 0; i < kSlotsPerGroup; ++i) {
      std::uint64_t window = Word(group[i].window).load();
      bool ended = window == 0 || window == kClaimed || HasEnded(window, Word(group[i].limit).load(), now);
      std::uint64_t age = window == kClaimed ? 0 : window;
      if (best && (best_ended > ended || (best_ended == ended && best_window <= age))) continue;
      best = &group[i];
      best_window = age;
      best_ended = ended;
    }
    std::uint64_t seen = Word(best->window).load();
    if (Claim(*best, seen, key, limit, now)) return best;
  }
}

bool RateTable::Take(std::uint64_t key, RateLimit limit, std::uint32_t now) {
  for (;;) {
    Slot* slot = FindOrClaim(key, limit, now);
    if (!slot) return true;
    std::uint64_t window = Word(slot->window).load();
    while (window != kClaimed) {
      std::uint64_t in_force = Word(slot->limit).load();
      // After the window and the limit were read: if the slot is another's by now, its window has changed with it and the
      // exchange below fails.
      if (Word(slot->key).load() != key) break;
      std::uint32_t start = High(window), made = Low(window);
      if (HasEnded(window, in_force, now)) {
        start = now;
        made = 0;
      }
      if (made >= High(in_force)) return false;
      if (Word(slot->window).compare_exchange_weak(window, Pack(start, made + 1))) return true;
    }
  }
}

bool RateTable::IsSpent(std::uint64_t key, std::uint32_t now) {
  Slot* slot = Find(key);
  if (!slot) return false;
  const std::uint64_t window = Word(slot->window).load(), limit = Word(slot->limit).load();
  if (window == kClaimed || Word(slot->key).load() != key) return false;
  return !HasEnded(window, limit, now) && Low(window) >= High(limit);
}

void RateTable::Forget(std::uint64_t key) {
  Slot* slot = Find(key);
  if (!slot) return;
  std::uint64_t window = Word(slot->window).load();
  // As in Take: when the slot changes hands meanwhile, its window has changed with it.
  while (window != kClaimed && Word(slot->key).load() == key)
    if (Word(slot->window).compare_exchange_weak(window, Pack(High(window), 0))) return;
}

}  // namespace wombat
