#include "writer/bootstrap/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "common/base/text.h"
#include "common/schema/mail_templates.h"
#include "tests/writer/data_directory.h"
#include "writer/bootstrap/system_migrations.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::vector<std::string> kMigrationFiles = {
    "1640988000_aux_init.go",
    "1640988000_init.go",
    "1717233556_v0.23_migrate.go",
    "1717233557_v0.23_migrate2.go",
    "1717233558_v0.23_migrate3.go",
    "1717233559_v0.23_migrate4.go",
    "1763020353_update_default_auth_alert_templates.go",
    "1778828400_normalize_indexes.go",
};

constexpr const char* kKeyVariable = "WOMBAT_BOOTSTRAP_TEST_KEY";

class BootstrapTest : public ::testing::Test {
 protected:
  void TearDown() override { unsetenv(kKeyVariable); }

  // Opens and closes the directory; "" or the error.
  std::string Start(const std::string& encryption_env = {}) {
    auto opened = Bootstrap({directory_.path().string(), encryption_env});
    return opened ? "" : opened.error().message;
  }
  void StartFresh() { ASSERT_EQ(Start(), ""); }
  void Execute(const std::string& script) { directory_.Execute("data.db", script); }
  std::vector<std::string> Column(const std::string& sql) { return directory_.Column("data.db", sql); }
  std::string Value(const std::string& sql) { return directory_.Value("data.db", sql); }
  void Forget(const std::string& prefix) { Execute("DELETE FROM _migrations WHERE file LIKE '" + prefix + "%'"); }
  std::vector<std::string> RecordedFiles() { return Column("SELECT file FROM _migrations ORDER BY applied"); }
  // Everything that a clean start must leave alone.
  std::vector<std::string> Content() {
    auto rows = Column("SELECT type || name || coalesce(sql, '') FROM sqlite_master ORDER BY rowid");
    for (const auto& sql :
         {"SELECT json_array(id, system, type, name, fields, indexes, listRule, viewRule, createRule, "
          "updateRule, deleteRule, options, created, updated) FROM _collections ORDER BY rowid",
          "SELECT json_array(id, hex(value), created, updated) FROM _params",
          "SELECT json_array(file, applied) FROM _migrations ORDER BY rowid"}) {
      for (auto& row : Column(sql)) rows.push_back(std::move(row));
    }
    return rows;
  }

  TemporaryDirectory directory_;
};

TEST_F(BootstrapTest, ANewDirectoryHasTheTablesAndIndexesOfTheReference) {
  StartFresh();
  EXPECT_THAT(Column("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"),
              ElementsAre("_authOrigins", "_collections", "_externalAuths", "_mfas", "_migrations", "_otps", "_params",
                          "_superusers", "users"));
  EXPECT_EQ(Value("SELECT count(*) FROM sqlite_master WHERE type='index' AND sql IS NOT NULL"), "10");
  EXPECT_THAT(
      directory_.Column("auxiliary.db",
                        "SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE "
                        "'sqlite_%' ORDER BY 1"),
      ElementsAre("index idx_logs_created_hour", "index idx_logs_level", "index idx_logs_message", "table _logs"));
}

TEST_F(BootstrapTest, ANewDirectoryIsInWalModeAndSound) {
  StartFresh();
  for (const std::string database : {"data.db", "auxiliary.db"}) {
    EXPECT_EQ(directory_.Value(database, "PRAGMA journal_mode"), "wal");
    EXPECT_EQ(directory_.Value(database, "PRAGMA user_version"), "0");
    EXPECT_EQ(directory_.Value(database, "PRAGMA integrity_check"), "ok");
  }
}

TEST_F(BootstrapTest, ANewDirectoryRecordsAllMigrationsInTheirOrder) {
  StartFresh();
  EXPECT_EQ(RecordedFiles(), kMigrationFiles);
  EXPECT_EQ(Value("SELECT min(applied) > 1600000000000000 FROM _migrations"), "1");
  EXPECT_EQ(Value("SELECT count(DISTINCT applied) FROM _migrations"), "8");
}

