#include "common/base/random.h"
#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The keys of an object's text in the order in which they stand there.
std::vector<std::string> TopLevelKeys(const std::string& json) {
  std::vector<std::string> keys;
  int depth = 0;
  bool in_string = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') {
        in_string = false;
        if (depth == 1 && json[i + 1] == ':') keys.push_back(json.substr(start, i - start));
      }
    } else if (c == '"') {
      in_string = true;
      start = i + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return keys;
}

TEST(FreshCollectionsText, FieldsAreByteForByteThoseOfTheReference) {
  std::vector<std::string> found;
  for (const Collection& collection : FreshCollections()) {
    const std::string fields = StoredFields(collection);
    found.push_back(collection.name + " " + std::to_string(fields.size()) + " " + Crc32Decimal(fields));
  }
  EXPECT_THAT(found,
              ElementsAre("_mfas 1126 4257163633", "_otps 1301 3848375868", "_externalAuths 1334 3104168760",
                          "_authOrigins 1131 3970442639", "_superusers 1347 3801722372", "users 1821 367359922"));
}

TEST(FreshCollectionsText, IndexesKeepTheTextGivenAtCreation) {
  std::vector<std::string> found;
  for (const Collection& collection : FreshCollections()) found.push_back(StoredIndexes(collection));
  EXPECT_EQ(found[0], "[\"CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` (collectionRef,recordRef)\"]");
  EXPECT_EQ(found[1], "[\"CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (collectionRef, recordRef)\"]");
  EXPECT_EQ(found[4],
            "[\"CREATE UNIQUE INDEX `idx_tokenKey_pbc_3142635823` ON `_superusers` (`tokenKey`)\","
            "\"CREATE UNIQUE INDEX `idx_email_pbc_3142635823` ON `_superusers` (`email`) WHERE `email` != ''\"]");
  EXPECT_EQ(found[5],
            "[\"CREATE UNIQUE INDEX `idx_tokenKey__pb_users_auth_` ON `users` (`tokenKey`)\","
            "\"CREATE UNIQUE INDEX `idx_email__pb_users_auth_` ON `users` (`email`) WHERE `email` != ''\"]");
}

TEST(FreshCollectionsText, IdsAreTheChecksumsOfTypeAndName) {
  std::vector<std::string> ids;
  for (const Collection& collection : FreshCollections()) ids.push_back(collection.id);
  EXPECT_THAT(ids, ElementsAre("pbc_2279338944", "pbc_1638494021", "pbc_2281828961", "pbc_4275539003", "pbc_3142635823",
                               "_pb_users_auth_"));
}

TEST(FreshCollectionsText, EachTokenHasASecretOfItsOwn) {
  std::vector<std::string> secrets;
  for (const Collection& collection : FreshCollections()) {
    if (!collection.is_auth()) continue;
    const AuthOptions& auth = collection.auth;
    for (const TokenOptions* token : {&auth.auth_token, &auth.password_reset_token, &auth.email_change_token,
                                      &auth.verification_token, &auth.file_token}) {
      EXPECT_EQ(token->secret.size(), 50U);
      secrets.push_back(token->secret);
    }
  }
  ASSERT_EQ(secrets.size(), 10U);
  std::ranges::sort(secrets);
  EXPECT_EQ(std::ranges::adjacent_find(secrets), secrets.end());
}

TEST(CollectionJson, KeysStandInTheDocumentedOrder) {
  EXPECT_THAT(TopLevelKeys(CollectionToJson(NewCollection(CollectionType::kBase))),
              ElementsAre("id", "listRule", "viewRule", "createRule", "updateRule", "deleteRule", "name", "type",
                          "fields", "indexes", "created", "updated", "system"));
  EXPECT_THAT(TopLevelKeys(CollectionToJson(NewCollection(CollectionType::kAuth))),
              ElementsAre("id", "listRule", "viewRule", "createRule", "updateRule", "deleteRule", "name", "type",
                          "fields", "indexes", "created", "updated", "system", "authRule", "manageRule", "authAlert",
                          "oauth2", "passwordAuth", "mfa", "otp", "authToken", "passwordResetToken", "emailChangeToken",
                          "verificationToken", "fileToken", "verificationTemplate", "resetPasswordTemplate",
                          "confirmEmailChangeTemplate"));
}

TEST(CollectionJson, TheApiFormHidesSecretsThatTheStoredFormHas) {
  Collection collection = NewCollection(CollectionType::kAuth);
  const Json body = ParsedJson(R"j({"oauth2":{"providers":[{"name":"oidc","clientId":"me","clientSecret":"hush"}]}})j");
  ASSERT_TRUE(ApplyCollectionBody(collection, body).has_value());
  const std::string api = CollectionToJson(collection);
  EXPECT_THAT(api, Not(HasSubstr("ecret\":")));
  EXPECT_THAT(api, Not(HasSubstr("hush")));
  EXPECT_THAT(api, HasSubstr("\"authToken\":{\"duration\":432000}"));
  const std::string stored = StoredOptions(collection);
  EXPECT_THAT(stored, HasSubstr("\"clientId\":\"me\",\"clientSecret\":\"hush\",\"authURL\":\"\""));
  EXPECT_THAT(stored, HasSubstr("\"authToken\":{\"secret\":\"" + collection.auth.auth_token.secret +
                                "\",\"duration\":432000}"));
}

