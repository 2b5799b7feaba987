#include "common/db/merging_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

namespace wombat {
namespace {

constexpr const char* kName = "wombat-merging";
constexpr sqlite3_int64 kWalHeaderBytes = 32;
constexpr int kFrameHeaderBytes = 24;

sqlite3_vfs* g_system = nullptr;

// One open WAL. SQLite allocates it raw, with the system's file right behind it.
struct WalFile {
  sqlite3_file base;
  sqlite3_int64 start;             // offset in the file of the first byte held
  std::vector<char>* held;
  bool ends_transaction;           // the last frame header said so; its page is what comes next
};

sqlite3_file* System(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<WalFile*>(file) + 1); }
WalFile& Wal(sqlite3_file* file) { return *reinterpret_cast<WalFile*>(file); }

// What cannot be written stays held: a later call tries again, so that the file never lacks what SQLite believes written.
int PassOn(sqlite3_file* file) {
  WalFile& wal = Wal(file);
  if (wal.held->empty()) return SQLITE_OK;
  const int code = System(file)->pMethods->xWrite(System(file), wal.held->data(), int(wal.held->size()), wal.start);
  if (code == SQLITE_OK) wal.held->clear();
  return code;
}

bool IsCommitFrameHeader(const void* data, int amount, sqlite3_int64 offset) {
  // Bytes 4-7: the size of the database after the commit, 0 in all other frames.
  static constexpr char kNoCommit[4] = {};
  return amount == kFrameHeaderBytes && offset >= kWalHeaderBytes &&
         std::memcmp(static_cast<const char*>(data) + 4, kNoCommit, sizeof kNoCommit) != 0;
}

int Write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  WalFile& wal = Wal(file);
  const auto held = sqlite3_int64(wal.held->size());
  if (held > 0 && (offset != wal.start + held || std::size_t(held + amount) > kMergedBytes)) {
    if (const int code = PassOn(file); code != SQLITE_OK) return code;
  }
  if (wal.held->empty()) wal.start = offset;
  try {
    const char* bytes = static_cast<const char*>(data);
    wal.held->insert(wal.held->end(), bytes, bytes + amount);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  const bool complete = wal.ends_transaction && amount != kFrameHeaderBytes;
  wal.ends_transaction = IsCommitFrameHeader(data, amount, offset);
  return complete ? PassOn(file) : SQLITE_OK;
}

int Read(sqlite3_file* file, void* data, int amount, sqlite3_int64 offset) {
  WalFile& wal = Wal(file);
  const auto held_end = wal.start + sqlite3_int64(wal.held->size());
  if (!wal.held->empty() && offset < held_end && offset + amount > wal.start) {
    if (const int code = PassOn(file); code != SQLITE_OK) return code;
  }
  return System(file)->pMethods->xRead(System(file), data, amount, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = PassOn(file); code != SQLITE_OK) return code;
  return System(file)->pMethods->xTruncate(System(file), size);
}

int Sync(sqlite3_file* file, int flags) {
  if (const int code = PassOn(file); code != SQLITE_OK) return code;
  return System(file)->pMethods->xSync(System(file), flags);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  if (const int code = PassOn(file); code != SQLITE_OK) return code;
  return System(file)->pMethods->xFileSize(System(file), size);
}

int Close(sqlite3_file* file) {
  const int written = PassOn(file);
  delete Wal(file).held;
  const int closed = System(file)->pMethods->xClose(System(file));
  return written != SQLITE_OK ? written : closed;
}

int Lock(sqlite3_file* file, int level) { return System(file)->pMethods->xLock(System(file), level); }
int Unlock(sqlite3_file* file, int level) { return System(file)->pMethods->xUnlock(System(file), level); }
int CheckReserved(sqlite3_file* file, int* out) { return System(file)->pMethods->xCheckReservedLock(System(file), out); }
int Control(sqlite3_file* file, int op, void* arg) { return System(file)->pMethods->xFileControl(System(file), op, arg); }
int SectorSize(sqlite3_file* file) { return System(file)->pMethods->xSectorSize(System(file)); }
int Characteristics(sqlite3_file* file) { return System(file)->pMethods->xDeviceCharacteristics(System(file)); }

// Version 1: a WAL needs neither shared memory nor mapping; both belong to the database file, which passes through.
constexpr sqlite3_io_methods kWalMethods = {
    .iVersion = 1,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReserved,
    .xFileControl = Control,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = Characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  if (!(flags & SQLITE_OPEN_WAL)) return g_system->xOpen(g_system, name, file, flags, flags_out);
  auto* held = new (std::nothrow) std::vector<char>();
  if (!held) return SQLITE_NOMEM;
  WalFile& wal = *new (file) WalFile{{nullptr}, 0, held, false};
  const int code = g_system->xOpen(g_system, name, System(file), flags, flags_out);
  if (code != SQLITE_OK) {
    if (System(file)->pMethods) System(file)->pMethods->xClose(System(file));
    delete held;
    return code;
  }
  wal.base.pMethods = &kWalMethods;
  return SQLITE_OK;
}

}  // namespace

const char* MergingVfsName() {
  static sqlite3_vfs vfs;
  if (vfs.zName) return vfs.zName;
  g_system = sqlite3_vfs_find(nullptr);
  if (!g_system) return nullptr;
  vfs = *g_system;                 // everything but opening is the system's, under its own `pAppData`
  vfs.pNext = nullptr;
  vfs.zName = kName;
  vfs.szOsFile = int(sizeof(WalFile)) + g_system->szOsFile;
  vfs.xOpen = Open;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
    vfs.zName = nullptr;
    return nullptr;
  }
  return vfs.zName;
}

}  // namespace wombat
