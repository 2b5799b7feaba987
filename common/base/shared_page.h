// The page of memory that supervisor, writer and workers share: counters, and tables whose every intermediate state can be
// read, so a process that dies in the middle of anything leaves nothing corrupt behind.  design.md, "What flows".
//
// Created by the supervisor before it forks; every process has it at the same address until it exits.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string_view>

#include "common/base/interest.h"
#include "common/base/rate_table.h"
#include "common/base/short_notes.h"

namespace wombat {

inline constexpr int kMaxWorkers = 256;
inline constexpr std::size_t kAuthCounters = 1024;
// More than the mutations that can wait for an answer at once; pages of it are only touched as they are used.
inline constexpr std::size_t kAppliedEntries = 65536;

struct Heartbeat {
  std::atomic<pid_t> pid{0};
  std::atomic<std::int64_t> last_beat_ms{0};      // CLOCK_MONOTONIC; 0: has not started beating
};

// Which mutations were applied, so that one which a worker sends again after the writer's death is answered and not redone
// (design.md, invariant 2). It lives here and not in the data directory: killing a process leaves it intact, and when the
// machine or the supervisor dies, so do the workers that could send anything again. Written by the lane only
// (writer/lane/applied_log.h tells the protocol).
struct AppliedRegion {
  struct Entry {
    std::uint64_t incarnation, sequence;
  };
  struct DatabaseState {
    std::uint32_t frames, checksum[2], salt[2];
    bool operator==(const DatabaseState&) const = default;
  };
  std::atomic<std::uint64_t> committed{0};        // entries below are applied
  std::atomic<std::uint64_t> pending{0};          // entries from `committed` on belong to the COMMIT under way
  DatabaseState before{};                         // the database right before that COMMIT
  Entry entries[kAppliedEntries];                 // a ring
};

struct SharedPage {
  // Raised by the writer after a commit that changed a collection / the settings, before it answers.
  std::atomic<std::uint64_t> schema_generation{1};
  std::atomic<std::uint64_t> settings_generation{1};
  // Of the stored settings that this generation stands for, so that the next writer knows whether one that died had told.
  std::atomic<std::uint64_t> settings_fingerprint{0};
  // Raised at each writer start (the previous one may have died between a commit and raising a counter).
  std::atomic<std::uint64_t> writer_epoch{0};
  // 0 until the first writer has bootstrapped the data directory; workers answer from then on.
  std::atomic<std::uint32_t> ready{0};
  // One counter a hash slot of auth collections: raised after a commit that changed one of their records.
  std::atomic<std::uint64_t> auth_changes[kAuthCounters];
  // How many threads of each worker hash passwords: together they leave no core out and crowd none.
  std::atomic<std::uint32_t> hashing[kMaxWorkers];
  // Request log entries dropped because a queue was full (spec 05 §5).
  std::atomic<std::uint64_t> dropped_log_entries{0};

  Heartbeat writer;
  Heartbeat workers[kMaxWorkers];
  AppliedRegion applied;
  RateTable rate_limits;
  InterestTable interest;
  ShortNotes oauth2_names;                        // of users, by the code that they sign in with

  std::atomic<std::uint64_t>& AuthCounter(std::string_view collection_id);
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// MAP_SHARED | MAP_ANONYMOUS; never unmapped. Null when memory cannot be had.
SharedPage* CreateSharedPage();

std::int64_t MonotonicMs();

}  // namespace wombat
