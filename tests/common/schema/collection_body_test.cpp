#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::ElementsAre;

Collection Applied(CollectionType type, std::string_view body) {
  Collection collection = NewCollection(type);
  auto applied = ApplyCollectionBody(collection, ParsedJson(body));
  EXPECT_TRUE(applied.has_value()) << applied.error().message;
  return collection;
}

std::vector<std::string> FieldNames(const Collection& collection) {
  std::vector<std::string> names;
  for (const auto& field : collection.fields) names.push_back(field->name);
  return names;
}

TEST(CollectionBody, KeysMatchInAnyCase) {
  const Collection collection = Applied(CollectionType::kBase, R"j({"NAME":"a","ListRule":""})j");
  EXPECT_EQ(collection.name, "a");
  EXPECT_EQ(collection.list_rule, "");
}

TEST(CollectionBody, NullClosesARuleAndLeavesTheRestAlone) {
  Collection collection = Applied(CollectionType::kBase, R"j({"name":"a","listRule":"","system":true})j");
  ASSERT_TRUE(
      ApplyCollectionBody(collection, ParsedJson(R"j({"name":null,"listRule":null,"system":null})j")).has_value());
  EXPECT_EQ(collection.name, "a");
  EXPECT_TRUE(collection.system);
  EXPECT_EQ(collection.list_rule, std::nullopt);
}

TEST(CollectionBody, FieldsAreReplacedAndNotMerged) {
  Collection collection =
      Applied(CollectionType::kBase, R"j({"fields":[{"type":"text","name":"a","id":"x","max":5}]})j");
  ASSERT_TRUE(
      ApplyCollectionBody(collection, ParsedJson(R"j({"fields":[{"type":"text","name":"b","id":"x"}]})j")).has_value());
  EXPECT_THAT(FieldNames(collection), ElementsAre("b"));
  EXPECT_EQ(collection.fields[0]->OptionsJson().NumberOr("max", -1), 0);
}

TEST(CollectionBody, TheLastOfSeveralFieldsOfOneNameWinsInPlace) {
  const Collection collection = Applied(
      CollectionType::kBase,
      R"j({"fields":[{"type":"text","name":"a","max":1},{"type":"text","name":"b"},{"type":"text","name":"a","max":2}]})j");
  EXPECT_THAT(FieldNames(collection), ElementsAre("a", "b"));
  EXPECT_EQ(collection.fields[0]->OptionsJson().NumberOr("max"), 2);
}

TEST(CollectionBody, ADefaultFieldIdThatIsTakenGetsANumber) {
  const Collection collection =
      Applied(CollectionType::kBase,
              R"j({"fields":[{"type":"text","name":"b","id":"text3904355907"},{"type":"text","name":"a"}]})j");
  EXPECT_EQ(collection.fields[1]->id, "text39043559072");
}

TEST(CollectionBody, NestedObjectsMerge) {
  Collection collection = NewCollection(CollectionType::kAuth);
  const std::string secret = collection.auth.auth_token.secret;
  ASSERT_TRUE(ApplyCollectionBody(collection, ParsedJson(R"j({"authToken":{"duration":100}})j")).has_value());
  EXPECT_EQ(collection.auth.auth_token.duration, 100);
  EXPECT_EQ(collection.auth.auth_token.secret, secret);
}

TEST(CollectionBody, ProvidersKeepTheirSecretsByName) {
  Collection collection = Applied(CollectionType::kAuth, R"j({"oauth2":{"providers":[
      {"name":"google","clientId":"g","clientSecret":"google secret"},
      {"name":"oidc","clientId":"o","clientSecret":"oidc secret","extra":{"a":1,"b":2}}]}})j");
  ASSERT_TRUE(
      ApplyCollectionBody(collection, ParsedJson(R"j({"oauth2":{"providers":[{"name":"oidc","extra":{"b":3}}]}})j"))
          .has_value());
  const Json::Array& providers = collection.auth.oauth2.providers.as_array();
  ASSERT_EQ(providers.size(), 1U);
  EXPECT_EQ(providers[0].StringOr("clientId"), "o");
  EXPECT_EQ(providers[0].StringOr("clientSecret"), "oidc secret");
  EXPECT_EQ(providers[0].Find("extra")->Dump(), R"j({"a":1,"b":3})j");
}

TEST(CollectionBody, AnUnknownProviderInheritsNothing) {
  Collection collection =
      Applied(CollectionType::kAuth, R"j({"oauth2":{"providers":[{"name":"google","clientSecret":"hush"}]}})j");
  ASSERT_TRUE(
      ApplyCollectionBody(collection, ParsedJson(R"j({"oauth2":{"providers":[{"name":"oidc"}]}})j")).has_value());
  EXPECT_EQ(collection.auth.oauth2.providers.as_array()[0].StringOr("clientSecret"), "");
}

TEST(CollectionBody, ANullAmongTheIndexesKeepsTheTextOfItsPosition) {
  Collection collection = Applied(CollectionType::kBase, R"j({"indexes":["one","two"]})j");
  ASSERT_TRUE(ApplyCollectionBody(collection, ParsedJson(R"j({"indexes":[null,"new",null]})j")).has_value());
  EXPECT_THAT(collection.indexes, ElementsAre("one", "new", ""));
}

TEST(CollectionBody, WrongJsonTypesFailTheWholeBody) {
  for (const char* body :
       {R"j({"name":5})j", R"j({"system":"true"})j", R"j({"listRule":5})j", R"j({"fields":{}})j",
        R"j({"fields":[{"type":"foo"}]})j", R"j({"fields":[null]})j", R"j({"indexes":[5]})j", R"j({"authToken":5})j",
        R"j({"authToken":{"duration":5.5}})j", R"j({"authToken":{"duration":"5"}})j",
        R"j({"oauth2":{"providers":[5]}})j", R"j({"updated":5})j", R"j([])j", R"j("x")j"}) {
    Collection collection = NewCollection(CollectionType::kAuth);
    EXPECT_FALSE(ApplyCollectionBody(collection, ParsedJson(body)).has_value()) << body;
  }
}

TEST(CollectionBody, OptionsOfAnotherTypeAreCheckedAndDropped) {
  Collection collection = Applied(CollectionType::kBase, R"j({"viewQuery":"select 1","authRule":"x"})j");
  EXPECT_EQ(StoredOptions(collection), "{}");
  EXPECT_FALSE(ApplyCollectionBody(collection, ParsedJson(R"j({"viewQuery":5})j")).has_value());
}

TEST(CollectionBody, UnknownKeysAreNotStored) {
  const Collection collection =
      Applied(CollectionType::kAuth, R"j({"nonsense":1,"fields":[{"type":"text","name":"a","nonsense":1}]})j");
  EXPECT_THAT(StoredOptions(collection), testing::Not(testing::HasSubstr("nonsense")));
  EXPECT_THAT(StoredFields(collection), testing::Not(testing::HasSubstr("nonsense")));
}

TEST(CollectionBody, ACreationDateThatIsNoneBecomesBlank) {
  EXPECT_EQ(Applied(CollectionType::kBase, R"j({"created":"2020-01-01"})j").created, "2020-01-01 00:00:00.000Z");
  EXPECT_EQ(Applied(CollectionType::kBase, R"j({"created":"zzz"})j").created, "");
}

}  // namespace
}  // namespace wombat
