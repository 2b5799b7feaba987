#include "writer/bootstrap/fresh_directory.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "common/base/random.h"
#include "common/base/unique_fd.h"
#include "common/db/sqlite.h"
#include "common/settings/settings.h"
#include "writer/bootstrap/migrations.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> SystemError(const std::string& what, const fs::path& path) {
  const int code = errno;
  return Fail("failed to " + what + " " + path.string() + ": " + std::strerror(code),
              code == ENOSPC || code == EROFS || code == EDQUOT ? Error::Kind::kDiskFull : Error::Kind::kGeneric);
}

Result<void> Sync(const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return SystemError("sync", path);
  return {};
}

// A file that appeared meanwhile wins: it is a whole database of somebody else.
Result<void> MoveIntoPlace(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 || errno == EEXIST) return {};
  const bool unsupported = errno == EINVAL || errno == ENOSYS;
  if (!unsupported || ::rename(from.c_str(), to.c_str()) != 0) return SystemError("create", to);
  return {};
}

// A log of a database that is gone would be taken for one of the new database.
void RemoveStaleLog(const fs::path& database) {
  std::error_code ignored;
  for (const char* suffix : {"-wal", "-shm", "-journal"}) fs::remove(database.string() + suffix, ignored);
}

struct NewDatabases {
  fs::path data, auxiliary;  // `auxiliary` may be the existing one
  bool new_auxiliary = true;
};

// Turning a database to WAL mode syncs several times, and a Connection does it before it can be told not to sync.
Result<void> CreateEmptyInWalMode(const fs::path& path) {
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code == SQLITE_OK) {
    code = sqlite3_exec(handle, "PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
  }
  sqlite3_close_v2(handle);
  if (code != SQLITE_OK) return Fail("failed to create " + path.string() + ": " + sqlite3_errstr(code));
  return {};
}

// Closing the connections moves everything from their WALs into the files.
Result<void> Fill(const NewDatabases& files, const std::string& encryption_env) {
  if (auto created = CreateEmptyInWalMode(files.data); !created) return created;
  if (files.new_auxiliary) {
    if (auto created = CreateEmptyInWalMode(files.auxiliary); !created) return created;
  }
  auto data = Connection::Open(files.data.string(), {.mode = Connection::Mode::kWriter, .create = true, .sync = false});
  if (!data) return std::unexpected(data.error());
  auto auxiliary = Connection::Open(
      files.auxiliary.string(), {.mode = Connection::Mode::kAuxiliary, .create = true, .sync = !files.new_auxiliary});
  if (!auxiliary) return std::unexpected(auxiliary.error());
  if (auto migrated = RunSystemMigrations(**data, **auxiliary); !migrated) return migrated;
  return StoreSettings(**data, Settings(), encryption_env);
}

Result<void> Publish(const NewDatabases& files, const fs::path& root) {
  if (files.new_auxiliary) {
    RemoveStaleLog(root / kAuxiliaryFile);
    if (auto synced = Sync(files.auxiliary); !synced) return synced;
    if (auto moved = MoveIntoPlace(files.auxiliary, root / kAuxiliaryFile); !moved) return moved;
  }
  RemoveStaleLog(root / kDataFile);
  if (auto synced = Sync(files.data); !synced) return synced;
  if (auto moved = MoveIntoPlace(files.data, root / kDataFile); !moved) return moved;
  if (auto synced = Sync(root); !synced) return synced;
  const fs::path parent = fs::absolute(root).lexically_normal().parent_path();
  return Sync(parent);
}

}  // namespace

Result<void> CreateDatabasesIfMissing(const fs::path& root, const fs::path& scratch,
                                      const std::string& encryption_env) {
  std::error_code error;
  if (fs::exists(root / kDataFile, error)) return {};
  const fs::path building = scratch / ("new_" + RandomText(10));
  fs::create_directories(building, error);
  if (error) return Fail("failed to create " + building.string() + ": " + error.message());

  NewDatabases files{building / kDataFile, building / kAuxiliaryFile, true};
  if (fs::exists(root / kAuxiliaryFile, error)) {
    files.auxiliary = root / kAuxiliaryFile;
    files.new_auxiliary = false;
  }
  auto done = Fill(files, encryption_env);
  if (done) done = Publish(files, root);
  fs::remove_all(scratch, error);
  return done;
}

}  // namespace wombat
