#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::HasSubstr;

class ValidateCollectionTest : public CollectionTest {
 protected:
  std::string Message(const Outcome& outcome, std::string_view key) {
    const Json* error = outcome.errors.Find(key);
    return error ? error->StringOr("message") : "";
  }
};

TEST_F(ValidateCollectionTest, ANameIsRequiredAndAWord) {
  EXPECT_EQ(Create("{}").Code("name"), "validation_required");
  EXPECT_EQ(Create(R"j({"name":"with space"})j").Code("name"), "validation_match_invalid");
  EXPECT_EQ(Create(R"j({"name":"a_VIA_b"})j").Code("name"), "validation_found_via");
  EXPECT_EQ(Create("{\"name\":\"" + std::string(256, 'a') + "\"}").Code("name"), "validation_length_out_of_range");
}

TEST_F(ValidateCollectionTest, ANameIsUniqueInAnyCaseAndNoId) {
  EXPECT_EQ(Create(R"j({"name":"USERS"})j").Code("name"), "validation_collection_name_exists");
  EXPECT_EQ(Create(R"j({"name":"_pb_users_auth_"})j").Code("name"), "validation_collection_name_id_duplicate");
  EXPECT_EQ(Create(R"j({"name":"_COLLECTIONS"})j").Code("name"), "validation_collection_name_invalid");
}

TEST_F(ValidateCollectionTest, AnOwnIdIsAWordThatNobodyHas) {
  EXPECT_EQ(Create(R"j({"name":"t","id":"a b"})j").Code("id"), "validation_match_invalid");
  EXPECT_EQ(Create(R"j({"name":"t","id":"_pb_users_auth_"})j").Code("id"), "validation_invalid_or_existing_id");
  EXPECT_TRUE(Create(R"j({"name":"t","id":"t"})j").ok());
}

TEST_F(ValidateCollectionTest, AnIdDoesNotChange) {
  ASSERT_TRUE(Create(R"j({"name":"t"})j").ok());
  EXPECT_EQ(Update("t", R"j({"id":"_pb_users_auth_"})j").Code("id"), "validation_values_mismatch");
  EXPECT_THAT(Update("t", R"j({"id":"nobody"})j").raw, HasSubstr("failed to retrieve old cached collection"));
}

TEST_F(ValidateCollectionTest, TypeAndSystemFlagDoNotChange) {
  ASSERT_TRUE(Create(R"j({"name":"t"})j").ok());
  EXPECT_EQ(Update("t", R"j({"type":"auth"})j").Code("type"), "validation_collection_type_change");
  EXPECT_EQ(Update("t", R"j({"system":true})j").Code("system"), "validation_collection_system_flag_change");
  EXPECT_EQ(Create(R"j({"name":"u","type":"nope"})j").Code("type"), "validation_in_invalid");
}

TEST_F(ValidateCollectionTest, RulesAreResolvedAgainstTheNewState) {
  EXPECT_TRUE(Create(R"j({"name":"t","listRule":"a = 'x'","fields":[{"type":"text","name":"a"}]})j").ok());
  const Outcome removed = Update("t", R"j({"fields":[]})j");
  EXPECT_EQ(removed.Code("listRule"), "validation_invalid_rule");
  EXPECT_THAT(Message(removed, "listRule"), HasSubstr("Invalid rule. Raw error: "));
  EXPECT_EQ(Update("t", R"j({"viewRule":" "})j").Code("viewRule"), "validation_invalid_rule");
}

TEST_F(ValidateCollectionTest, ARuleMayNameTheCollectionByItsNewAndItsOldName) {
  EXPECT_TRUE(Create(R"j({"name":"t","listRule":"@collection.t.id != ''"})j").ok());
  EXPECT_TRUE(Update("t", R"j({"name":"u","listRule":"@collection.t.id != '' && @collection.u.id != ''"})j").ok());
  EXPECT_EQ(Update("u", R"j({"listRule":"@collection.t.id != ''"})j").Code("listRule"), "validation_invalid_rule");
}

