#include "common/settings/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "common/base/random.h"

namespace wombat {
namespace {

constexpr std::string_view kDefaultText =
    R"({"superuserIPs":[],"smtp":{"enabled":false,"port":587,"host":"smtp.example.com","username":"","password":"",)"
    R"("authMethod":"","tls":false,"localName":""},"backups":{"cron":"","cronMaxKeep":3,"s3":{"enabled":false,)"
    R"("bucket":"","region":"","endpoint":"","accessKey":"","forcePathStyle":false}},"s3":{"enabled":false,"bucket":"",)"
    R"("region":"","endpoint":"","accessKey":"","forcePathStyle":false},"meta":{"accentColor":"#1055c9",)"
    R"("appName":"Acme","appURL":"http://localhost:8090","senderName":"Support","senderAddress":"support@example.com",)"
    R"("hideControls":false},"rateLimits":{"rules":[{"label":"*:auth","audience":"","duration":3,"maxRequests":2},)"
    R"({"label":"*:create","audience":"","duration":5,"maxRequests":20},{"label":"/api/batch","audience":"",)"
    R"("duration":1,"maxRequests":3},{"label":"/api/","audience":"","duration":10,"maxRequests":300}],)"
    R"("excludedIPs":[],"enabled":false},"trustedProxy":{"headers":[],"useLeftmostIP":false},"batch":{"enabled":false,)"
    R"("maxRequests":50,"timeout":3,"maxBodySize":0},"logs":{"maxDays":5,"minLevel":0,"logIP":true,"logAuthId":false}})";

constexpr const char* kKeyVariable = "WOMBAT_SETTINGS_TEST_KEY";
constexpr const char* kKey = "abcdabcdabcdabcdabcdabcdabcdabcd";

class StoredSettings : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("settings_test_" + RandomId());
    std::filesystem::create_directories(directory_);
    auto opened =
        Connection::Open((directory_ / "data.db").string(), {.mode = Connection::Mode::kWriter, .create = true});
    ASSERT_TRUE(opened) << opened.error().message;
    connection_ = std::move(*opened);
    ASSERT_TRUE(
        connection_->Execute("CREATE TABLE `_params` (`id` TEXT PRIMARY KEY, `value` JSON DEFAULT NULL, "
                             "`created` TEXT DEFAULT '' NOT NULL, `updated` TEXT DEFAULT '' NOT NULL)"));
    unsetenv(kKeyVariable);
  }
  void TearDown() override {
    unsetenv(kKeyVariable);
    connection_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Put(const SqlValue& value) {
    ASSERT_TRUE(
        connection_->Run("INSERT OR REPLACE INTO `_params` (`id`, `value`) VALUES ('settings', ?)", SqlValues{value}));
  }
  std::string Text(const std::string& sql) {
    auto value = connection_->QueryValue(sql);
    return value && std::holds_alternative<std::string>(*value) ? std::get<std::string>(*value) : "no text";
  }
  std::string LoadError() {
    auto loaded = LoadSettings(*connection_, kKeyVariable);
    return loaded ? "loaded" : loaded.error().message;
  }

  std::filesystem::path directory_;
  std::unique_ptr<Connection> connection_;
};

TEST(Settings, TheDefaultsAreWrittenExactlyAsTheReferenceWritesThem) {
  EXPECT_EQ(Settings().ToStored(), kDefaultText);
  EXPECT_EQ(kDefaultText.size(), 1056u);
}

TEST(Settings, AnEmptyObjectKeepsEveryDefault) {
  auto settings = Settings::FromJson("{}");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->ToStored(), kDefaultText);
  EXPECT_EQ(settings->batch.max_requests, 50);
  EXPECT_EQ(settings->meta.app_name, "Acme");
}

