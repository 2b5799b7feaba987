#include "writer/bootstrap/bootstrap.h"

#include <filesystem>

#include "writer/bootstrap/fresh_directory.h"
#include "writer/bootstrap/legacy.h"
#include "writer/bootstrap/migrations.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScratch = ".pb_temp_to_delete";
constexpr const char* kNotify = ".notify";

Result<std::unique_ptr<Connection>> Open(const fs::path& path, Connection::Mode mode) {
  // Taken as it is needed and given back when nothing is to be written for a moment (CommitLane, LogStore). Pages that fall
  // out of here are in the kernel's cache still, which all processes share.
  const int cache_kib = mode == Connection::Mode::kWriter ? 16000 : 8000;
  auto connection = Connection::Open(path.string(), {.mode = mode, .cache_kib = cache_kib, .create = true});
  if (!connection) {
    return Fail("failed to open " + path.filename().string() + ": " + connection.error().message,
                connection.error().kind);
  }
  return connection;
}

Result<void> MakeDirectory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return Fail("failed to create " + path.string() + ": " + error.message());
  return {};
}

// After the migrations of the data database every prepared statement is stale.
Result<void> Load(DataDirectory& directory, const std::string& encryption_env) {
  directory.data->ClearCache();
  auto schema = LoadSchema(*directory.data, 0);
  if (!schema) return std::unexpected(schema.error());
  directory.schema = std::move(*schema);
  auto settings = LoadSettings(*directory.data, encryption_env);
  if (!settings) return std::unexpected(settings.error());
  directory.settings = std::move(*settings);
  if (SettingsRowExists(*directory.data)) return {};
  return StoreSettings(*directory.data, directory.settings, encryption_env);
}

}  // namespace

Result<DataDirectory> Bootstrap(const BootstrapOptions& options) {
  const fs::path root(options.data_dir);
  const fs::path scratch = root / kScratch;
  if (auto made = MakeDirectory(root); !made) return std::unexpected(made.error());
  if (auto supported = RefuseLegacyDirectory(root, scratch); !supported) return std::unexpected(supported.error());
  if (auto created = CreateDatabasesIfMissing(root, scratch, options.encryption_env); !created) {
    return std::unexpected(created.error());
  }

  DataDirectory directory;
  auto data = Open(root / kDataFile, Connection::Mode::kWriter);
  if (!data) return std::unexpected(data.error());
  directory.data = std::move(*data);
  auto auxiliary = Open(root / kAuxiliaryFile, Connection::Mode::kAuxiliary);
  if (!auxiliary) return std::unexpected(auxiliary.error());
  directory.auxiliary = std::move(*auxiliary);

  if (auto migrated = RunSystemMigrations(*directory.data, *directory.auxiliary); !migrated) {
    return std::unexpected(migrated.error());
  }
  if (auto loaded = Load(directory, options.encryption_env); !loaded) return std::unexpected(loaded.error());

  std::error_code ignored;  // scratch of an interrupted backup; what cannot be removed now can later
  fs::remove_all(scratch, ignored);
  if (auto made = MakeDirectory(root / kNotify); !made) return std::unexpected(made.error());
  return directory;
}

}  // namespace wombat