TEST_F(ValidateCollectionTest, SystemCollectionsKeepNameFlagAndRules) {
  const Outcome outcome = Update("_mfas", R"j({"name":"x","system":false,"listRule":null})j");
  EXPECT_EQ(outcome.Code("name"), "validation_collection_system_name_change");
  EXPECT_EQ(outcome.Code("system"), "validation_collection_system_flag_change");
  EXPECT_EQ(outcome.Code("listRule"), "validation_collection_system_rule_change");
  EXPECT_EQ(Update("_superusers", R"j({"authRule":"id != ''"})j").Code("authRule"),
            "validation_collection_system_rule_change");
}

TEST_F(ValidateCollectionTest, SystemCollectionsTakeOtherChanges) {
  EXPECT_TRUE(Update("_superusers", R"j({"authToken":{"duration":100},"otp":{"enabled":true}})j").ok());
  EXPECT_TRUE(schema().superusers()->auth.mfa.enabled);
}

TEST_F(ValidateCollectionTest, FieldNamesDifferInMoreThanCase) {
  EXPECT_EQ(Create(R"j({"name":"t","fields":[{"type":"text","name":"a"},{"type":"text","name":"A"}]})j")
                .Code("fields.2.name"),
            "validation_duplicated_field_name");
  EXPECT_EQ(Create(R"j({"name":"t","fields":[{"type":"number","name":"id"}]})j").Code("fields.1.name"),
            "validation_duplicated_field_name");
}

TEST_F(ValidateCollectionTest, AFieldThatTakesTheIdOfThePrimaryKeyLeavesNone) {
  EXPECT_EQ(Create(R"j({"name":"t","fields":[{"type":"text","name":"a","id":"text3208210256"}]})j").Code("fields"),
            "validation_missing_primary_key");
}

TEST_F(ValidateCollectionTest, SystemFieldsAreNeitherDroppedNorRenamed) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"a","id":"x","system":true}]})j").ok());
  EXPECT_EQ(Update("t", R"j({"fields":[]})j").Code("fields"), "validation_system_field_change");
  EXPECT_EQ(Update("t", R"j({"fields":[{"type":"text","name":"b","id":"x"}]})j").Code("fields"),
            "validation_system_field_change");
  ASSERT_TRUE(Update("t", R"j({"fields":[{"type":"text","name":"a","id":"x"}]})j").ok());
  EXPECT_TRUE(Update("t", R"j({"fields":[]})j").ok());
}

TEST_F(ValidateCollectionTest, EveryChangedFieldTypeIsReported) {
  ASSERT_TRUE(
      Create(R"j({"name":"t","fields":[{"type":"text","name":"a","id":"x"},{"type":"text","name":"b","id":"y"}]})j")
          .ok());
  const Outcome outcome =
      Update("t", R"j({"fields":[{"type":"number","name":"a","id":"x"},{"type":"bool","name":"b","id":"y"}]})j");
  EXPECT_EQ(outcome.Code("fields.1"), "validation_field_type_change");
  EXPECT_EQ(outcome.Code("fields.2"), "validation_field_type_change");
}

TEST_F(ValidateCollectionTest, CommonFieldOptionsAreCheckedTogetherWithThoseOfTheType) {
  const Outcome outcome =
      Create(R"j({"name":"t","fields":[{"type":"text","name":""},{"type":"number","name":"a_via_b","min":5,"max":1},
      {"type":"bool","name":"expand"},{"type":"text","name":"x y","help":")j" +
             std::string(301, 'a') + "\"}]}");
  EXPECT_EQ(outcome.Code("fields.1.name"), "validation_required");
  EXPECT_EQ(outcome.Code("fields.2.name"), "validation_found_via");
  EXPECT_EQ(outcome.Code("fields.2.max"), "validation_min_number_constraint");
  EXPECT_EQ(outcome.Code("fields.3.name"), "validation_not_in_invalid");
  EXPECT_EQ(outcome.Code("fields.4.name"), "validation_match_invalid");
  EXPECT_EQ(outcome.Code("fields.4.help"), "validation_length_out_of_range");
}

TEST_F(ValidateCollectionTest, AuthCollectionsReserveTheNamesOfFormInputs) {
  EXPECT_EQ(
      Create(R"j({"name":"t","type":"auth","fields":[{"type":"text","name":"oldPassword"}]})j").Code("fields.1.name"),
      "validation_reserved_field_name");
  EXPECT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"oldPassword"}]})j").ok());
}

