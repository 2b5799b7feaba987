// The request and application log, kept beside the commit lane in auxiliary.db.          Behaviour: spec 06 §15, 05 §5.
//
// Append only copies into a bounded queue; one thread of lower priority writes the rows, purges old ones and
// checkpoints that database. Nothing here ever makes the lane or a worker wait for the disk. A row that cannot be
// written (disk full) is dropped and counted in SharedPage::dropped_log_entries; the thread goes on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "common/base/shared_page.h"
#include "common/base/time.h"
#include "common/db/sqlite.h"
#include "common/settings/settings.h"
#include "writer/jobs/log_queue.h"

namespace wombat {

class LogTable;

struct LogEntry {
  int level = 0;  // -4 debug, 0 info, 4 warn, 8 error; others allowed
  std::string message;
  std::string data_json;  // an object with sorted keys
  std::string created;    // common/base/time.h
};

class LogStore {
 public:
  struct Options {
    std::size_t flush_entries = 200;             // queued entries that are written at once
    std::chrono::milliseconds idle_flush{3000};  // after the last entry
    std::chrono::milliseconds min_pause{400};    // between two flushes while entries keep coming …
    std::size_t burst_entries = 8192;            // … unless that many wait; also the most in one transaction
    std::size_t queue_bytes = 64u << 20;
    std::size_t chunk_bytes = 64u << 10;
    int niceness = 10;
  };

  // `connection`: auxiliary.db as bootstrapped; from now on it belongs to the store's thread. Rows that `settings` do
  // not want are purged in the background.
  LogStore(std::unique_ptr<Connection> connection, const Settings& settings, SharedPage& page, const Options& options);
  LogStore(std::unique_ptr<Connection> connection, const Settings& settings, SharedPage& page);
  ~LogStore();
  LogStore(const LogStore&) = delete;
  LogStore& operator=(const LogStore&) = delete;

  // Any thread; the views need to live only during the call. Entries below the minimal level are ignored, and all while
  // maxDays is 0.
  void Append(const LogEntryView& entry) { Append(std::span(&entry, 1)); }
  void Append(std::span<const LogEntryView> entries);
  void Append(std::span<const LogEntry> entries);

  // New limits; purges what they no longer cover, like every settings load (05 §5.4).
  void Update(const Settings& settings);

  // Deletes in the background what is older than the settings want. Any thread.
  void PurgeSoon();
  // Moves all of the WAL back into the database, and cuts it. Any thread.
  void OptimizeSoon();

  // Returns once everything that was appended before is stored or dropped.
  void Flush();
  // Writes what is queued, ends the thread and closes the database. Idempotent.
  void Stop();

 private:
  enum class Purge { kNone, kByAge, kByAgeAndLevel };
  using Clock = std::chrono::steady_clock;

  void PushLocked(const LogEntryView& entry);
  void WakeIfDueLocked();
  void ThreadMain();
  void WaitForWork(std::unique_lock<std::mutex>& lock);
  bool ReleaseMemoryIfIdle(std::unique_lock<std::mutex>& lock);
  Clock::time_point NextFlushLocked() const;
  bool FlushDueLocked() const;
  void FlushQueued(std::unique_lock<std::mutex>& lock);
  void Write(std::vector<LogChunk>& chunks);
  void PurgeSome(std::unique_lock<std::mutex>& lock);
  void Optimize(std::unique_lock<std::mutex>& lock);

  const Options options_;
  SharedPage& page_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable flushed_;
  LogQueue queue_;
  std::size_t wake_at_ = 1;  // queued entries at which the thread wants to be woken
  Clock::time_point last_append_{};
  Clock::time_point last_flush_{};
  bool holds_pages_ = false;                       // the table's page cache is in use
  std::int64_t max_days_ = 0;
  int min_level_ = 0;
  Purge requested_purge_ = Purge::kNone;
  bool requested_optimize_ = false;
  std::uint64_t flush_requests_ = 0;
  std::uint64_t flushes_served_ = 0;
  bool stopping_ = false;

  std::unique_ptr<LogTable> table_;  // the thread's own
  bool failing_ = false;             // the thread's own: the last write failed and was reported
  std::thread thread_;
};

}  // namespace wombat
