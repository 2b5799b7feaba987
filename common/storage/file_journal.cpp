#include "common/storage/file_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/base/random.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLock = "/lock";
// A folder gets its final name only once it is locked, so that nobody takes it for abandoned in between.
constexpr std::string_view kUnfinished = "new-";
// A note's file: one of these, then a line for each key and an empty one. Whatever follows is an older note's.
constexpr char kOpen = '+', kEnded = '-';
constexpr std::size_t kKeptSlots = 64;

std::string ParentOf(const std::string& data_dir) { return data_dir + "/.notify/files"; }

void ReadNotes(const std::string& folder, std::vector<std::string>& keys) {
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
    if (entry.path().filename() == "lock") continue;
    std::ifstream file(entry.path());
    if (file.get() != kOpen) continue;
    for (std::string key; std::getline(file, key) && !key.empty();) keys.push_back(key);
  }
}

std::unexpected<Error> SystemError(const std::string& what) {
  const bool full = errno == ENOSPC || errno == EDQUOT || errno == EROFS;
  return Fail("cannot write " + what + ": " + std::strerror(errno), full ? Error::Kind::kDiskFull : Error::Kind::kGeneric);
}

}  // namespace

FileJournal::FileJournal(std::string data_dir) : parent_(ParentOf(data_dir)) {}

FileJournal::~FileJournal() {
  if (folder_.empty()) return;
  for (const Slot& slot : free_) ::unlink(slot.path.c_str());
  // Only when nothing is noted any more: rmdir does not remove a folder that holds a note.
  ::unlink((folder_ + kLock).c_str());
  ::rmdir(folder_.c_str());
}

Result<void> FileJournal::Open() {
  if (!folder_.empty()) return {};
  std::error_code error;
  const std::string name = RandomText(20, kLowerAlphanumeric), made = parent_ + "/" + std::string(kUnfinished) + name;
  fs::create_directories(made, error);
  lock_.reset(::open((made + kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_ || ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) return SystemError(made);
  const std::string folder = parent_ + "/" + name;
  if (::rename(made.c_str(), folder.c_str()) != 0) return SystemError(folder);
  folder_ = folder;
  return {};
}

Result<FileJournal::Slot> FileJournal::TakeSlot() {
  std::lock_guard guard(mutex_);
  if (auto opened = Open(); !opened) return std::unexpected(opened.error());
  Slot slot;
  if (!free_.empty()) {
    slot = std::move(free_.back());
    free_.pop_back();
    return slot;
  }
  slot.path = folder_ + "/" + std::to_string(++slots_);
  slot.file.reset(::open(slot.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!slot.file) return SystemError(slot.path);
  return slot;
}

void FileJournal::ReturnSlot(Slot slot) {
  if (free_.size() < kKeptSlots)
    free_.push_back(std::move(slot));
  else
    ::unlink(slot.path.c_str());
}

Result<std::uint64_t> FileJournal::Begin(const std::vector<std::string>& keys) {
  auto slot = TakeSlot();
  if (!slot) return std::unexpected(slot.error());
  std::string text;
  for (const auto& key : keys) text.append(key).append("\n");
  text.append("\n");
  // It counts only once it is whole.
  const bool written = ::pwrite(slot->file.get(), text.data(), text.size(), 1) == ssize_t(text.size()) &&
                       ::pwrite(slot->file.get(), &kOpen, 1, 0) == 1;
  auto failed = written ? Result<void>() : SystemError(slot->path);
  std::lock_guard guard(mutex_);
  if (!failed) {
    ReturnSlot(std::move(*slot));
    return std::unexpected(failed.error());
  }
  open_.emplace(++last_, std::move(*slot));
  return last_;
}

void FileJournal::End(std::uint64_t note) {
  std::lock_guard guard(mutex_);
  const auto found = open_.find(note);
  if (found == open_.end()) return;
  (void)!::pwrite(found->second.file.get(), &kEnded, 1, 0);
  ReturnSlot(std::move(found->second));
  open_.erase(found);
}

std::string FileJournal::folder() {
  std::lock_guard guard(mutex_);
  return folder_;
}

void AbandonedNotes::Forget() {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  lock.reset();
}

std::vector<AbandonedNotes> FindAbandonedNotes(const std::string& data_dir) {
  std::vector<AbandonedNotes> found;
  std::error_code error;
  for (fs::directory_iterator at(ParentOf(data_dir), error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(kUnfinished)) continue;
    AbandonedNotes notes;
    notes.folder = at->path().string();
    notes.lock.reset(::open((notes.folder + kLock).c_str(), O_RDWR | O_CLOEXEC));
    if (notes.lock && ::flock(notes.lock.get(), LOCK_EX | LOCK_NB) != 0) continue;   // its process lives
    ReadNotes(notes.folder, notes.keys);
    found.push_back(std::move(notes));
  }
  return found;
}

std::vector<std::string> NotedKeys(const std::string& data_dir, const std::string& but) {
  std::vector<std::string> keys;
  std::error_code error;
  for (fs::directory_iterator at(ParentOf(data_dir), error), end; !error && at != end; at.increment(error))
    if (at->path().string() != but) ReadNotes(at->path().string(), keys);
  return keys;
}

}  // namespace wombat
