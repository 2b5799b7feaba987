#include "writer/bootstrap/system_migrations.h"

#include "common/schema/change.h"
#include "common/schema/field_list.h"
#include "common/schema/mail_templates.h"
#include "common/schema/system_collections.h"
#include "writer/bootstrap/migrations.h"

namespace wombat {
namespace {

constexpr std::string_view kOldAlertBodySha256 = "ba5c60f52c2370c3c8cbbf54cbca348bde1dfd6ccdca01b06d32524139312d28";

constexpr const char* kCreateLogs = R"sql(
CREATE TABLE IF NOT EXISTS `_logs` (
  `id`      TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL,
  `level`   INTEGER DEFAULT 0 NOT NULL,
  `message` TEXT DEFAULT "" NOT NULL,
  `data`    JSON DEFAULT "{}" NOT NULL,
  `created` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_logs_level on `_logs` (`level`);
CREATE INDEX IF NOT EXISTS idx_logs_message on `_logs` (`message`);
CREATE INDEX IF NOT EXISTS idx_logs_created_hour on `_logs` (strftime('%Y-%m-%d %H:00:00', `created`));
)sql";

constexpr const char* kCreateParamsAndCollections = R"sql(
CREATE TABLE `_params` (
  `id`      TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL,
  `value`   JSON DEFAULT NULL,
  `created` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL,
  `updated` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
);
CREATE TABLE `_collections` (
  `id`         TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL,
  `system`     BOOLEAN DEFAULT FALSE NOT NULL,
  `type`       TEXT DEFAULT "base" NOT NULL,
  `name`       TEXT UNIQUE NOT NULL,
  `fields`     JSON DEFAULT "[]" NOT NULL,
  `indexes`    JSON DEFAULT "[]" NOT NULL,
  `listRule`   TEXT DEFAULT NULL,
  `viewRule`   TEXT DEFAULT NULL,
  `createRule` TEXT DEFAULT NULL,
  `updateRule` TEXT DEFAULT NULL,
  `deleteRule` TEXT DEFAULT NULL,
  `options`    JSON DEFAULT "{}" NOT NULL,
  `created`    TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL,
  `updated`    TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
);
)sql";

constexpr const char* kCreateTypeIndex = "CREATE INDEX IF NOT EXISTS idx__collections_type on `_collections` (`type`)";

std::unexpected<Error> SaveFailed(const Collection& collection, const ChangeError& error) {
  return Fail("failed to save collection " + collection.name + ": " +
              (error.raw.empty() ? error.data.Dump() : error.raw));
}

Result<void> InitAuxiliary(MigrationContext& context) { return context.auxiliary.Execute(kCreateLogs); }

Result<void> InitData(MigrationContext& context) {
  if (auto created = context.data.Execute(std::string(kCreateParamsAndCollections) + kCreateTypeIndex); !created) {
    return created;
  }
  for (const Collection& collection : FreshCollections()) {
    if (auto saved = SaveCollection(context.data, collection, nullptr); !saved) {
      return SaveFailed(collection, saved.error());
    }
  }
  return {};
}

// The upgrade itself is not ours to do (06 §17). A directory without the row but with what it would have made is fine.
Result<void> RequireUpgraded(MigrationContext& context) {
  auto tables = context.data.QueryValue(
      "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_mfas', '_authOrigins')");
  if (!tables) return std::unexpected(tables.error());
  if (*tables == SqlValue(std::int64_t(2))) return {};
  return Fail("the collections _mfas and _authOrigins are missing");
}

Result<void> CloseMfaAndOtpDeletion(MigrationContext& context) {
  if (auto created = context.data.Execute(kCreateTypeIndex); !created) return created;
  auto schema = LoadSchema(context.data, 0);
  if (!schema) return std::unexpected(schema.error());
  for (const std::string_view name : {"_mfas", "_otps"}) {
    const Collection* stored = (*schema)->Find(name);
    if (!stored || !stored->delete_rule) continue;
    Collection changed(*stored);
    changed.delete_rule.reset();
    NormalizeCollection(changed, stored, **schema);
    if (auto saved = SaveCollection(context.data, changed, stored); !saved) return SaveFailed(changed, saved.error());
  }
  return {};
}

Result<void> RenameIds(MigrationContext& context) { return RenameSystemIds(context.data); }

Result<void> AddOtpSentTo(MigrationContext& context) {
  auto schema = LoadSchema(context.data, 0);
  if (!schema) return std::unexpected(schema.error());
  const Collection* stored = (*schema)->Find("_otps");
  if (!stored || stored->FindField("sentTo")) return {};
  Collection changed(*stored);
  AddToFieldList(
      changed.fields,
      MakeKnownField(Json::Object({{"type", "text"}, {"name", "sentTo"}, {"system", true}, {"hidden", true}})));
  NormalizeCollection(changed, stored, **schema);
  if (auto saved = SaveCollection(context.data, changed, stored); !saved) return SaveFailed(changed, saved.error());
  return {};
}

Result<void> UpdateAlertTemplates(MigrationContext& context) {
  return ReplaceAlertBodies(context.data, kOldAlertBodySha256, DefaultAuthAlertMail().body);
}

Result<void> NormalizeAllIndexes(MigrationContext& context) { return NormalizeIndexes(context.data); }

constexpr SystemMigration kMigrations[] = {
    {"1640988000_aux_init.go", &InitAuxiliary},
    {"1640988000_init.go", &InitData},
    {"1717233556_v0.23_migrate.go", &RequireUpgraded},
    {"1717233557_v0.23_migrate2.go", &CloseMfaAndOtpDeletion},
    {"1717233558_v0.23_migrate3.go", &RenameIds},
    {"1717233559_v0.23_migrate4.go", &AddOtpSentTo},
    {"1763020353_update_default_auth_alert_templates.go", &UpdateAlertTemplates},
    {"1778828400_normalize_indexes.go", &NormalizeAllIndexes},
};

}  // namespace

std::span<const SystemMigration> SystemMigrations() { return kMigrations; }

Result<void> SaveMigrated(Connection& data, const Schema& schema, Collection changed, const Collection& stored) {
  NormalizeCollection(changed, &stored, schema);
  auto errors = ValidateCollection(data, changed, &stored, schema);
  if (!errors) return std::unexpected(errors.error());
  if (!errors->as_object().empty()) {
    return Fail("invalid collection " + stored.name + ": " + errors->Dump(), Error::Kind::kInvalidInput);
  }
  if (auto saved = SaveCollection(data, changed, &stored); !saved) return SaveFailed(changed, saved.error());
  return {};
}

}  // namespace wombat
