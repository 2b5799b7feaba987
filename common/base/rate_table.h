// How many requests each client made in its current window, counted by all workers together.   Behaviour: spec 01 §1.13.
//
// A fixed table in the shared page. Counting is lock-free: one compare-and-swap of the window's word. Only a client's
// first request takes a lock (of its part of the table); it is robust, so a process killed inside leaves it usable, and
// whoever cannot have it in time lets the request pass rather than wait. Full parts forget their oldest window.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wombat {

struct RateLimit {
  std::uint32_t max_requests = 0;
  std::uint32_t duration = 0;                     // seconds
};

class RateTable {
 public:
  RateTable();

  // Takes one request from the window of `key`; false when none is left. A window opens at its first request and lasts
  // `duration` seconds of `now` (seconds since 1970); the limit of a key is the one of the request that opened it first.
  bool Take(std::uint64_t key, RateLimit limit, std::uint32_t now);

  // Whether Take would answer false, without taking.
  bool IsSpent(std::uint64_t key, std::uint32_t now);
  // The window of `key` has nothing taken any more.
  void Forget(std::uint64_t key);

  // Well mixed and never 0.
  static std::uint64_t KeyOf(std::uint64_t epoch, std::string_view counter, std::string_view client);

  static constexpr std::size_t kGroups = 4096, kSlotsPerGroup = 16, kLocks = 64;
  // Tests: the lock of the key's part.
  pthread_mutex_t& TEST_LockOf(std::uint64_t key) { return LockOf(key); }

 private:
  // Written through atomic_ref only, and plain so that making the table touches none of its pages.
  struct Slot {
    std::uint64_t key;                            // 0: free
    std::uint64_t limit;                          // max_requests, duration
    std::uint64_t window;                         // start in seconds, requests made; 0: free; kClaimed: changing hands
  };

  Slot* Group(std::uint64_t key) { return slots_ + (key % kGroups) * kSlotsPerGroup; }
  pthread_mutex_t& LockOf(std::uint64_t key) { return locks_[key % kGroups % kLocks]; }
  Slot* Find(std::uint64_t key);
  Slot* FindOrClaim(std::uint64_t key, RateLimit limit, std::uint32_t now);
  bool Claim(Slot& slot, std::uint64_t window, std::uint64_t key, RateLimit limit, std::uint32_t now);

  pthread_mutex_t locks_[kLocks];
  Slot slots_[kGroups * kSlotsPerGroup];
};

}  // namespace wombat