TEST_F(ValidateCollectionTest, TheFirstBadIndexIsReported) {
  EXPECT_EQ(Create(R"j({"name":"t","indexes":["create index a on t (id)","nonsense","more"]})j").Code("indexes.1"),
            "validation_invalid_index_expression");
  EXPECT_EQ(Create(R"j({"name":"t","indexes":["create index a on t (id)","create index A on t (id desc)"]})j")
                .Code("indexes.1"),
            "validation_duplicated_index_name");
  EXPECT_EQ(
      Create(R"j({"name":"t","indexes":["create index a on t (id)","create index b on t (`id`)"]})j").Code("indexes.1"),
      "validation_duplicated_index_definition");
}

TEST_F(ValidateCollectionTest, IndexNamesAreUniqueAmongAllTables) {
  const Outcome outcome = Create(R"j({"name":"t","indexes":["create index IDX_EMAIL__pb_users_auth_ on t (id)"]})j");
  EXPECT_EQ(outcome.Code("indexes.0"), "validation_existing_index_name");
  EXPECT_EQ(outcome.errors.Find("indexes")->Find("0")->Find("params")->StringOr("usedTableName"), "users");
}

TEST_F(ValidateCollectionTest, UniqueIndexesOverSystemFieldsStay) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"a","system":true},{"type":"text","name":"b"}],
      "indexes":["create unique index ux on t (a,b)"]})j")
                  .ok());
  EXPECT_EQ(Update("t", R"j({"indexes":[]})j").Code("indexes"), "validation_invalid_unique_system_field_index");
  EXPECT_EQ(Update("t", R"j({"indexes":["create unique index ux on t (b,a)"]})j").Code("indexes"),
            "validation_invalid_unique_system_field_index");
  EXPECT_TRUE(
      Update("t", R"j({"indexes":["create unique index other on t (a collate nocase, b desc) where a > 1"]})j").ok());
}

TEST_F(ValidateCollectionTest, MissingAuthIndexesComeBackSilently) {
  ASSERT_TRUE(Update("users", R"j({"indexes":[]})j").ok());
  EXPECT_EQ(schema().Find("users")->indexes.size(), 2U);
}

TEST_F(ValidateCollectionTest, AuthOptionsAreReportedTogether) {
  const Outcome outcome = Create(R"j({"name":"t","type":"auth","manageRule":"","authRule":"zz = 1",
      "authToken":{"secret":"x","duration":5},"fileToken":{"duration":0,"secret":""},"verificationToken":{"duration":94670857},
      "mfa":{"enabled":true,"duration":5,"rule":"zz = 2"},"otp":{"enabled":true,"length":2,"duration":99999,"emailTemplate":{"subject":""}},
      "oauth2":{"enabled":true,"providers":[{"name":""},{"name":"zz","authURL":"x"}]},"authAlert":{"emailTemplate":{"body":""}},
      "passwordAuth":{"identityFields":[""]}})j");
  EXPECT_EQ(outcome.Code("authRule"), "validation_invalid_rule");
  EXPECT_EQ(outcome.Code("manageRule"), "validation_nil_or_not_empty_required");
  EXPECT_EQ(outcome.Code("authToken.secret"), "validation_length_out_of_range");
  EXPECT_EQ(outcome.Code("authToken.duration"), "validation_min_greater_equal_than_required");
  EXPECT_EQ(outcome.Code("fileToken.secret"), "validation_required");
  EXPECT_EQ(outcome.Code("fileToken.duration"), "validation_required");
  EXPECT_EQ(outcome.Code("verificationToken.duration"), "validation_max_less_equal_than_required");
  EXPECT_EQ(outcome.Code("mfa.duration"), "validation_min_greater_equal_than_required");
  EXPECT_EQ(outcome.Code("mfa.rule"), "");
  EXPECT_EQ(outcome.Code("otp.length"), "validation_min_greater_equal_than_required");
  EXPECT_EQ(outcome.Code("otp.duration"), "validation_max_less_equal_than_required");
  EXPECT_EQ(outcome.Code("otp.emailTemplate.subject"), "validation_required");
  EXPECT_EQ(outcome.Code("oauth2.providers.0.name"), "validation_required");
  EXPECT_EQ(outcome.Code("oauth2.providers.0.clientId"), "validation_required");
  EXPECT_EQ(outcome.Code("oauth2.providers.1.name"), "validation_missing_provider");
  EXPECT_EQ(outcome.Code("oauth2.providers.1.authURL"), "validation_is_url");
  EXPECT_EQ(outcome.Code("authAlert.emailTemplate.body"), "validation_required");
  EXPECT_EQ(outcome.Code("passwordAuth.identityFields"), "validation_required");
}