TEST(Settings, KeysMissingInOlderRowsKeepTheirDefaults) {
  auto settings = Settings::FromJson(R"({"meta":{"appName":"Old"},"logs":{"maxDays":7}})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->document().Find("meta")->StringOr("accentColor"), "#1055c9");
  EXPECT_EQ(settings->meta.app_name, "Old");
  EXPECT_EQ(settings->logs.max_days, 7);
  EXPECT_TRUE(settings->logs.log_ip);
}

TEST(Settings, KeysMatchInAnyLetterCaseAndAreWrittenInTheirOwn) {
  auto settings = Settings::FromJson(R"({"LOGS":{"maxdays":9},"superuserips":["10.0.0.1"]})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->logs.max_days, 9);
  EXPECT_EQ(settings->superuser_ips, std::vector<std::string>{"10.0.0.1"});
  EXPECT_EQ(settings->ToStored().find("LOGS"), std::string::npos);
}

TEST(Settings, UnknownKeysOfANewerVersionAreWrittenBack) {
  auto settings = Settings::FromJson(R"({"logs":{"maxDataSize":12,"maxDays":4},"future":{"b":1,"a":[2]}})");
  ASSERT_TRUE(settings);
  EXPECT_THAT(
      settings->ToStored(),
      ::testing::EndsWith(R"("logs":{"maxDays":4,"minLevel":0,"logIP":true,"logAuthId":false,"maxDataSize":12},)"
                          R"("future":{"a":[2],"b":1}})"));
}

TEST(Settings, NullKeepsAValueAndEmptiesAList) {
  auto settings = Settings::FromJson(R"({"logs":{"maxDays":null},"meta":null,"rateLimits":{"rules":null}})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->logs.max_days, 5);
  EXPECT_EQ(settings->meta.app_name, "Acme");
  EXPECT_TRUE(settings->document().Find("rateLimits")->Find("rules")->as_array().empty());
  EXPECT_TRUE(Settings::FromJson("null"));
}

TEST(Settings, AListElementIsDecodedOverTheOneAtItsPosition) {
  auto settings = Settings::FromJson(R"({"rateLimits":{"rules":[{"maxRequests":7},{"label":"x"}]}})");
  ASSERT_TRUE(settings);
  const auto& rules = settings->document().Find("rateLimits")->Find("rules")->as_array();
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].StringOr("label"), "*:auth");
  EXPECT_EQ(rules[0].NumberOr("maxRequests"), 7);
  EXPECT_EQ(rules[1].StringOr("label"), "x");
}

TEST(Settings, SecretsAreWrittenOnlyWhenThereIsOne) {
  auto settings = Settings::FromJson(R"({"s3":{"secret":"s"},"backups":{"s3":{"secret":""}}})");
  ASSERT_TRUE(settings);
  const std::string text = settings->ToStored();
  EXPECT_NE(text.find(R"("accessKey":"","secret":"s","forcePathStyle":false},"meta")"), std::string::npos);
  EXPECT_EQ(text.find(R"("secret":"")"), std::string::npos);
}

TEST(Settings, TypedMembersThatWereChangedAreWritten) {
  Settings settings;
  settings.superuser_ips = {"127.0.0.1"};
  settings.logs.max_days = 0;
  auto again = Settings::FromJson(settings.ToStored());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->superuser_ips, settings.superuser_ips);
  EXPECT_EQ(again->logs.max_days, 0);
}

class WrongSettings : public ::testing::TestWithParam<const char*> {};

TEST_P(WrongSettings, AreRefused) { EXPECT_FALSE(Settings::FromJson(GetParam())); }

INSTANTIATE_TEST_SUITE_P(OfTheWrongTypeOrForm, WrongSettings,
                         ::testing::Values("", "5", "[]", "{\"a\":1} x", R"({"meta":{"appName":5}})", R"({"meta":[]})",
                                           R"({"superuserIPs":"x"})", R"({"superuserIPs":[1]})",
                                           R"({"LOGS":{"MAXDAYS":"x"}})", R"({"logs":{"logIP":1}})",
                                           R"({"batch":{"maxRequests":5.0}})", R"({"batch":{"maxRequests":5e0}})",
                                           R"({"smtp":{"port":1e30}})",
                                           R"({"rateLimits":{"rules":[{"duration":1.5}]}})"));

TEST_F(StoredSettings, AMissingRowGivesTheDefaults) {
  EXPECT_FALSE(SettingsRowExists(*connection_));
  auto settings = LoadSettings(*connection_, "");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->ToStored(), kDefaultText);
}

