// What a process is about to do to the storage, noted so that another one can clear up after its sudden death.
//
// A process notes the keys it puts files under before it writes them, and those that it deletes before the commit that makes
// them unneeded, and ends the note when all is as it should be. Whoever finds a note whose process is gone compares its keys
// with the database: what no record refers to goes. Notes are in <data dir>/.notify/files, a folder for each process, locked
// by it (flock) for as long as it lives. They are not synced: after a power cut a file may be left over, never missing.
//
// A note's file is used again for later ones: ext4 looks at every inode that was freed in the last seconds before it gives
// out one, so a file made and deleted for each upload costs more than all the rest of it.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace wombat {

// Safe on any thread. Nothing is on disk before the first note.
class FileJournal {
 public:
  explicit FileJournal(std::string data_dir);
  ~FileJournal();
  FileJournal(const FileJournal&) = delete;
  FileJournal& operator=(const FileJournal&) = delete;

  // Keys of files, and prefixes ("collection/", "collection/record/"), none of which holds a line break.
  Result<std::uint64_t> Begin(const std::vector<std::string>& keys);
  void End(std::uint64_t note);
  // Where this process's notes are; "" before the first one.
  std::string folder();

 private:
  struct Slot {
    UniqueFd file;
    std::string path;
  };

  Result<void> Open();
  Result<Slot> TakeSlot();
  void ReturnSlot(Slot slot);

  std::string parent_;
  std::mutex mutex_;
  std::string folder_;   // "" before the first note
  UniqueFd lock_;
  std::uint64_t last_ = 0, slots_ = 0;
  std::unordered_map<std::uint64_t, Slot> open_;   // by note
  std::vector<Slot> free_;
};

// The notes of one process that is gone. They stay, locked by whoever holds this, until Forget.
struct AbandonedNotes {
  std::string folder;
  UniqueFd lock;
  std::vector<std::string> keys;

  void Forget();
};
std::vector<AbandonedNotes> FindAbandonedNotes(const std::string& data_dir);

// The keys of all notes that stand at this moment, whosever they are, but those in the folder `but`.
std::vector<std::string> NotedKeys(const std::string& data_dir, const std::string& but);

}  // namespace wombat
