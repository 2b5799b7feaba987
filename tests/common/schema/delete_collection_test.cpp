#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DeleteCollectionTest : public CollectionTest {
 protected:
  std::expected<void, DeleteCollectionError> Delete(std::string_view name) {
    Run("SAVEPOINT change");
    auto deleted = DeleteCollection(db(), *schema().Find(name), schema());
    Run(deleted ? "RELEASE change" : "ROLLBACK TO change; RELEASE change");
    if (deleted) Reload();
    return deleted;
  }
};

TEST_F(DeleteCollectionTest, TableAndRowGo) {
  ASSERT_TRUE(Create(R"j({"name":"t","indexes":["create index i on t (id)"]})j").ok());
  ASSERT_TRUE(Delete("t").has_value());
  EXPECT_THAT(Rows("SELECT name FROM sqlite_master WHERE tbl_name = 't'"), IsEmpty());
  EXPECT_EQ(schema().Find("t"), nullptr);
}

TEST_F(DeleteCollectionTest, SystemCollectionsStay) {
  const auto deleted = Delete("_mfas");
  ASSERT_FALSE(deleted.has_value());
  EXPECT_EQ(deleted.error().message, "[_mfas] system collections cannot be deleted");
}

TEST_F(DeleteCollectionTest, ReferencedCollectionsStayAndTheirReferencesAreNamedInCreationOrder) {
  ASSERT_TRUE(Create(R"j({"name":"target","id":"target_id"})j").ok());
  ASSERT_TRUE(Create(R"j({"name":"zz","fields":[{"type":"relation","name":"r","collectionId":"target_id"}]})j").ok());
  ASSERT_TRUE(Create(R"j({"name":"aa","fields":[{"type":"relation","name":"r","collectionId":"target_id"},
                                               {"type":"relation","name":"s","collectionId":"target_id"}]})j")
                  .ok());
  const auto deleted = Delete("target");
  ASSERT_FALSE(deleted.has_value());
  EXPECT_THAT(deleted.error().referencing, ElementsAre("zz", "aa"));
  EXPECT_EQ(deleted.error().message, "[target] failed to delete due to existing relation references: zz, aa");
}

TEST_F(DeleteCollectionTest, ARelationToItselfDoesNotCount) {
  ASSERT_TRUE(Create(R"j({"name":"t","id":"own"})j").ok());
  ASSERT_TRUE(Update("t", R"j({"fields":[{"type":"relation","name":"r","collectionId":"own"}]})j").ok());
  EXPECT_TRUE(Delete("t").has_value());
}

TEST_F(DeleteCollectionTest, ASourceOfAViewStays) {
  ASSERT_TRUE(Create(R"j({"name":"t"})j").ok());
  Run("CREATE VIEW v AS SELECT * FROM (select id from t)");
  Run(R"j(INSERT INTO _collections (id, type, name, options) VALUES ('vid', 'view', 'v', '{"viewQuery":"select id from t"}'))j");
  Reload();
  const auto deleted = Delete("t");
  ASSERT_FALSE(deleted.has_value());
  EXPECT_THAT(deleted.error().message, HasSubstr("[t] failed to delete due to existing view dependency: "));
  EXPECT_THAT(Rows("SELECT name FROM sqlite_master WHERE name = 't'"), ElementsAre("t"));
  ASSERT_TRUE(Delete("v").has_value());
  EXPECT_TRUE(Delete("t").has_value());
}

TEST_F(DeleteCollectionTest, WhatBelongedToItsAccountsGoesToo) {
  ASSERT_TRUE(Create(R"j({"name":"members","type":"auth","id":"members_id"})j").ok());
  for (const char* table : {"_mfas", "_otps", "_authOrigins", "_externalAuths"}) {
    Run(std::string("INSERT INTO ") + table +
        " (id, collectionRef) VALUES ('mine', 'members_id'), ('other', '_pb_users_auth_')");
  }
  const Collection members(*schema().Find("members"));
  ASSERT_TRUE(Delete("members").has_value());
  ASSERT_TRUE(DeleteReferences(db(), members, schema()).has_value());
  for (const char* table : {"_mfas", "_otps", "_authOrigins", "_externalAuths"}) {
    EXPECT_THAT(Rows(std::string("SELECT id FROM ") + table), ElementsAre("other")) << table;
  }
}

}  // namespace
}  // namespace wombat