TEST_F(StoredSettings, AreBytesWithoutAKeyAndKeepTheTimeOfTheirCreation) {
  ASSERT_TRUE(StoreSettings(*connection_, Settings(), ""));
  EXPECT_TRUE(SettingsRowExists(*connection_));
  EXPECT_EQ(Text("SELECT typeof(value) FROM _params"), "blob");
  EXPECT_EQ(Text("SELECT CAST(value AS TEXT) FROM _params"), kDefaultText);
  EXPECT_EQ(Text("SELECT created FROM _params").size(), 24u);

  ASSERT_TRUE(connection_->Execute("UPDATE _params SET created = 'then', updated = 'then'"));
  ASSERT_TRUE(StoreSettings(*connection_, Settings(), ""));
  EXPECT_EQ(Text("SELECT created FROM _params"), "then");
  EXPECT_EQ(Text("SELECT updated FROM _params").size(), 24u);
}

TEST_F(StoredSettings, PlainTextIsReadWhateverItsStorageClassAndTheKey) {
  setenv(kKeyVariable, kKey, 1);
  Put(std::string(R"({"meta":{"appName":"T"}})"));
  auto from_text = LoadSettings(*connection_, kKeyVariable);
  ASSERT_TRUE(from_text);
  EXPECT_EQ(from_text->meta.app_name, "T");
  Put(Blob{R"({"meta":{"appName":"B"}})"});
  auto from_bytes = LoadSettings(*connection_, kKeyVariable);
  ASSERT_TRUE(from_bytes);
  EXPECT_EQ(from_bytes->meta.app_name, "B");
}

TEST_F(StoredSettings, AreEncryptedTextWithAKeyAndReadBackWithIt) {
  setenv(kKeyVariable, kKey, 1);
  Settings settings;
  settings.meta.app_name = "Secret";
  ASSERT_TRUE(StoreSettings(*connection_, settings, kKeyVariable));
  EXPECT_EQ(Text("SELECT typeof(value) FROM _params"), "text");
  EXPECT_EQ(Text("SELECT value FROM _params").find("Secret"), std::string::npos);
  auto loaded = LoadSettings(*connection_, kKeyVariable);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->meta.app_name, "Secret");
}

TEST_F(StoredSettings, ARowThatTheReferenceEncryptedIsRead) {
  setenv(kKeyVariable, kKey, 1);
  Put(std::string("AAECAwQFBgcICQoLhdo5xhlL/D4ATI25UggA7Au/cj72wuVxqjMgMNommBFFZhKH2ZdiKYlgIQ=="));
  auto loaded = LoadSettings(*connection_, kKeyVariable);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->ToStored(), kDefaultText);
}

TEST_F(StoredSettings, WithoutAKeySayWhichVariableIsMissing) {
  Put(std::string("AAECAwQFBgcICQoLhdo5xhlL/D4ATI25UggA7Au/cj72wuVxqjMgMNommBFFZhKH2ZdiKYlgIQ=="));
  EXPECT_EQ(LoadError(), "invalid settings db data or missing encryption key \"" + std::string(kKeyVariable) + "\"");
}

TEST_F(StoredSettings, TellWhyTheyCannotBeDecrypted) {
  Put(std::string("AAECAwQFBgcICQoLhdo5xhlL/D4ATI25UggA7Au/cj72wuVxqjMgMNommBFFZhKH2ZdiKYlgIQ=="));
  setenv(kKeyVariable, "dcbadcbadcbadcbadcbadcbadcbadcba", 1);
  EXPECT_EQ(LoadError(), "cipher: message authentication failed");
  setenv(kKeyVariable, "abcde", 1);
  EXPECT_EQ(LoadError(), "crypto/aes: invalid key size 5");
  setenv(kKeyVariable, kKey, 1);
  Put(Blob{R"({"meta":{"appName":5}})"});
  EXPECT_EQ(LoadError(), "illegal base64 data at input byte 0");
}

}  // namespace
}  // namespace wombat
