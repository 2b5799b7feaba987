#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::ElementsAre;

class NormalizeCollectionTest : public CollectionTest {
 protected:
  Collection Normalized(CollectionType type, std::string_view body, const Collection* stored = nullptr) {
    Collection collection = stored ? Collection(*stored) : NewCollection(type);
    EXPECT_TRUE(ApplyCollectionBody(collection, ParsedJson(body)).has_value()) << body;
    NormalizeCollection(collection, stored, schema());
    return collection;
  }
};

std::vector<std::string> FieldNames(const Collection& collection) {
  std::vector<std::string> names;
  for (const auto& field : collection.fields) names.push_back(field->name);
  return names;
}

TEST_F(NormalizeCollectionTest, ANewCollectionGetsTheChecksumOfTypeAndNameAsId) {
  EXPECT_EQ(Normalized(CollectionType::kBase, R"j({"name":"posts"})j").id, "pbc_1125843985");
  EXPECT_EQ(Normalized(CollectionType::kBase, R"j({"name":"posts","id":"mine"})j").id, "mine");
}

TEST_F(NormalizeCollectionTest, AGeneratedIdThatIsTakenGetsANumber) {
  ASSERT_TRUE(Create(R"j({"name":"other","id":"pbc_1125843985"})j").ok());
  EXPECT_EQ(Normalized(CollectionType::kBase, R"j({"name":"posts"})j").id, "pbc_11258439852");
}

TEST_F(NormalizeCollectionTest, TheIdFieldComesFirstWhenItIsMissing) {
  const Collection collection =
      Normalized(CollectionType::kBase, R"j({"name":"a","fields":[{"type":"text","name":"t"}]})j");
  EXPECT_THAT(FieldNames(collection), ElementsAre("id", "t"));
  EXPECT_EQ(collection.fields[0]->id, "text3208210256");
}

TEST_F(NormalizeCollectionTest, ASubmittedIdFieldKeepsItsLimitsAndGetsItsFlags) {
  const Collection collection = Normalized(
      CollectionType::kBase,
      R"j({"name":"a","fields":[{"type":"text","name":"t"},{"type":"text","name":"id","min":3,"hidden":true}]})j");
  EXPECT_THAT(FieldNames(collection), ElementsAre("t", "id"));
  const Json options = collection.fields[1]->OptionsJson();
  EXPECT_EQ(options.NumberOr("min"), 3);
  EXPECT_EQ(options.StringOr("pattern"), "^[a-z0-9]+$");
  EXPECT_EQ(options.StringOr("autogeneratePattern"), "");
  EXPECT_TRUE(options.BoolOr("primaryKey") && options.BoolOr("required") && options.BoolOr("system"));
  EXPECT_FALSE(options.BoolOr("hidden"));
}

TEST_F(NormalizeCollectionTest, MissingAuthFieldsAreAppendedAndWrongOnesReplacedInPlace) {
  const Collection collection = Normalized(
      CollectionType::kAuth,
      R"j({"name":"a","fields":[{"type":"text","name":"password","id":"xxx"},{"type":"number","name":"email"}]})j");
  EXPECT_THAT(FieldNames(collection),
              ElementsAre("id", "password", "email", "tokenKey", "emailVisibility", "verified"));
  EXPECT_EQ(collection.fields[1]->type(), "password");
  EXPECT_EQ(collection.fields[1]->id, "xxx");
  EXPECT_EQ(collection.fields[2]->type(), "email");
  EXPECT_EQ(collection.fields[2]->id, "number3885137012");
}

TEST_F(NormalizeCollectionTest, AuthFieldsGetTheirFlagsBack) {
  const Collection collection = Normalized(
      CollectionType::kAuth,
      R"j({"name":"a","fields":[{"type":"password","name":"password","min":2},{"type":"email","name":"email","hidden":true}]})j");
  const Field& password = *collection.FindField("password");
  EXPECT_TRUE(password.system && password.hidden && password.required);
  EXPECT_EQ(password.OptionsJson().NumberOr("min"), 2);
  const Field& email = *collection.FindField("email");
  EXPECT_TRUE(email.system);
  EXPECT_FALSE(email.hidden || email.required);
}

TEST_F(NormalizeCollectionTest, ScaffoldIndexesAreNamedAfterTheGeneratedIdEvenBesideAnOwnOne) {
  const Collection collection = Normalized(CollectionType::kAuth, R"j({"name":"m1","id":"myid1"})j");
  EXPECT_THAT(collection.indexes,
              ElementsAre("CREATE UNIQUE INDEX `idx_tokenKey_pbc_1615637088` ON `m1` (`tokenKey`)",
                          "CREATE UNIQUE INDEX `idx_email_pbc_1615637088` ON `m1` (`email`) WHERE `email` != ''"));
}

