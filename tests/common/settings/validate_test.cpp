#include "common/settings/validate.h"

#include <gtest/gtest.h>

#include "common/settings/settings.h"

namespace wombat {
namespace {

// The default settings with this put onto them.
Settings Changed(std::string_view patch) {
  auto changes = ParseJson(patch);
  EXPECT_TRUE(changes) << patch;
  auto settings = Settings().With(*changes);
  EXPECT_TRUE(settings) << settings.error().message;
  return *settings;
}
std::string Errors(std::string_view patch) { return ValidateSettings(Changed(patch).ToDocument()).Dump(); }
std::string CodeAt(std::string_view patch, std::initializer_list<std::string_view> path) {
  Json errors = ValidateSettings(Changed(patch).ToDocument());
  const Json* at = &errors;
  for (std::string_view step : path) at = at ? at->Find(step) : nullptr;
  return at ? at->StringOr("code") : Errors(patch);
}

TEST(ValidateSettings, TakesTheDefaults) { EXPECT_EQ(Errors("{}"), "{}"); }

TEST(ValidateSettings, ReportsAllFieldsTogether) {
  EXPECT_EQ(Errors(R"({"meta":{"appName":"","senderAddress":"nobody"}})"),
            R"({"meta":{"appName":{"code":"validation_required","message":"Cannot be blank."},)"
            R"("senderAddress":{"code":"validation_is_email","message":"Must be a valid email address."}}})");
}

TEST(ValidateSettings, ChecksTheTextsOfMeta) {
  EXPECT_EQ(CodeAt(R"({"meta":{"accentColor":"#fff"}})", {"meta", "accentColor"}), "validation_length_invalid");
  EXPECT_EQ(CodeAt(R"({"meta":{"accentColor":"#gggggg"}})", {"meta", "accentColor"}), "validation_is_hex_color");
  EXPECT_EQ(Errors(R"({"meta":{"accentColor":""}})"), "{}");
  EXPECT_EQ(CodeAt(R"({"meta":{"appURL":"nowhere"}})", {"meta", "appURL"}), "validation_is_url");
  EXPECT_EQ(CodeAt("{\"meta\":{\"senderName\":\"" + std::string(256, 'a') + "\"}}", {"meta", "senderName"}),
            "validation_length_out_of_range");
}

TEST(ValidateSettings, AsksForAHostOnlyWhereMailsAreOn) {
  EXPECT_EQ(Errors(R"({"smtp":{"host":""}})"), "{}");
  EXPECT_EQ(CodeAt(R"({"smtp":{"enabled":true,"host":""}})", {"smtp", "host"}), "validation_required");
  EXPECT_EQ(CodeAt(R"({"smtp":{"host":"a b"}})", {"smtp", "host"}), "validation_is_host");
  EXPECT_EQ(Errors(R"({"smtp":{"host":"::1","localName":"mail_1.example."}})"), "{}");
  EXPECT_EQ(CodeAt(R"({"smtp":{"enabled":true,"port":0}})", {"smtp", "port"}), "validation_required");
  EXPECT_EQ(CodeAt(R"({"smtp":{"port":-1}})", {"smtp", "port"}), "validation_min_greater_equal_than_required");
  EXPECT_EQ(CodeAt(R"({"smtp":{"authMethod":"plain"}})", {"smtp", "authMethod"}), "validation_in_invalid");
}

TEST(ValidateSettings, AsksForEverythingOfAnEnabledS3) {
  EXPECT_EQ(Errors(R"({"s3":{"endpoint":""}})"), "{}");
  for (std::string_view key : {"endpoint", "bucket", "region", "accessKey", "secret"}) {
    EXPECT_EQ(CodeAt(R"({"s3":{"enabled":true}})", {"s3", key}), "validation_required");
    EXPECT_EQ(CodeAt(R"({"backups":{"s3":{"enabled":true}}})", {"backups", "s3", key}), "validation_required");
  }
  EXPECT_EQ(CodeAt(R"({"s3":{"endpoint":"http://"}})", {"s3", "endpoint"}), "validation_is_url");
}

TEST(ValidateSettings, ChecksTheScheduleOfBackups) {
  EXPECT_EQ(Errors(R"({"backups":{"cron":"0 0 * * *"}})"), "{}");
  EXPECT_EQ(CodeAt(R"({"backups":{"cron":"daily"}})", {"backups", "cron"}), "validation_invalid_cron");
  EXPECT_EQ(Errors(R"({"backups":{"cronMaxKeep":0}})"), "{}");
  EXPECT_EQ(CodeAt(R"({"backups":{"cron":"@daily","cronMaxKeep":0}})", {"backups", "cronMaxKeep"}), "validation_required");
  EXPECT_EQ(CodeAt(R"({"backups":{"cronMaxKeep":-1}})", {"backups", "cronMaxKeep"}),
            "validation_min_greater_equal_than_required");
}

TEST(ValidateSettings, ChecksBatchAndLogs) {
  EXPECT_EQ(Errors(R"({"batch":{"maxRequests":0,"timeout":0}})"), "{}");
  EXPECT_EQ(CodeAt(R"({"batch":{"enabled":true,"maxRequests":0}})", {"batch", "maxRequests"}), "validation_required");
  EXPECT_EQ(CodeAt(R"({"batch":{"maxBodySize":-1}})", {"batch", "maxBodySize"}), "validation_min_greater_equal_than_required");
  EXPECT_EQ(CodeAt(R"({"logs":{"maxDays":-1}})", {"logs", "maxDays"}), "validation_min_greater_equal_than_required");
}

TEST(ValidateSettings, TakesAddressesAndRangesOnly) {
  EXPECT_EQ(Errors(R"({"superuserIPs":["1.2.3.4","10.0.0.0/8","::1","fe80::/10"]})"), "{}");
  EXPECT_EQ(CodeAt(R"({"superuserIPs":["1.2.3.4",""]})", {"superuserIPs", "1"}), "validation_required");
  for (std::string_view wrong : {"1.2.3", "1.2.3.4/33", "::1/129", "1.2.3.4/", "host"})
    EXPECT_EQ(CodeAt("{\"rateLimits\":{\"excludedIPs\":[\"" + std::string(wrong) + "\"]}}", {"rateLimits", "excludedIPs", "0"}),
              "validation_invlaid_ip_or_subnet");
}

std::string Rules(std::string_view rules) { return "{\"rateLimits\":{\"rules\":[" + std::string(rules) + "]}}"; }

TEST(ValidateSettings, ChecksEachRateLimit) {
  for (std::string_view label : {"GET /api/x-y", "/", "/api/a_b/", "users:auth", "*:list", "tag"})
    EXPECT_EQ(Errors(Rules("{\"label\":\"" + std::string(label) + "\",\"maxRequests\":1,\"duration\":1}")), "{}") << label;
  for (std::string_view label : {"a b", "GET x", "/a b", "a:", ":a", "*", "a:b:c", "/ä"})
    EXPECT_EQ(CodeAt(Rules("{\"label\":\"" + std::string(label) + "\",\"maxRequests\":1,\"duration\":1}"),
                     {"rateLimits", "rules", "0", "label"}),
              "validation_match_invalid")
        << label;
  const std::string wrong = Rules(R"({"label":"a","audience":"all","maxRequests":0,"duration":-1})");
  EXPECT_EQ(CodeAt(wrong, {"rateLimits", "rules", "0", "audience"}), "validation_in_invalid");
  EXPECT_EQ(CodeAt(wrong, {"rateLimits", "rules", "0", "maxRequests"}), "validation_required");
  EXPECT_EQ(CodeAt(wrong, {"rateLimits", "rules", "0", "duration"}), "validation_min_greater_equal_than_required");
  EXPECT_EQ(CodeAt(R"({"rateLimits":{"enabled":true,"rules":[]}})", {"rateLimits", "rules"}), "validation_required");
}

TEST(ValidateSettings, TakesOneRateLimitForALabelAndAnAudience) {
  EXPECT_EQ(Errors(Rules(R"({"label":"/a","audience":"@guest","maxRequests":1,"duration":1},)"
                         R"({"label":"/a","audience":"@auth","maxRequests":1,"duration":1})")),
            "{}");
  EXPECT_EQ(Errors(Rules(R"({"label":"/a","audience":"@guest","maxRequests":1,"duration":1},)"
                         R"({"label":"/a","maxRequests":0,"duration":1})")),
            R"({"rateLimits":{"rules":{"1":{"label":{"code":"validation_conflicting_rate_limit_rule","message":"Rate limit rule )"
            R"(configuration with label /a already exists or conflicts with another rule.","params":{"label":"/a"}}}}}})");
}

TEST(Settings, MergesARequestAndIgnoresWhatItDoesNotKnow) {
  const Settings settings = Changed(R"({"META":{"appname":"Mine","unknown":1},"unknown":{},"logs":null,"superuserIPs":["::1"]})");
  EXPECT_EQ(settings.meta.app_name, "Mine");
  EXPECT_EQ(settings.logs.max_days, 5);
  EXPECT_EQ(settings.ToStored().find("unknown"), std::string::npos);
  EXPECT_EQ(settings.With(*ParseJson(R"({"superuserIPs":null})"))->superuser_ips.size(), 0u);
  EXPECT_FALSE(settings.With(*ParseJson(R"({"meta":{"appName":1}})")));
  EXPECT_FALSE(settings.With(*ParseJson(R"({"logs":{"maxDays":1.0}})")));
}

TEST(Settings, KeepsSecretsUntilTheyAreCleared) {
  const Settings settings = Changed(R"({"smtp":{"password":"a"},"s3":{"secret":"b"},"backups":{"s3":{"secret":"c"}}})");
  EXPECT_EQ(settings.ToPublic().find("password"), std::string::npos);
  EXPECT_EQ(settings.ToPublic().find("secret"), std::string::npos);
  const Settings later = *settings.With(*ParseJson(R"({"smtp":{"host":"h"},"s3":{"secret":""}})"));
  EXPECT_NE(later.ToStored().find(R"("password":"a")"), std::string::npos);
  EXPECT_EQ(later.ToStored().find(R"("secret":"b")"), std::string::npos);
  EXPECT_NE(later.ToStored().find(R"("secret":"c")"), std::string::npos);
}

TEST(Settings, DecodeARuleOverTheOneAtItsPosition) {
  const Settings settings = Changed(Rules(R"({"label":"/a","audience":"@auth","maxRequests":1,"duration":2})"));
  const Settings later = *settings.With(*ParseJson(Rules(R"({"maxRequests":9},{"label":"/b"})")));
  ASSERT_EQ(later.rate_limits.rules.size(), 2u);
  EXPECT_EQ(later.rate_limits.rules[0].label, "/a");
  EXPECT_EQ(later.rate_limits.rules[0].audience, "@auth");
  EXPECT_EQ(later.rate_limits.rules[0].max_requests, 9);
  EXPECT_EQ(later.rate_limits.rules[1].label, "/b");
}

TEST(Settings, RenameTheLabelsOfACollection) {
  const Settings settings = Changed(Rules(R"({"label":"old:list","maxRequests":1,"duration":1},)"
                                          R"({"label":"older:list","maxRequests":1,"duration":1})"));
  const Settings renamed = settings.WithRenamedLabels("old", "new");
  EXPECT_EQ(renamed.rate_limits.rules[0].label, "new:list");
  EXPECT_EQ(renamed.rate_limits.rules[1].label, "older:list");
}

}  // namespace
}  // namespace wombat
