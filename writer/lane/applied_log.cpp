#include "writer/lane/applied_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace wombat {
namespace {

// The start of the WAL index, as SQLite documents it ("The WAL-Index File Format"): 32-bit values in native order.
constexpr std::size_t kIndexWords = 12;
constexpr std::size_t kFrames = 4, kChecksum = 6, kSalt = 8;

}  // namespace

Result<AppliedRegion::DatabaseState> AppliedLog::ReadState() const {
  std::uint32_t words[kIndexWords];
  if (::pread(wal_index_, words, sizeof words, 0) != ssize_t(sizeof words)) return Fail("the WAL index cannot be read");
  return AppliedRegion::DatabaseState{words[kFrames], {words[kChecksum], words[kChecksum + 1]}, {words[kSalt], words[kSalt + 1]}};
}

Result<void> AppliedLog::Open(Connection& connection, const std::string& database_path) {
  // A first read makes SQLite recover the index where an earlier writer left it half written.
  if (auto read = connection.QueryValue("SELECT 1 FROM sqlite_master LIMIT 1"); !read) return std::unexpected(read.error());
  wal_index_ = ::open((database_path + "-shm").c_str(), O_RDONLY | O_CLOEXEC);
  if (wal_index_ < 0) return Fail("the WAL index cannot be opened: " + std::string(std::strerror(errno)));
  std::uint64_t committed = region_.committed.load(), pending = region_.pending.load();
  if (pending > committed) {
    auto now = ReadState();
    if (!now) return std::unexpected(now.error());
    if (now->frames > 0 && !(*now == region_.before)) committed = pending;
    region_.committed.store(committed);
    region_.pending.store(committed);
  }
  for (std::uint64_t i = FirstRemembered(committed); i < committed; i++) earlier_.insert(At(i));
  return {};
}

bool AppliedLog::Contains(std::uint64_t incarnation, std::uint64_t sequence) const {
  if (!earlier_.empty() && earlier_.contains({incarnation, sequence})) return true;
  auto last = last_of_.find(incarnation);
  if (last == last_of_.end() || sequence > last->second) return false;
  // A worker that connected again to a living writer: rare, so it is looked up the slow way.
  const std::uint64_t committed = region_.committed.load();
  for (std::uint64_t i = FirstRemembered(committed); i < committed + added_; i++) {
    const auto& entry = region_.entries[i % kAppliedEntries];
    if (entry.incarnation == incarnation && entry.sequence == sequence) return true;
  }
  return false;
}

void AppliedLog::Add(std::uint64_t incarnation, std::uint64_t sequence) {
  assert(added_ < kGroupEntries);
  At(region_.committed.load(std::memory_order_relaxed) + added_++) = {incarnation, sequence};
  auto& last = last_of_[incarnation];
  last = std::max(last, sequence);
}

Result<void> AppliedLog::BeforeCommit() {
  if (added_ == 0 || wal_index_ < 0) return {};
  auto state = ReadState();
  if (!state) return std::unexpected(state.error());
  region_.before = *state;
  region_.pending.store(region_.committed.load(std::memory_order_relaxed) + added_, std::memory_order_release);
  return {};
}

void AppliedLog::Committed() {
  region_.committed.fetch_add(added_, std::memory_order_release);
  region_.pending.store(region_.committed.load(), std::memory_order_release);
  added_ = 0;
}

void AppliedLog::RolledBack() {
  region_.pending.store(region_.committed.load(), std::memory_order_release);
  added_ = 0;
}

}  // namespace wombat
