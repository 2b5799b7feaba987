#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::ElementsAre;

Collection WithFields(std::string_view fields, CollectionType type = CollectionType::kBase) {
  Collection collection = NewCollection(type);
  collection.name = "books";
  EXPECT_TRUE(ApplyCollectionBody(collection, Json::Object({{"fields", ParsedJson(fields)}})).has_value());
  return collection;
}

TEST(PreparedCollection, OutputHoldsAllKeysOfARecordInByteOrder) {
  Collection collection =
      WithFields(R"j([{"type":"text","name":"id"},{"type":"text","name":"zeta"},{"type":"text","name":"Alpha"},
                                         {"type":"text","name":"a"},{"type":"text","name":"a_b"},{"type":"text","name":"a1"}])j");
  collection.Prepare();
  std::vector<std::string> prefixes;
  for (const auto& key : collection.output) prefixes.push_back(key.prefix);
  EXPECT_THAT(prefixes, ElementsAre("\"Alpha\":", "\"a\":", "\"a1\":", "\"a_b\":", "\"collectionId\":",
                                    "\"collectionName\":", "\"expand\":", "\"id\":", "\"zeta\":"));
  EXPECT_EQ(collection.output[0].field, 2);
  EXPECT_EQ(collection.output[6].kind, Collection::OutputKey::Kind::kExpand);
  EXPECT_THAT(collection.columns_by_name, ElementsAre(2, 3, 5, 4, 0, 1));
}

TEST(PreparedCollection, SelectsItsColumnsInTheOrderOfItsFields) {
  Collection collection =
      WithFields(R"j([{"type":"text","name":"id"},{"type":"text","name":"b"},{"type":"text","name":"a"}])j");
  collection.Prepare();
  EXPECT_EQ(collection.select_columns, "`books`.`id`, `books`.`b`, `books`.`a`");
}

TEST(PreparedCollection, KnowsItsAuthFields) {
  Collection collection = NewCollection(CollectionType::kAuth);
  collection.Prepare();
  EXPECT_EQ(collection.fields[std::size_t(collection.email_field)]->name, "email");
  EXPECT_EQ(collection.fields[std::size_t(collection.token_key_field)]->name, "tokenKey");
  EXPECT_EQ(collection.fields[std::size_t(collection.verified_field)]->name, "verified");
}

TEST(PreparedCollection, AnEmailColumnOfABaseCollectionIsNotHiddenLikeThatOfAnAccount) {
  Collection collection = WithFields(R"j([{"type":"email","name":"email"}])j");
  collection.Prepare();
  EXPECT_EQ(collection.email_field, -1);
}

TEST(SingleColumnUniqueIndex, CountsInAnyCaseAndWhenPartial) {
  Collection collection;
  collection.indexes = {"CREATE UNIQUE INDEX a ON books (Title) WHERE title != ''"};
  EXPECT_TRUE(collection.HasSingleColumnUniqueIndex("title"));
}

TEST(SingleColumnUniqueIndex, NeitherPlainNorTwoColumnIndexesCount) {
  Collection collection;
  collection.indexes = {"CREATE INDEX a ON books (title)", "CREATE UNIQUE INDEX b ON books (title, year)"};
  EXPECT_FALSE(collection.HasSingleColumnUniqueIndex("title"));
}

TEST(CopiedCollection, HasFieldsOfItsOwn) {
  Collection collection = WithFields(R"j([{"type":"text","name":"a","id":"x"}])j");
  Collection copy(collection);
  copy.FindFieldById("x")->name = "b";
  EXPECT_NE(collection.FindField("a"), nullptr);
  EXPECT_EQ(copy.FindField("a"), nullptr);
}

}  // namespace
}  // namespace wombat
