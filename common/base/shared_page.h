// The page of memory that supervisor, writer and workers share: counters only, no locks, so a process that dies in the
// middle of anything leaves nothing corrupt behind.                                      design.md, "What flows".
//
// Created by the supervisor before it forks; every process has it at the same address until it exits.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string_view>

namespace wombat {

inline constexpr int kMaxWorkers = 256;
inline constexpr std::size_t kAuthCounters = 1024;

struct Heartbeat {
  std::atomic<pid_t> pid{0};
  std::atomic<std::int64_t> last_beat_ms{0};      // CLOCK_MONOTONIC; 0: has not started beating
};

struct SharedPage {
  // Raised by the writer after a commit that changed a collection / the settings, before it answers.
  std::atomic<std::uint64_t> schema_generation{1};
  std::atomic<std::uint64_t> settings_generation{1};
  // Raised at each writer start (the previous one may have died between a commit and raising a counter).
  std::atomic<std::uint64_t> writer_epoch{0};
  // 0 until the first writer has bootstrapped the data directory; workers answer from then on.
  std::atomic<std::uint32_t> ready{0};
  // One counter a hash slot of auth collections: raised after a commit that changed one of their records.
  std::atomic<std::uint64_t> auth_changes[kAuthCounters];
  // Request log entries dropped because a queue was full (spec 05 §5).
  std::atomic<std::uint64_t> dropped_log_entries{0};

  Heartbeat writer;
  Heartbeat workers[kMaxWorkers];

  std::atomic<std::uint64_t>& AuthCounter(std::string_view collection_id);
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// MAP_SHARED | MAP_ANONYMOUS; never unmapped. Null when memory cannot be had.
SharedPage* CreateSharedPage();

std::int64_t MonotonicMs();

}  // namespace wombat
