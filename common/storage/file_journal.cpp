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

std::string ParentOf(const std::string& data_dir) { return data_dir + "/.notify/files"; }

std::unexpected<Error> SystemError(const std::string& what) {
  const bool full = errno == ENOSPC || errno == EDQUOT || errno == EROFS;
  return Fail("cannot write " + what + ": " + std::strerror(errno), full ? Error::Kind::kDiskFull : Error::Kind::kGeneric);
}

}  // namespace

FileJournal::FileJournal(std::string data_dir) : parent_(ParentOf(data_dir)) {}

FileJournal::~FileJournal() {
  if (folder_.empty()) return;
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

Result<std::uint64_t> FileJournal::Begin(const std::vector<std::string>& keys) {
  std::string path;
  std::uint64_t note;
  {
    std::lock_guard guard(mutex_);
    if (auto opened = Open(); !opened) return std::unexpected(opened.error());
    note = ++last_;
    path = folder_ + "/" + std::to_string(note);
  }
  std::string text;
  for (const auto& key : keys) text.append(key).append("\n");
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return SystemError(path);
  if (::write(file.get(), text.data(), text.size()) != ssize_t(text.size())) {
    auto failed = SystemError(path);
    ::unlink(path.c_str());
    return failed;
  }
  return note;
}

void FileJournal::End(std::uint64_t note) {
  std::lock_guard guard(mutex_);
  ::unlink((folder_ + "/" + std::to_string(note)).c_str());
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
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(notes.folder, unreadable)) {
      if (entry.path().filename() == "lock") continue;
      std::ifstream file(entry.path());
      for (std::string key; std::getline(file, key);)
        if (!key.empty()) notes.keys.push_back(key);
    }
    found.push_back(std::move(notes));
  }
  return found;
}

}  // namespace wombat