TEST_F(BootstrapTest, ANewDirectoryHasTheSystemCollectionsInTheirOrder) {
  StartFresh();
  EXPECT_THAT(Column("SELECT name || ' ' || id || ' ' || type || ' ' || system FROM _collections ORDER BY rowid"),
              ElementsAre("_mfas pbc_2279338944 base 1", "_otps pbc_1638494021 base 1",
                          "_externalAuths pbc_2281828961 base 1", "_authOrigins pbc_4275539003 base 1",
                          "_superusers pbc_3142635823 auth 1", "users _pb_users_auth_ auth 0"));
  EXPECT_THAT(Column("SELECT length(fields) FROM _collections ORDER BY rowid"),
              ElementsAre("1126", "1301", "1334", "1131", "1347", "1821"));
  EXPECT_EQ(Value("SELECT updated = created FROM _collections WHERE name = '_mfas'"), "1");
}

TEST_F(BootstrapTest, ANewDirectoryHasTheDefaultSettingsAsBytes) {
  StartFresh();
  EXPECT_EQ(Value("SELECT id || typeof(value) || length(value) FROM _params"), "settingsblob1056");
}

TEST_F(BootstrapTest, ANewDirectoryKeepsNothingOfItsMaking) {
  StartFresh();
  std::vector<std::string> names;
  for (const auto& [name, bytes] : directory_.Files()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre(".notify", "auxiliary.db", "data.db"));
}

TEST_F(BootstrapTest, TheConnectionsItHandsOutAreReadyForWork) {
  auto opened = Bootstrap({directory_.path().string(), ""});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->schema->collections().size(), 6u);
  EXPECT_EQ(opened->settings.meta.app_name, "Acme");
  EXPECT_EQ(opened->data->QueryValue("PRAGMA synchronous").value(), SqlValue(std::int64_t(2)));
  EXPECT_EQ(opened->auxiliary->QueryValue("PRAGMA synchronous").value(), SqlValue(std::int64_t(1)));
  EXPECT_TRUE(
      opened->data->Run("INSERT INTO users (email, password, tokenKey) VALUES ('', 'x', 'k1'), ('', 'x', 'k2')"));
  EXPECT_FALSE(opened->data->Run("INSERT INTO users (email, password, tokenKey) VALUES ('', 'x', 'k1')"));
}

TEST_F(BootstrapTest, ASecondStartChangesNothing) {
  StartFresh();
  const auto before = Content();
  StartFresh();
  EXPECT_EQ(Content(), before);
}

TEST_F(BootstrapTest, AScratchDirectoryOfAnInterruptedBackupIsRemoved) {
  StartFresh();
  std::filesystem::create_directories(directory_.path() / ".pb_temp_to_delete" / "half");
  StartFresh();
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / ".pb_temp_to_delete"));
}