TEST(CollectionJson, MissingProvidersAreAListForClientsAndNullOnDisk) {
  const Collection collection = NewCollection(CollectionType::kAuth);
  EXPECT_THAT(CollectionToJson(collection), HasSubstr("\"oauth2\":{\"providers\":[],\"mappedFields\":"));
  EXPECT_THAT(StoredOptions(collection), HasSubstr("\"oauth2\":{\"providers\":null,\"mappedFields\":"));
}

TEST(CollectionJson, MarkupInsideTextsIsEscaped) {
  Collection collection = NewCollection(CollectionType::kView);
  collection.view_query = "select id from a where b <> '&'";
  EXPECT_EQ(StoredOptions(collection), R"j({"viewQuery":"select id from a where b \u003c\u003e '\u0026'"})j");
}

TEST(StoredCollection, ComesBackAsItWasStored) {
  for (const Collection& collection : FreshCollections()) {
    const auto loaded =
        CollectionFromStored(collection.id, collection.system, collection.raw_type, collection.name,
                             StoredFields(collection), StoredIndexes(collection), StoredOptions(collection));
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(StoredFields(*loaded), StoredFields(collection));
    EXPECT_EQ(StoredIndexes(*loaded), StoredIndexes(collection));
    EXPECT_EQ(StoredOptions(*loaded), StoredOptions(collection));
  }
}

TEST(StoredCollection, KeysOfANewerVersionSurvive) {
  const auto loaded =
      CollectionFromStored("a", false, "auth", "a", R"j([{"type":"text","name":"t","id":"x","shiny":[1]}])j", "[]",
                           R"j({"authRule":"","passkeys":{"enabled":true}})j");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_THAT(StoredFields(*loaded), HasSubstr("\"shiny\":[1]"));
  EXPECT_THAT(StoredOptions(*loaded), HasSubstr("\"passkeys\":{\"enabled\":true}"));
  EXPECT_THAT(CollectionToJson(*loaded), Not(HasSubstr("passkeys")));
}

TEST(StoredCollection, MissingOptionsAreZeroAndKeysMatchInAnyCase) {
  const auto loaded = CollectionFromStored("a", false, "auth", "a", "[]", "[]", R"j({"AUTHTOKEN":{"Duration":7}})j");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->auth.auth_token.duration, 7);
  EXPECT_EQ(loaded->auth.auth_rule, std::nullopt);
  EXPECT_FALSE(loaded->auth.password_auth.enabled);
}

TEST(StoredCollection, AnUnknownFieldTypeIsRefused) {
  const auto loaded = CollectionFromStored("a", false, "base", "a", R"j([{"type":"foo","name":"t"}])j", "[]", "{}");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_THAT(loaded.error().message, HasSubstr("missing or unknown field type in"));
}

TEST(StoredCollection, WrongJsonTypesAreRefused) {
  for (const auto& [fields, indexes, options] :
       std::vector<std::array<const char*, 3>>{{"{}", "[]", "{}"},
                                               {"[]", "[1]", "{}"},
                                               {"[]", "[]", "[]"},
                                               {"[]", "[]", R"j({"authToken":{"duration":1.5}})j"},
                                               {"[]", "[]", R"j({"mfa":true})j"},
                                               {"[", "[]", "{}"}}) {
    EXPECT_FALSE(CollectionFromStored("a", false, "auth", "a", fields, indexes, options).has_value())
        << fields << indexes << options;
  }
}

TEST(StoredCollection, AnUnknownTypeBehavesLikeBaseAndKeepsItsName) {
  const auto loaded = CollectionFromStored("a", false, "stream", "a", "[]", "[]", R"j({"x":1})j");
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->type, CollectionType::kBase);
  EXPECT_THAT(CollectionToJson(*loaded), HasSubstr("\"type\":\"stream\""));
  EXPECT_EQ(StoredOptions(*loaded), R"j({"x":1})j");
}

TEST(StoredCollection, RepeatedFieldIdsCollapseToTheLastAtTheFirstPlace) {
  const auto loaded = CollectionFromStored(
      "a", false, "base", "a",
      R"j([{"type":"text","name":"a","id":"x"},{"type":"text","name":"b","id":"y"},{"type":"text","name":"c","id":"x"}])j",
      "[]", "{}");
  ASSERT_TRUE(loaded.has_value());
  ASSERT_EQ(loaded->fields.size(), 2U);
  EXPECT_EQ(loaded->fields[0]->name, "c");
  EXPECT_EQ(loaded->fields[1]->name, "b");
}

}  // namespace
}  // namespace wombat