TEST_F(ValidateCollectionTest, DisabledMethodsAreNotChecked) {
  EXPECT_TRUE(Create(R"j({"name":"t","type":"auth","mfa":{"duration":0,"rule":"zz = 2"},"otp":{"length":0,"duration":0},
      "oauth2":{"providers":[{"name":"zz"}]},"passwordAuth":{"enabled":false,"identityFields":["nope"]}})j")
                  .ok());
}

TEST_F(ValidateCollectionTest, ADuplicatedProviderIsReportedAlone) {
  const Outcome outcome =
      Create(R"j({"name":"t","type":"auth","oauth2":{"enabled":true,"providers":[{"name":"oidc"},{"name":"oidc"}]}})j");
  EXPECT_EQ(outcome.Code("oauth2.providers.1.name"), "validation_duplicated_provider");
  EXPECT_EQ(outcome.Code("oauth2.providers.0.clientId"), "");
}

TEST_F(ValidateCollectionTest, MultiFactorNeedsTwoMethodsAndAGoodRule) {
  EXPECT_EQ(Create(R"j({"name":"t","type":"auth","mfa":{"enabled":true,"rule":"zz = 1"}})j").Code("mfa.enabled"),
            "validation_mfa_not_enough_auths");
  const Outcome rule =
      Create(R"j({"name":"t","type":"auth","otp":{"enabled":true},"mfa":{"enabled":true,"rule":"zz = 1"}})j");
  EXPECT_EQ(rule.Code("mfa.rule"), "validation_invalid_rule");
  EXPECT_TRUE(
      Create(R"j({"name":"t","type":"auth","otp":{"enabled":true},"mfa":{"enabled":true,"rule":"verified = true"}})j")
          .ok());
}

TEST_F(ValidateCollectionTest, IdentityFieldsExistAndAreUnique) {
  constexpr std::string_view kPath = "passwordAuth.identityFields";
  EXPECT_EQ(Create(R"j({"name":"t","type":"auth","passwordAuth":{"identityFields":["nope","email"]}})j").Code(kPath),
            "validation_missing_field");
  EXPECT_EQ(Create(R"j({"name":"t","type":"auth","passwordAuth":{"identityFields":["id"]}})j").Code(kPath),
            "validation_missing_unique_constraint");
  EXPECT_TRUE(Create(R"j({"name":"t","type":"auth","fields":[{"type":"text","name":"nick"}],
      "indexes":["create unique index un on t (nick)"],"passwordAuth":{"identityFields":["nick"]}})j")
                  .ok());
  EXPECT_EQ(Update("t", R"j({"indexes":[]})j").Code(kPath), "validation_missing_unique_constraint");
}

TEST_F(ValidateCollectionTest, ACollectionCannotRelateToItselfBeforeItExists) {
  EXPECT_EQ(Create(R"j({"name":"t","id":"own","fields":[{"type":"relation","name":"r","collectionId":"own"}]})j")
                .Code("fields.1.collectionId"),
            "validation_field_relation_missing_collection");
  ASSERT_TRUE(Create(R"j({"name":"t","id":"own"})j").ok());
  EXPECT_TRUE(Update("t", R"j({"fields":[{"type":"relation","name":"r","collectionId":"own"}]})j").ok());
}

TEST_F(ValidateCollectionTest, ViewsHaveNoWriteRulesAndNoIndexes) {
  const Outcome outcome = Create(
      R"j({"name":"v","type":"view","createRule":"","updateRule":"x = 1","indexes":["create index a on v (id)"]})j");
  EXPECT_EQ(outcome.Code("createRule"), "validation_nil");
  EXPECT_EQ(outcome.Code("updateRule"), "validation_nil");
  EXPECT_EQ(outcome.Code("indexes"), "validation_indexes_not_supported");
  EXPECT_EQ(outcome.Code("viewQuery"), "validation_required");
  EXPECT_EQ(outcome.Code("fields"), "validation_required");
}

}  // namespace
}  // namespace wombat
