// Deletes from a bucket what no record needs any more.             Behaviour: spec 05 §2.5, §2.6; writer/README.md.
//
// A bucket cannot put a folder aside in one step, and its network must not hold up the lane. So everything is done on a thread
// of its own, behind the commit that made it unneeded, and each object is looked up before it goes: what a record holds by
// then stays, and what some worker has just noted, whose mutation is still to come. What fails is tried again, less and less
// often; the notes of what is left at the end are the next writer's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/db/sqlite.h"
#include "common/storage/file_journal.h"
#include "common/storage/storage.h"

namespace wombat {

class BucketKeeper {
 public:
  BucketKeeper(std::string data_dir, FileJournal& journal) : data_dir_(std::move(data_dir)), journal_(journal) {}
  ~BucketKeeper();     // gives what is queued a moment
  BucketKeeper(const BucketKeeper&) = delete;
  BucketKeeper& operator=(const BucketKeeper&) = delete;

  // Files, and prefixes of records and collections. `note` ends when all of them are done. Any thread.
  void Remove(std::shared_ptr<Storage> bucket, std::vector<std::string> keys, std::optional<std::uint64_t> note);

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    std::shared_ptr<Storage> bucket;
    std::vector<std::string> keys;        // those that are still to be done
    std::optional<std::uint64_t> note;
    int failures = 0;
    Clock::time_point due{};
  };

  void ThreadMain();
  // Nothing: the time is over. Waits for the next one that is due.
  std::optional<Job> NextJob();
  Result<void> Work(Job& job);
  Result<void> RemoveKey(Storage& bucket, const std::string& key);
  // Takes out of `keys` what stays.
  Result<void> Spare(std::vector<std::string>& keys);

  const std::string data_dir_;
  FileJournal& journal_;
  std::unique_ptr<Connection> reader_;    // the thread's

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
  std::optional<Clock::time_point> stop_at_;
  std::thread thread_;
};

}  // namespace wombat