TEST_F(NormalizeCollectionTest, ASubmittedAuthIndexWithoutATableIsTakenOver) {
  const Collection collection =
      Normalized(CollectionType::kAuth,
                 R"j({"name":"m2","indexes":["CREATE UNIQUE INDEX `idx_tokenKey_abc` ON `` (`tokenKey`)"]})j");
  EXPECT_THAT(collection.indexes,
              ElementsAre("CREATE UNIQUE INDEX `idx_tokenKey_abc` ON `m2` (`tokenKey`)",
                          "CREATE UNIQUE INDEX `idx_email_pbc_4182113242` ON `m2` (`email`) WHERE `email` != ''"));
}

TEST_F(NormalizeCollectionTest, NamesOfAuthIndexesAreCut) {
  const std::string id(100, 'x');
  const Collection collection = Normalized(CollectionType::kAuth, R"j({"name":"m3","indexes":[],"id":")j" + id + "\"}");
  EXPECT_EQ(collection.indexes[0], "CREATE UNIQUE INDEX `idx_tokenKey_" + id.substr(0, 51) + "` ON `m3` (`tokenKey`)");
}

TEST_F(NormalizeCollectionTest, OnlyIndexesOfAnotherTableAreRewritten) {
  const Collection collection =
      Normalized(CollectionType::kBase,
                 R"j({"name":"m4","indexes":["create index a on m4 (id)","create index b on M4 (id)","nonsense"]})j");
  EXPECT_THAT(collection.indexes,
              ElementsAre("create index a on m4 (id)", "CREATE INDEX `b` ON `m4` (`id`)", "nonsense"));
}

TEST_F(NormalizeCollectionTest, MappedFieldsThatDoNotExistAreCleared) {
  const Collection collection =
      Normalized(CollectionType::kAuth,
                 R"j({"name":"m5","oauth2":{"mappedFields":{"name":"nope","id":"email","username":"Email"}}})j");
  EXPECT_EQ(collection.auth.oauth2.mapped_name, "");
  EXPECT_EQ(collection.auth.oauth2.mapped_id, "email");
  EXPECT_EQ(collection.auth.oauth2.mapped_username, "");
}

TEST_F(NormalizeCollectionTest, UpdatedMovesAndCreatedIsSetOnlyOnce) {
  const Collection& users = *schema().Find("users");
  const Collection collection = Normalized(CollectionType::kAuth, R"j({"created":"2020-01-01"})j", &users);
  EXPECT_EQ(collection.created, "2020-01-01 00:00:00.000Z");
  EXPECT_GE(collection.updated, users.updated);
  EXPECT_EQ(Normalized(CollectionType::kBase, R"j({"name":"a","created":"2020-01-01"})j").created.substr(0, 2), "20");
  EXPECT_NE(Normalized(CollectionType::kBase, R"j({"name":"a","created":"2020-01-01"})j").created,
            "2020-01-01 00:00:00.000Z");
}

TEST_F(NormalizeCollectionTest, SubmittedFieldsOfAViewDoNotCount) {
  EXPECT_TRUE(
      Normalized(CollectionType::kView, R"j({"name":"v","fields":[{"type":"text","name":"id"}]})j").fields.empty());
}

TEST_F(NormalizeCollectionTest, AChangedAuthRuleEndsOldTokens) {
  const Collection& users = *schema().Find("users");
  for (const char* rule : {"null", "\"verified = true\""}) {
    Collection changed = Normalized(CollectionType::kAuth, std::string(R"j({"authRule":)j") + rule + "}", &users);
    ForceOptions(changed, &users);
    EXPECT_NE(changed.auth.auth_token.secret, users.auth.auth_token.secret) << rule;
    EXPECT_EQ(changed.auth.auth_token.secret.size(), 50U);
  }
  Collection same = Normalized(CollectionType::kAuth, R"j({"listRule":""})j", &users);
  ForceOptions(same, &users);
  EXPECT_EQ(same.auth.auth_token.secret, users.auth.auth_token.secret);
}

TEST_F(NormalizeCollectionTest, SuperusersKeepTheirPasswordsAndGetNoOauth2) {
  const Collection& superusers = *schema().superusers();
  Collection changed = Normalized(CollectionType::kAuth, R"j({"passwordAuth":{"enabled":false},"otp":{"enabled":true},
      "oauth2":{"enabled":true,"providers":[{"name":"oidc","clientId":"a","clientSecret":"b"}]}})j",
                                  &superusers);
  ForceOptions(changed, &superusers);
  EXPECT_TRUE(changed.auth.password_auth.enabled);
  EXPECT_TRUE(changed.auth.mfa.enabled);
  EXPECT_FALSE(changed.auth.oauth2.enabled);
  EXPECT_TRUE(changed.auth.oauth2.providers.is_null());
}

}  // namespace
}  // namespace wombat
