#include "writer/jobs/log_store.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <limits>

#include "writer/jobs/log_table.h"

namespace wombat {
namespace {

constexpr auto kKeepPages = std::chrono::seconds(1);     // after the last flush
constexpr auto kLongestSleep = std::chrono::hours(1);     // nothing is due, as far as is known

std::string CreatedUntil(std::int64_t max_days) {
  constexpr std::int64_t kMostDays = 700'000;  // before the year 200: covers nothing, and cannot overflow
  return FormatTimestamp(Now() - std::chrono::days(std::min(max_days, kMostDays)));
}

}  // namespace

LogStore::LogStore(std::unique_ptr<Connection> connection, const Settings& settings, SharedPage& page)
    : LogStore(std::move(connection), settings, page, Options()) {}

LogStore::LogStore(std::unique_ptr<Connection> connection, const Settings& settings, SharedPage& page,
                   const Options& options)
    : options_(options),
      page_(page),
      queue_(options.queue_bytes, options.chunk_bytes),
      max_days_(settings.logs.max_days),
      min_level_(settings.logs.min_level),
      requested_purge_(Purge::kByAgeAndLevel),
      table_(std::make_unique<LogTable>(std::move(connection))) {
  // Signals are for the process's own loop; a thread inherits the mask of its creator.
  sigset_t all;
  sigset_t previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  thread_ = std::thread([this] { ThreadMain(); });
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

LogStore::~LogStore() { Stop(); }

void LogStore::PushLocked(const LogEntryView& entry) {
  if (max_days_ <= 0 || entry.level < min_level_) return;
  if (const std::size_t dropped = queue_.Push(entry); dropped > 0) {
    page_.dropped_log_entries.fetch_add(dropped, std::memory_order_relaxed);
  }
}

void LogStore::WakeIfDueLocked() {
  last_append_ = Clock::now();
  if (queue_.size() < wake_at_) return;
  wake_at_ = std::numeric_limits<std::size_t>::max();  // once; the thread says anew when it waits again
  work_.notify_one();
}

void LogStore::Append(std::span<const LogEntryView> entries) {
  const std::lock_guard lock(mutex_);
  for (const LogEntryView& entry : entries) PushLocked(entry);
  WakeIfDueLocked();
}

void LogStore::Append(std::span<const LogEntry> entries) {
  const std::lock_guard lock(mutex_);
  for (const LogEntry& entry : entries) PushLocked({entry.level, entry.message, entry.data_json, entry.created});
  WakeIfDueLocked();
}

void LogStore::Update(const Settings& settings) {
  const std::lock_guard lock(mutex_);
  max_days_ = settings.logs.max_days;
  min_level_ = settings.logs.min_level;
  requested_purge_ = Purge::kByAgeAndLevel;
  work_.notify_one();
}

void LogStore::PurgeSoon() {
  const std::lock_guard lock(mutex_);
  if (requested_purge_ == Purge::kNone) requested_purge_ = Purge::kByAge;
  work_.notify_one();
}

void LogStore::OptimizeSoon() {
  const std::lock_guard lock(mutex_);
  requested_optimize_ = true;
  work_.notify_one();
}

void LogStore::Flush() {
  std::unique_lock lock(mutex_);
  if (stopping_) return;
  const std::uint64_t request = ++flush_requests_;
  work_.notify_one();
  flushed_.wait(lock, [&] { return flushes_served_ >= request; });
}

void LogStore::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    work_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  table_.reset();
}

void LogStore::ThreadMain() {
  // Best effort: without the right to change it the thread merely competes like any other.
  (void)setpriority(PRIO_PROCESS, id_t(gettid()), options_.niceness);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    WaitForWork(lock);
    FlushQueued(lock);
    PurgeSome(lock);
    Optimize(lock);
  }
  FlushQueued(lock);
}

LogStore::Clock::time_point LogStore::NextFlushLocked() const {
  if (queue_.size() == 0) return Clock::time_point::max();
  if (queue_.size() >= options_.burst_entries) return Clock::time_point::min();
  if (queue_.size() >= options_.flush_entries) return last_flush_ + options_.min_pause;
  return last_append_ + options_.idle_flush;
}