TEST_F(BootstrapTest, TheLogOfADatabaseThatIsGoneIsNotTakenForTheNewOnes) {
  StartFresh();
  std::filesystem::copy_file(directory_.path() / "data.db", directory_.path() / "data.db-wal");
  std::filesystem::remove(directory_.path() / "data.db");
  StartFresh();
  EXPECT_EQ(Value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(RecordedFiles(), kMigrationFiles);
}

TEST_F(BootstrapTest, AnEmptyDatabaseFileIsFilled) {
  std::filesystem::create_directories(directory_.path());
  std::ofstream(directory_.path() / "data.db").flush();
  StartFresh();
  EXPECT_EQ(RecordedFiles(), kMigrationFiles);
}

TEST_F(BootstrapTest, ADeletedLogDatabaseIsMadeAnewAndItsMigrationRecordedAsTheNewest) {
  StartFresh();
  std::filesystem::remove(directory_.path() / "auxiliary.db");
  StartFresh();
  EXPECT_EQ(directory_.Value("auxiliary.db", "SELECT count(*) FROM _logs"), "0");
  const auto files = RecordedFiles();
  ASSERT_EQ(files.size(), 8u);
  EXPECT_EQ(files.back(), "1640988000_aux_init.go");
}

TEST_F(BootstrapTest, ADeletedMainDatabaseLeavesTheLogsThatAreThere) {
  StartFresh();
  directory_.Execute("auxiliary.db", "INSERT INTO _logs (message) VALUES ('kept')");
  std::filesystem::remove(directory_.path() / "data.db");
  StartFresh();
  EXPECT_EQ(directory_.Value("auxiliary.db", "SELECT message FROM _logs"), "kept");
}

TEST_F(BootstrapTest, AFileThatIsNoDatabaseStopsTheStartAndStaysAsItIs) {
  StartFresh();
  const std::string junk(20000, 'j');
  std::ofstream(directory_.path() / "auxiliary.db", std::ios::binary | std::ios::trunc) << junk;
  EXPECT_THAT(Start(), HasSubstr("file is not a database"));
  EXPECT_EQ(directory_.Files()["auxiliary.db"], junk);
}

TEST_F(BootstrapTest, WithoutItsRecordTheFirstMigrationFailsLikeTheReferences) {
  StartFresh();
  Forget("1640988000_init");
  const auto before = Content();
  EXPECT_THAT(Start(), AllOf(HasSubstr("failed to apply migration 1640988000_init.go: "), HasSubstr("already exists")));
  EXPECT_EQ(Content(), before);
}

TEST_F(BootstrapTest, AFailingMigrationLeavesNoRecordOfTheOnesBeforeIt) {
  StartFresh();
  Forget("1717233556");
  Forget("1717233557");
  Forget("1778828400");
  Execute(
      "UPDATE _collections SET indexes = json_array('CREATE INDEX `x` ON `users` (`nothing`)') WHERE name = 'users'");
  EXPECT_THAT(Start(), HasSubstr("failed to apply migration 1778828400_normalize_indexes.go: "));
  EXPECT_EQ(RecordedFiles().size(), 5u);
}

TEST_F(BootstrapTest, AnUpgradeRecordOfWhichOnlyTheRowIsMissingIsWritten) {
  StartFresh();
  Forget("1717233556");
  StartFresh();
  EXPECT_EQ(RecordedFiles().back(), "1717233556_v0.23_migrate.go");
}

TEST_F(BootstrapTest, NamesThatOtherVersionsRecordedStay) {
  StartFresh();
  Execute("INSERT INTO _migrations VALUES ('1762785011_update_default_auth_alert_templates.go', 5), ('1999_x.js', 6)");
  StartFresh();
  EXPECT_EQ(RecordedFiles().size(), 10u);
}

TEST_F(BootstrapTest, MfaAndOtpDeletionIsClosedAndTheTypeIndexMade) {
  StartFresh();
  Forget("1717233557");
  Execute("DROP INDEX idx__collections_type; UPDATE _collections SET deleteRule = 'id != \"\"'");
  StartFresh();
  EXPECT_THAT(Column("SELECT deleteRule IS NULL FROM _collections WHERE name IN ('_mfas', '_otps')"),
              ElementsAre("1", "1"));
  EXPECT_EQ(Value("SELECT count(*) FROM _collections WHERE deleteRule IS NOT NULL"), "4");
  EXPECT_EQ(Value("SELECT count(*) FROM sqlite_master WHERE name = 'idx__collections_type'"), "1");
}

TEST_F(BootstrapTest, TheMissingOtpFieldIsAdded) {
  StartFresh();
  Forget("1717233559");
  Execute(
      "ALTER TABLE _otps DROP COLUMN sentTo; UPDATE _collections SET fields = (SELECT json_group_array(json(value)) "
      "FROM json_each(fields) WHERE json_extract(value, '$.name') <> 'sentTo') WHERE name = '_otps'");
  StartFresh();
  EXPECT_EQ(Value("SELECT count(*) FROM pragma_table_info('_otps') WHERE name = 'sentTo'"), "1");
  EXPECT_EQ(Value("SELECT json_extract(fields, '$[#-1].id') FROM _collections WHERE name = '_otps'"), "text3866985172");
}

class SystemIdsTest : public BootstrapTest {
 protected:
  // As an early v0.23 left it: other ids for two collections and one field, and things that refer to them.
  void SetUp() override {
    StartFresh();
    Forget("1717233558");
    Execute(
        "UPDATE _collections SET id = 'old_' || name WHERE name IN ('_superusers', '_otps');"
        "UPDATE _collections SET fields = replace(fields, 'text3208210256', 'oldfield') "
        "WHERE name IN ('_superusers');"
        "INSERT INTO _otps (id, collectionRef, recordRef) VALUES ('o1', 'old__superusers', 'r1'), "
        "('o2', '_pb_users_auth_', 'r2');"
        "INSERT INTO _superusers (id, email, tokenKey) VALUES ('r1', 'a@example.com', 'k');"
        "INSERT INTO _collections (id, name, fields) VALUES ('other', 'other', '[{\"id\":\"text3208210256\","
        "\"name\":\"id\",\"type\":\"text\",\"primaryKey\":true,\"system\":true,\"required\":true,\"min\":15,"
        "\"max\":15,\"pattern\":\"^[a-z0-9]+$\"},"
        "{\"id\":\"r\",\"name\":\"su\",\"type\":\"relation\",\"maxSelect\":1,"
        "\"collectionId\":\"old__superusers\"}]');"
        "CREATE TABLE other (id TEXT PRIMARY KEY NOT NULL, su TEXT DEFAULT '' NOT NULL)");
    StartFresh();
  }
};

TEST_F(SystemIdsTest, CollectionsAndTheirSystemFieldsGetTheIdsOfANewDirectory) {
  EXPECT_THAT(Column("SELECT id FROM _collections WHERE name IN ('_superusers', '_otps') ORDER BY rowid"),
              ElementsAre("pbc_1638494021", "pbc_3142635823"));
  EXPECT_EQ(Value("SELECT json_extract(fields, '$[0].id') FROM _collections WHERE name = '_superusers'"),
            "text3208210256");
}

TEST_F(SystemIdsTest, WhatRefersToThemFollows) {
  EXPECT_THAT(Column("SELECT collectionRef FROM _otps ORDER BY id"), ElementsAre("pbc_3142635823", "_pb_users_auth_"));
  EXPECT_EQ(Value("SELECT json_extract(fields, '$[1].collectionId') FROM _collections WHERE name = 'other'"),
            "pbc_3142635823");
}

TEST_F(SystemIdsTest, TheirRecordsStay) { EXPECT_EQ(Value("SELECT email FROM _superusers"), "a@example.com"); }

TEST_F(BootstrapTest, AnAlertMailThatIsStillTheOldDefaultIsReplacedAndOthersAreNot) {
  StartFresh();
  Execute(
      "UPDATE _collections SET options = json_set(options, '$.authAlert.emailTemplate.body', 'old {ALERT_INFO}') "
      "WHERE name = 'users'");
  auto connection = Connection::Open(directory_.file("data.db"), {.mode = Connection::Mode::kWriter});
  ASSERT_TRUE(connection);
  // SHA-256 of "old {ALERT_INFO}".
  constexpr auto kHash = "4d72b0e1cc5ba4b4f30b869d5904401a97eea0adebffd6556575ca95bab390db";
  const std::string superusers = "SELECT options FROM _collections WHERE name = '_superusers'";
  const std::string before = Value(superusers);
  auto replaced = ReplaceAlertBodies(**connection, kHash, DefaultAuthAlertMail().body);
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_EQ(
      Value("SELECT json_extract(options, '$.authAlert.emailTemplate.body') FROM _collections WHERE name = 'users'"),
      DefaultAuthAlertMail().body);
  EXPECT_EQ(Value("SELECT updated > created FROM _collections WHERE name = 'users'"), "1");
  EXPECT_EQ(Value(superusers), before);
}

TEST_F(BootstrapTest, AnIndexThatNobodyListedIsListed) {
  StartFresh();
  Forget("1778828400");
  Execute("CREATE INDEX x_name ON users(name)");
  StartFresh();
  EXPECT_EQ(Value("SELECT json_extract(indexes, '$[#-1]') FROM _collections WHERE name = 'users'"),
            "CREATE INDEX `x_name` ON `users` (`name`)");
  EXPECT_EQ(Value("SELECT sql FROM sqlite_master WHERE name = 'x_name'"), "CREATE INDEX `x_name` ON `users` (`name`)");
}

TEST_F(BootstrapTest, AnUnlistedIndexThatRepeatsAListedOneIsDropped) {
  StartFresh();
  Forget("1778828400");
  Execute("CREATE UNIQUE INDEX again ON users(tokenKey)");
  StartFresh();
  EXPECT_EQ(Value("SELECT count(*) FROM sqlite_master WHERE name = 'again'"), "0");
  EXPECT_EQ(Value("SELECT json_array_length(indexes) FROM _collections WHERE name = 'users'"), "2");
  EXPECT_EQ(Value("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'users'"),
            "2");
}

TEST_F(BootstrapTest, IndexesOfSystemCollectionsAreLeftAlone) {
  StartFresh();
  Forget("1778828400");
  Execute("CREATE INDEX x_otps ON _otps(sentTo)");
  StartFresh();
  EXPECT_EQ(Value("SELECT sql FROM sqlite_master WHERE name = 'x_otps'"), "CREATE INDEX x_otps ON _otps(sentTo)");
}

TEST_F(BootstrapTest, AnUnknownFieldTypeStopsTheStart) {
  StartFresh();
  Execute("UPDATE _collections SET fields = replace(fields, '\"type\":\"file\"', '\"type\":\"foo\"')");
  EXPECT_THAT(Start(), HasSubstr("missing or unknown field type in {"));
}

TEST_F(BootstrapTest, SettingsThatNobodyCanReadStopTheStart) {
  StartFresh();
  Execute("UPDATE _params SET value = 'junk'");
  EXPECT_EQ(Start("SOME_UNSET_NAME"), "invalid settings db data or missing encryption key \"SOME_UNSET_NAME\"");
}

TEST_F(BootstrapTest, TheSettingsOfANewDirectoryAreEncryptedWhenThereIsAKey) {
  setenv(kKeyVariable, "abcdabcdabcdabcdabcdabcdabcdabcd", 1);
  ASSERT_EQ(Start(kKeyVariable), "");
  EXPECT_EQ(Value("SELECT typeof(value) FROM _params"), "text");
  EXPECT_EQ(Start(kKeyVariable), "");
  EXPECT_EQ(Start(), "invalid settings db data or missing encryption key \"\"");
}

TEST_F(BootstrapTest, AMissingSettingsRowIsInserted) {
  StartFresh();
  Execute("DELETE FROM _params");
  StartFresh();
  EXPECT_EQ(Value("SELECT length(value) FROM _params"), "1056");
}

TEST_F(BootstrapTest, OptionsOfANewerVersionStay) {
  StartFresh();
  Execute(
      "UPDATE _params SET value = CAST(json_set(CAST(value AS TEXT), '$.logs.maxDataSize', 7) AS BLOB);"
      "UPDATE _collections SET options = json_set(options, '$.future', 1), "
      "fields = json_set(fields, '$[1].future', 1) WHERE name = 'users'");
  const auto before = Content();
  StartFresh();
  EXPECT_EQ(Content(), before);
}

class LegacyDirectoryTest : public BootstrapTest {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_.path()); }
  void ExpectRefusedAndUntouched() {
    const auto before = directory_.Files();
    EXPECT_EQ(Start(),
              "the data directory was created by PocketBase < v0.23; start it once with a PocketBase "
              "v0.23..v0.39 executable to upgrade it and then try again");
    EXPECT_EQ(directory_.Files(), before);
  }
};

