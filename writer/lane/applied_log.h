// Remembers which mutations were applied, across the writer's death.                          design.md, invariant 2.
//
// A mutation that a worker sends again must be answered when it was applied and done when it was not, and the two differ
// only by whether one COMMIT happened before the writer died. The log is in the shared page; its protocol:
//
//   1. the group's mutations are entered behind `committed`, invisible yet;
//   2. `before` takes the state of the WAL (frame count, checksum, salts as its index tells them), `pending` the new end;
//   3. COMMIT;
//   4. `committed` = `pending`.
//
// A writer that finds `pending` ahead of `committed` compares the WAL with `before`: only the lane ever commits, so the WAL
// has moved on exactly if step 3 happened. (A WAL that was begun anew without a commit in it has no frames: not moved on.)
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "common/base/result.h"
#include "common/base/shared_page.h"
#include "common/db/sqlite.h"

namespace wombat {

class AppliedLog {
 public:
  // A group's mutations at most. Entering them overwrites as many of the ring's oldest entries, whether or not the group is
  // committed afterwards, so those count as forgotten beforehand.
  static constexpr std::size_t kGroupEntries = 1024;
  static constexpr std::size_t kRemembered = kAppliedEntries - kGroupEntries;

  explicit AppliedLog(AppliedRegion& region) : region_(region) {}

  // Settles what an earlier writer left. `database_path`: data.db, opened by `connection` already. Its WAL index is kept
  // open until the process ends: closing it would drop SQLite's own locks on it.
  Result<void> Open(Connection& connection, const std::string& database_path);

  bool Contains(std::uint64_t incarnation, std::uint64_t sequence) const;
  // At most kGroupEntries times between two of the calls below.
  void Add(std::uint64_t incarnation, std::uint64_t sequence);

  // Around the COMMIT of the mutations added since the last group.
  Result<void> BeforeCommit();
  void Committed();
  void RolledBack();

 private:
  struct EntryHash {
    std::size_t operator()(const AppliedRegion::Entry& entry) const {
      return std::size_t(entry.incarnation * 0x9e3779b97f4a7c15ull ^ entry.sequence);
    }
  };
  struct EntryEqual {
    bool operator()(const AppliedRegion::Entry& a, const AppliedRegion::Entry& b) const {
      return a.incarnation == b.incarnation && a.sequence == b.sequence;
    }
  };
  Result<AppliedRegion::DatabaseState> ReadState() const;
  // The entries below `end` that no uncommitted group has overwritten.
  static std::uint64_t FirstRemembered(std::uint64_t end) { return end > kRemembered ? end - kRemembered : 0; }
  AppliedRegion::Entry& At(std::uint64_t position) { return region_.entries[position % kAppliedEntries]; }

  AppliedRegion& region_;
  int wal_index_ = -1;
  std::uint64_t added_ = 0;                                           // of the group that is gathering
  std::unordered_set<AppliedRegion::Entry, EntryHash, EntryEqual> earlier_;   // by the writers before this one
  std::unordered_map<std::uint64_t, std::uint64_t> last_of_;          // by this one: the highest of each incarnation
};

}  // namespace wombat
