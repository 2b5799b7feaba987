// The files of records, as far as the writer has to do with them: gone when no record needs them any more.
//                                                                     Behaviour: spec 05 §2.5, 01 §2.8, §2.12; writer/README.md.
//
// Deleting is no part of a transaction, so it follows the COMMIT, and what is to be deleted is noted before it: a writer that
// dies in between leaves the note to the next one. All calls are the lane's; what takes long runs on a thread of its own,
// which is started with the first job. Files in a bucket are the BucketKeeper's: the lane never waits for a network, but for
// the one upload whose record gets another id from a hook.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/db/sqlite.h"
#include "common/schema/schema.h"
#include "common/storage/file_journal.h"
#include "common/settings/settings.h"
#include "common/storage/storages.h"
#include "writer/jobs/bucket_keeper.h"

namespace wombat {

class FileKeeper {
 public:
  explicit FileKeeper(std::string data_dir);
  ~FileKeeper();     // finishes what is queued
  FileKeeper(const FileKeeper&) = delete;
  FileKeeper& operator=(const FileKeeper&) = delete;

  // They say where files are from now on. Without a call they are in the data directory.
  void Follow(const Settings& settings);

  // ---- what a worker has put into the storage for a mutation
  // False: it was taken away again meanwhile, which can only be where folders are put aside.
  bool StillThere(std::string_view key);
  Result<void> Move(std::string_view from, std::string_view to);
  void Discard(std::string key);

  // ---- around a COMMIT: Note, then Remove when it succeeded or Forget when it did not.
  // `removed`: files, and prefixes of records and collections that are deleted. `placed`: files that stay, even below those.
  void Note(std::vector<std::string> removed, const std::vector<std::string>& placed);
  void Remove();
  void Forget();

  // What processes that are gone have left, by what `db` says. Outside a transaction.
  void Sweep(Connection& db, const Schema& schema);
  // Any thread: a process has gone, perhaps with files under way. When it left any, `submit` is called, on another thread,
  // and shall see to it that Sweep runs behind every mutation of that process.
  void SweepSoon(std::function<void()> submit);

 private:
  void ListBut(const std::vector<std::string>& placed);
  void Queue(std::function<void()> job);
  void ThreadMain();

  std::string data_dir_;
  Storages storages_;
  std::shared_ptr<Storage> storage_;         // where files are now
  FileJournal journal_;
  BucketKeeper bucket_;
  std::vector<std::string> noted_;
  std::vector<std::string> removed_here_;    // of folders that stay: on this thread, as names come there again
  std::optional<std::uint64_t> note_;

  std::atomic<bool> sweep_queued_{false};
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace wombat