TEST_F(LegacyDirectoryTest, OneWithAdminsIsRefused) {
  Execute("CREATE TABLE _migrations (file TEXT, applied INTEGER); CREATE TABLE _admins (id TEXT)");
  ExpectRefusedAndUntouched();
}

TEST_F(LegacyDirectoryTest, OneWithASchemaColumnIsRefused) {
  Execute("CREATE TABLE _collections (id TEXT, schema JSON)");
  ExpectRefusedAndUntouched();
}

TEST_F(LegacyDirectoryTest, OneWithParamsByKeyIsRefused) {
  Execute("CREATE TABLE _params (id TEXT, key TEXT)");
  ExpectRefusedAndUntouched();
}

TEST_F(LegacyDirectoryTest, OneThatOnlyItsWalTellsIsRefused) {
  TemporaryDirectory live;
  std::filesystem::create_directories(live.path());
  auto connection = Connection::Open(live.file("data.db"), {.mode = Connection::Mode::kWriter, .create = true});
  ASSERT_TRUE(connection);
  ASSERT_TRUE((*connection)->Execute("CREATE TABLE _admins (id TEXT)"));
  for (const char* name : {"data.db", "data.db-wal"}) {  // what a killed process leaves
    std::filesystem::copy_file(live.path() / name, directory_.path() / name);
  }
  ASSERT_GT(std::filesystem::file_size(directory_.path() / "data.db-wal"), 0u);
  ExpectRefusedAndUntouched();
}

TEST_F(LegacyDirectoryTest, OneThatWasUpgradedOpensEvenIfOldTablesRemain) {
  StartFresh();
  Execute("CREATE TABLE _admins (id TEXT)");
  EXPECT_EQ(Start(), "");
}

}  // namespace
}  // namespace wombat
