#include "writer/bootstrap/legacy.h"

#include <sqlite3.h>

#include <cctype>
#include <memory>
#include <string>

#include "common/base/random.h"
#include "writer/bootstrap/fresh_directory.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

enum class Age { kUnknown, kSupported, kLegacy };

using Handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)>;

// Not a Connection: those set pragmas that write.
Handle OpenUntouched(const fs::path& path, bool immutable) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const unsigned char c : fs::absolute(path).string()) {
    if (std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_') {
      uri += char(c);
    } else {
      uri += {'%', kHex[c >> 4], kHex[c & 15]};
    }
  }
  if (immutable) uri += "?immutable=1";
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  Handle owned(handle, &sqlite3_close_v2);
  if (code != SQLITE_OK) return {nullptr, &sqlite3_close_v2};
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return owned;
}

// A statement that does not compile (no such table) finds nothing.
bool Finds(sqlite3* handle, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const bool found =
      sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
  sqlite3_finalize(statement);
  return found;
}

Age AgeOf(const fs::path& database, bool immutable) {
  const Handle handle = OpenUntouched(database, immutable);
  if (!handle) return Age::kUnknown;
  if (Finds(handle.get(), "SELECT 1 FROM `_migrations` WHERE `file` = '1717233556_v0.23_migrate.go'")) {
    return Age::kSupported;
  }
  for (const char* sign : {"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_admins'",
                           "SELECT 1 FROM pragma_table_info('_collections') WHERE name = 'schema'",
                           "SELECT 1 FROM pragma_table_info('_params') WHERE name = 'key'"}) {
    if (Finds(handle.get(), sign)) return Age::kLegacy;
  }
  return Age::kUnknown;
}

bool HasLog(const fs::path& database) {
  std::error_code error;
  const auto bytes = fs::file_size(database.string() + "-wal", error);
  return !error && bytes > 0;
}

// Reading through a WAL writes to its index and may write the log's own files, so that happens beside the directory's
// files: on a second name of the database and a copy of the log.
Age AgeThroughLog(const fs::path& database, const fs::path& scratch) {
  std::error_code error;
  const bool had_scratch = fs::exists(scratch, error);
  const fs::path beside = scratch / ("look_" + RandomText(10));
  fs::create_directories(beside, error);
  fs::create_hard_link(database, beside / kDataFile, error);
  if (error) fs::copy_file(database, beside / kDataFile, error);
  const fs::path log = (beside / kDataFile).string() + "-wal";
  if (!error) fs::copy_file(database.string() + "-wal", log, error);
  const Age age = error ? Age::kUnknown : AgeOf(beside / kDataFile, false);
  fs::remove_all(had_scratch ? beside : scratch, error);
  return age;
}

}  // namespace

Result<void> RefuseLegacyDirectory(const fs::path& root, const fs::path& scratch) {
  const fs::path database = root / kDataFile;
  std::error_code error;
  if (const auto bytes = fs::file_size(database, error); error || bytes == 0) return {};
  Age age = AgeOf(database, true);
  if (age != Age::kSupported && HasLog(database)) age = AgeThroughLog(database, scratch);
  if (age != Age::kLegacy) return {};
  return Fail(
      "the data directory was created by PocketBase < v0.23; start it once with a PocketBase v0.23..v0.39 executable "
      "to "
      "upgrade it and then try again");
}

}  // namespace wombat