bool LogStore::FlushDueLocked() const {
  return stopping_ || flush_requests_ != flushes_served_ || Clock::now() >= NextFlushLocked();
}

void LogStore::WaitForWork(std::unique_lock<std::mutex>& lock) {
  while (!FlushDueLocked() && requested_purge_ == Purge::kNone && !requested_optimize_ && !table_->purging()) {
    if (queue_.size() == 0) {
      wake_at_ = 1;
    } else {
      wake_at_ = queue_.size() < options_.flush_entries ? options_.flush_entries : options_.burst_entries;
    }
    if (ReleaseMemoryIfIdle(lock)) continue;
    const auto now = Clock::now();
    auto longest = now + kLongestSleep;
    if (holds_pages_ && queue_.size() == 0) longest = std::min(longest, last_flush_ + kKeepPages);
    work_.wait_until(lock, std::min(longest, NextFlushLocked()));
  }
}

// True: the lock was given up meanwhile.
bool LogStore::ReleaseMemoryIfIdle(std::unique_lock<std::mutex>& lock) {
  if (!holds_pages_ || queue_.size() > 0 || Clock::now() < last_flush_ + kKeepPages) return false;
  holds_pages_ = false;
  lock.unlock();
  table_->ReleaseMemory();
  malloc_trim(0);
  lock.lock();
  return true;
}

void LogStore::FlushQueued(std::unique_lock<std::mutex>& lock) {
  if (!FlushDueLocked()) return;
  const std::uint64_t requested = flush_requests_;
  // What arrives meanwhile belongs to the next flush, unless there will be none.
  std::size_t remaining = queue_.size();
  while (remaining > 0 || (stopping_ && queue_.size() > 0)) {
    std::vector<LogChunk> chunks = queue_.Take(options_.burst_entries);
    std::size_t entries = 0;
    for (const LogChunk& chunk : chunks) entries += chunk.size();
    remaining -= std::min(remaining, entries);
    lock.unlock();
    Write(chunks);
    lock.lock();
    queue_.Recycle(std::move(chunks));
    if (queue_.size() == 0) break;
  }
  last_flush_ = Clock::now();
  holds_pages_ = true;
  flushes_served_ = requested;
  flushed_.notify_all();
}

void LogStore::Write(std::vector<LogChunk>& chunks) {
  const auto written = table_->Insert(chunks);
  table_->CheckpointIfDue();
  if (written) {
    failing_ = false;
    return;
  }
  std::size_t lost = 0;
  for (const LogChunk& chunk : chunks) lost += chunk.size();
  page_.dropped_log_entries.fetch_add(lost, std::memory_order_relaxed);
  if (!failing_) std::fprintf(stderr, "Failed to write log entries: %s\n", written.error().message.c_str());
  failing_ = true;  // said once, not for every batch while the disk is full
}

void LogStore::Optimize(std::unique_lock<std::mutex>& lock) {
  if (!std::exchange(requested_optimize_, false) || stopping_) return;
  lock.unlock();
  table_->Checkpoint();
  lock.lock();
}

void LogStore::PurgeSome(std::unique_lock<std::mutex>& lock) {
  const Purge requested = std::exchange(requested_purge_, Purge::kNone);
  const std::int64_t max_days = max_days_;
  const int min_level = min_level_;
  if (stopping_) return;
  lock.unlock();
  if (requested != Purge::kNone) {
    const bool from_settings = requested == Purge::kByAgeAndLevel;
    table_->StartPurge(CreatedUntil(max_days), from_settings ? &min_level : nullptr, from_settings && max_days == 0);
  }
  if (table_->purging()) {
    if (const auto purged = table_->PurgeSome(); !purged) {
      std::fprintf(stderr, "Failed to delete old logs: %s\n", purged.error().message.c_str());
    }
    table_->CheckpointIfDue();
  }
  lock.lock();
}

}  // namespace wombat
