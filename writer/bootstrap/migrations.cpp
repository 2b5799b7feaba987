#include "writer/bootstrap/migrations.h"

#include <algorithm>
#include <set>
#include <vector>

#include "common/base/time.h"

namespace wombat {
namespace {

constexpr std::string_view kAuxiliaryInit = "1640988000_aux_init.go";

Result<bool> HasTable(Connection& connection, std::string_view name) {
  auto found = connection.QueryValue("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
                                     SqlValues{std::string(name)});
  if (!found) return std::unexpected(found.error());
  return !std::holds_alternative<std::monostate>(*found);
}

Result<std::set<std::string, std::less<>>> RecordedFiles(Connection& data) {
  std::set<std::string, std::less<>> files;
  auto select = data.Prepare("SELECT `file` FROM `_migrations`");
  if (!select) return std::unexpected(select.error());
  for (;;) {
    auto row = select->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return files;
    files.emplace(select->cell(0).text());
  }
}

Result<std::vector<const SystemMigration*>> Pending(Connection& data, Connection& auxiliary) {
  auto recorded = RecordedFiles(data);
  if (!recorded) return std::unexpected(recorded.error());
  // auxiliary.db may be deleted at any time; its migration then runs again, recorded or not.
  auto has_logs = HasTable(auxiliary, "_logs");
  if (!has_logs) return std::unexpected(has_logs.error());
  std::vector<const SystemMigration*> pending;
  for (const SystemMigration& migration : SystemMigrations()) {
    const bool redo = migration.file == kAuxiliaryInit && !*has_logs;
    if (redo || !recorded->contains(migration.file)) pending.push_back(&migration);
  }
  return pending;
}

// Microseconds, and later than every other record: their order tells what was done last.
Result<void> Record(Connection& data, std::string_view file) {
  auto last = data.QueryValue("SELECT coalesce(max(`applied`), 0) FROM `_migrations`");
  if (!last) return std::unexpected(last.error());
  const auto* last_applied = std::get_if<std::int64_t>(&*last);
  const std::int64_t applied = std::max(UnixMicrosNow(), last_applied ? *last_applied + 1 : 0);
  return data.Run("INSERT OR REPLACE INTO `_migrations` (`file`, `applied`) VALUES (?, ?)",
                  SqlValues{std::string(file), applied});
}

Result<void> Apply(const SystemMigration& migration, MigrationContext& context) {
  auto done = migration.up(context);
  if (done) done = Record(context.data, migration.file);
  if (done) return {};
  return Fail("failed to apply migration " + std::string(migration.file) + ": " + done.error().message,
              done.error().kind);
}

}  // namespace

Result<void> RunSystemMigrations(Connection& data, Connection& auxiliary) {
  auto has_table = HasTable(data, "_migrations");
  if (!has_table) return std::unexpected(has_table.error());
  if (!*has_table) {
    auto created =
        data.Run("CREATE TABLE `_migrations` (file VARCHAR(255) PRIMARY KEY NOT NULL, applied INTEGER NOT NULL)");
    if (!created) return created;
  }
  auto pending = Pending(data, auxiliary);
  if (!pending) return std::unexpected(pending.error());
  if (pending->empty()) return {};

  auto auxiliary_transaction = Transaction::Begin(auxiliary, Transaction::Kind::kImmediate);
  if (!auxiliary_transaction) return std::unexpected(auxiliary_transaction.error());
  auto data_transaction = Transaction::Begin(data, Transaction::Kind::kImmediate);
  if (!data_transaction) return std::unexpected(data_transaction.error());
  MigrationContext context{data, auxiliary};
  for (const SystemMigration* migration : *pending) {
    if (auto applied = Apply(*migration, context); !applied) return applied;
  }
  // A crash in between leaves a recorded migration without its table, which the next start does again.
  if (auto committed = data_transaction->Commit(); !committed) return committed;
  return auxiliary_transaction->Commit();
}

}  // namespace wombat
