#include "tests/chaos/powercut_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace wombat::powercut {
namespace {

constexpr std::uint32_t kMagic = 0x0f0fcafe;
constexpr const char* kUndoSuffix = ".undo";

struct RecordHead {
  std::uint32_t magic;
  std::uint32_t length;
  std::uint64_t offset;
  std::uint64_t size_before;
};

// SQLite allocates szOsFile bytes: this struct, then the system's own file object.
struct File {
  sqlite3_file base;
  int undo;  // -1: this file is not journaled
};

sqlite3_vfs* g_system = nullptr;
bool g_lying_disk = false;

File* Self(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(Self(file) + 1); }
const sqlite3_io_methods* Methods(sqlite3_file* file) { return Real(file)->pMethods; }

// Notes what `length` bytes from `offset` hold before they change. Must be in the journal before the change is in the
// file.
int NoteBefore(sqlite3_file* file, sqlite3_int64 offset, sqlite3_int64 length) {
  sqlite3_int64 size = 0;
  if (const int status = Methods(file)->xFileSize(Real(file), &size); status != SQLITE_OK) return status;
  const sqlite3_int64 there = std::clamp<sqlite3_int64>(size - offset, 0, length);
  std::vector<char> before(static_cast<std::size_t>(there));
  if (there > 0) {
    const int status = Methods(file)->xRead(Real(file), before.data(), static_cast<int>(there), offset);
    if (status != SQLITE_OK) return status;
  }
  RecordHead head{kMagic, static_cast<std::uint32_t>(there), static_cast<std::uint64_t>(offset),
                  static_cast<std::uint64_t>(size)};
  const iovec parts[] = {{&head, sizeof head}, {before.data(), before.size()}};
  const auto whole = static_cast<ssize_t>(sizeof head + before.size());
  return writev(Self(file)->undo, parts, 2) == whole ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int Close(sqlite3_file* file) {
  const int status = Methods(file)->xClose(Real(file));
  if (Self(file)->undo >= 0) close(Self(file)->undo);
  Self(file)->undo = -1;
  return status;
}

int Read(sqlite3_file* file, void* buffer, int length, sqlite3_int64 offset) {
  return Methods(file)->xRead(Real(file), buffer, length, offset);
}

int Write(sqlite3_file* file, const void* bytes, int length, sqlite3_int64 offset) {
  if (Self(file)->undo >= 0) {
    if (const int status = NoteBefore(file, offset, length); status != SQLITE_OK) return status;
  }
  return Methods(file)->xWrite(Real(file), bytes, length, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (Self(file)->undo >= 0) {
    sqlite3_int64 now = 0;
    if (const int status = Methods(file)->xFileSize(Real(file), &now); status != SQLITE_OK) return status;
    if (const int status = NoteBefore(file, size, std::max<sqlite3_int64>(now - size, 0)); status != SQLITE_OK)
      return status;
  }
  return Methods(file)->xTruncate(Real(file), size);
}

int Sync(sqlite3_file* file, int flags) {
  if (g_lying_disk) return SQLITE_OK;
  const int status = Methods(file)->xSync(Real(file), flags);
  if (status != SQLITE_OK || Self(file)->undo < 0) return status;
  return ftruncate(Self(file)->undo, 0) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) { return Methods(file)->xFileSize(Real(file), size); }
int Lock(sqlite3_file* file, int level) { return Methods(file)->xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) { return Methods(file)->xUnlock(Real(file), level); }
int CheckReservedLock(sqlite3_file* file, int* held) { return Methods(file)->xCheckReservedLock(Real(file), held); }
int FileControl(sqlite3_file* file, int op, void* argument) {
  return Methods(file)->xFileControl(Real(file), op, argument);
}
int SectorSize(sqlite3_file* file) { return Methods(file)->xSectorSize(Real(file)); }
int Characteristics(sqlite3_file* file) { return Methods(file)->xDeviceCharacteristics(Real(file)); }
int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  return Methods(file)->xShmMap(Real(file), region, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Methods(file)->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Methods(file)->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) { return Methods(file)->xShmUnmap(Real(file), remove); }
int Fetch(sqlite3_file* file, sqlite3_int64 offset, int length, void** memory) {
  return Methods(file)->xFetch(Real(file), offset, length, memory);
}
int Unfetch(sqlite3_file* file, sqlite3_int64 offset, void* memory) {
  return Methods(file)->xUnfetch(Real(file), offset, memory);
}

constexpr sqlite3_io_methods kMethods = {
    3,
    Close,
    Read,
    Write,
    Truncate,
    Sync,
    FileSize,
    Lock,
    Unlock,
    CheckReservedLock,
    FileControl,
    SectorSize,
    Characteristics,
    ShmMap,
    ShmLock,
    ShmBarrier,
    ShmUnmap,
    Fetch,
    Unfetch,
};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  new (file) File{{nullptr}, -1};
  std::memset(Real(file), 0, static_cast<std::size_t>(g_system->szOsFile));
  int granted = 0;
  const int status = g_system->xOpen(g_system, name, Real(file), flags, &granted);
  if (flags_out != nullptr) *flags_out = granted;
  // SQLite closes even a file that did not open when it has methods.
  if (Methods(file) != nullptr) Self(file)->base.pMethods = &kMethods;
  if (status != SQLITE_OK) return status;
  const bool journaled =
      (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0 && (granted & SQLITE_OPEN_READWRITE) != 0;
  if (!journaled || name == nullptr) return SQLITE_OK;
  Self(file)->undo = open((std::string(name) + kUndoSuffix).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  return Self(file)->undo >= 0 ? SQLITE_OK : SQLITE_CANTOPEN;
}

int Delete(sqlite3_vfs*, const char* name, int sync_directory) {
  const int status = g_system->xDelete(g_system, name, sync_directory);
  if (status == SQLITE_OK) unlink((std::string(name) + kUndoSuffix).c_str());
  return status;
}

}  // namespace

bool RegisterVfs() {
  static sqlite3_vfs vfs;
  g_system = sqlite3_vfs_find(nullptr);
  if (g_system == nullptr) return false;
  const char* lying = std::getenv("WOMBAT_TEST_NO_SYNC");
  g_lying_disk = lying != nullptr && std::strcmp(lying, "1") == 0;
  // What is not about files' contents (paths, time, randomness) is inherited as it is. Those functions take no state
  // from the VFS they are called through, but xFullPathname reads its mxPathname, which is inherited too.
  vfs = *g_system;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + g_system->szOsFile;
  vfs.zName = "powercut";
  vfs.pNext = nullptr;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK;
}

}  // namespace wombat::powercut
