#include "common/schema/multiplicity.h"
#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TableSyncTest : public CollectionTest {
 protected:
  std::string Columns(const std::string& table) {
    std::string names;
    for (const std::string& name : Rows("SELECT name FROM pragma_table_info('" + table + "') ORDER BY name")) {
      names += (names.empty() ? "" : " ") + name;
    }
    return names;
  }
};

TEST_F(TableSyncTest, TheInitialTablesAreThoseOfTheReference) {
  constexpr const char* kId = "`id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL";
  EXPECT_EQ(TableSql("_otps"), std::string("CREATE TABLE `_otps` (`collectionRef` TEXT DEFAULT '' NOT NULL, "
                                           "`created` TEXT DEFAULT '' NOT NULL, ") +
                                   kId +
                                   ", `password` TEXT DEFAULT '' NOT NULL, `recordRef` TEXT DEFAULT '' NOT NULL, "
                                   "`sentTo` TEXT DEFAULT '' NOT NULL, `updated` TEXT DEFAULT '' NOT NULL)");
  EXPECT_EQ(TableSql("users"), std::string("CREATE TABLE `users` (`avatar` TEXT DEFAULT '' NOT NULL, "
                                           "`created` TEXT DEFAULT '' NOT NULL, `email` TEXT DEFAULT '' NOT NULL, "
                                           "`emailVisibility` BOOLEAN DEFAULT FALSE NOT NULL, ") +
                                   kId +
                                   ", `name` TEXT DEFAULT '' NOT NULL, `password` TEXT DEFAULT '' NOT NULL, "
                                   "`tokenKey` TEXT DEFAULT '' NOT NULL, `updated` TEXT DEFAULT '' NOT NULL, "
                                   "`verified` BOOLEAN DEFAULT FALSE NOT NULL)");
}

TEST_F(TableSyncTest, TheInitialIndexesAreInCanonicalForm) {
  EXPECT_EQ(Row("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"), "9");
  EXPECT_EQ(Row("SELECT sql FROM sqlite_master WHERE name = 'idx_otps_collectionRef_recordRef'"),
            "CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (\n  `collectionRef`,\n  `recordRef`\n)");
}

TEST_F(TableSyncTest, ColumnsOfANewTableStandInByteOrder) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"number","name":"b"},{"type":"json","name":"A"},
      {"type":"select","name":"c","maxSelect":2,"values":["x","y"]},{"type":"geoPoint","name":"g"}]})j")
                  .ok());
  EXPECT_EQ(TableSql("t"),
            "CREATE TABLE `t` (`A` JSON DEFAULT NULL, `b` NUMERIC DEFAULT 0 NOT NULL, "
            "`c` JSON DEFAULT '[]' NOT NULL, `g` JSON DEFAULT '{\"lon\":0,\"lat\":0}' NOT NULL, "
            "`id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL)");
}

TEST_F(TableSyncTest, AMultipleFieldIsAnEmptyListInExistingRows) {
  ASSERT_TRUE(Create(R"j({"name":"t"})j").ok());
  Run("INSERT INTO t (id) VALUES ('r1')");
  ASSERT_TRUE(
      Update(
          "t",
          R"j({"fields":[{"type":"select","name":"s","maxSelect":2,"values":["a","b"]},{"type":"bool","name":"b"}]})j")
          .ok());
  EXPECT_EQ(Row("SELECT id, s, b FROM t"), "r1|[]|0");
}

TEST_F(TableSyncTest, TwoFieldsCanSwapTheirNames) {
  ASSERT_TRUE(
      Create(R"j({"name":"t","fields":[{"type":"text","name":"a","id":"x"},{"type":"text","name":"b","id":"y"}]})j")
          .ok());
  Run("INSERT INTO t (id, a, b) VALUES ('r1', 'first', 'second')");
  ASSERT_TRUE(
      Update("t", R"j({"fields":[{"type":"text","name":"b","id":"x"},{"type":"text","name":"a","id":"y"}]})j").ok());
  EXPECT_EQ(Row("SELECT a, b FROM t"), "second|first");
}

TEST_F(TableSyncTest, AFieldWithANewIdLosesItsColumn) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"a","id":"x"}]})j").ok());
  Run("INSERT INTO t (id, a) VALUES ('r1', 'gone')");
  ASSERT_TRUE(Update("t", R"j({"fields":[{"type":"text","name":"a","id":"y"}]})j").ok());
  EXPECT_EQ(Row("SELECT id, a FROM t"), "r1|");
}

TEST_F(TableSyncTest, ARenamedCollectionKeepsItsRowsAndIndexes) {
  ASSERT_TRUE(
      Create(R"j({"name":"before","fields":[{"type":"text","name":"a"}],"indexes":["create index ix on before (a)"]})j")
          .ok());
  Run("INSERT INTO before (id, a) VALUES ('r1', 'x')");
  ASSERT_TRUE(Update("before", R"j({"name":"after"})j").ok());
  EXPECT_EQ(Row("SELECT id, a FROM after"), "r1|x");
  EXPECT_EQ(Row("SELECT tbl_name, sql FROM sqlite_master WHERE name = 'ix'"),
            "after|CREATE INDEX `ix` ON `after` (`a`)");
  EXPECT_EQ(schema().Find("before"), nullptr);
}

TEST_F(TableSyncTest, ANameInAnotherLetterCaseLeavesTheTable) {
  ASSERT_TRUE(Create(R"j({"name":"before"})j").ok());
  ASSERT_TRUE(Update("before", R"j({"name":"BEFORE"})j").ok());
  EXPECT_EQ(Row("SELECT name FROM sqlite_master WHERE lower(name) = 'before'"), "before");
  EXPECT_NE(schema().Find("before"), nullptr);
}

TEST_F(TableSyncTest, SingleValuesBecomeLists) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"select","name":"s","id":"x","values":["a","b","1"]}]})j").ok());
  Run("INSERT INTO t (id, s) VALUES ('r1', ''), ('r2', 'a'), ('r3', '[\"a\",\"b\"]'), ('r4', '1'), ('r5', "
      "'{\"a\":1}')");
  ASSERT_TRUE(
      Update("t", R"j({"fields":[{"type":"select","name":"s","id":"x","maxSelect":2,"values":["a","b","1"]}]})j").ok());
  EXPECT_THAT(Rows("SELECT s FROM t ORDER BY id"),
              ElementsAre("[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"1\"]", "[\"{\\\"a\\\":1}\"]"));
}

TEST_F(TableSyncTest, ListsBecomeTheirLastValue) {
  ASSERT_TRUE(
      Create(R"j({"name":"t","fields":[{"type":"select","name":"s","id":"x","maxSelect":2,"values":["a","b"]}]})j")
          .ok());
  Run("INSERT INTO t (id, s) VALUES ('r1', '[]'), ('r2', '[\"a\"]'), ('r3', '[\"a\",\"b\"]'), ('r4', 'plain'), ('r5', "
      "'')");
  ASSERT_TRUE(Update("t", R"j({"fields":[{"type":"select","name":"s","id":"x","values":["a","b"]}]})j").ok());
  EXPECT_THAT(Rows("SELECT s FROM t ORDER BY id"), ElementsAre("", "a", "b", "plain", ""));
  EXPECT_EQ(Row("SELECT type, \"notnull\", dflt_value FROM pragma_table_info('t') WHERE name = 's'"), "TEXT|1|''");
}

TEST_F(TableSyncTest, AConvertedFieldCanBeRenamedByTheSameChange) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"select","name":"s","id":"x","values":["a"]}]})j").ok());
  Run("INSERT INTO t (id, s) VALUES ('r1', 'a')");
  ASSERT_TRUE(
      Update("t", R"j({"fields":[{"type":"select","name":"z","id":"x","maxSelect":2,"values":["a","b"]}]})j").ok());
  EXPECT_EQ(Row("SELECT z FROM t"), "[\"a\"]");
}

TEST_F(TableSyncTest, ViewsSurviveAConversionInTheirOwnWords) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"select","name":"s","id":"x","values":["a"]}]})j").ok());
  const std::string first = "CREATE VIEW `v1` AS SELECT * FROM (select id, s from t)";
  const std::string second = "CREATE VIEW v2 AS SELECT id FROM v1";
  Run(first);
  Run(second);
  ASSERT_TRUE(
      Update("t", R"j({"fields":[{"type":"select","name":"s","id":"x","maxSelect":2,"values":["a","b"]}]})j").ok());
  EXPECT_THAT(Rows("SELECT sql FROM sqlite_master WHERE type = 'view' ORDER BY name"), ElementsAre(first, second));
}

TEST_F(TableSyncTest, AColumnThatAViewUsesCannotBeDropped) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"a"}]})j").ok());
  Run("CREATE VIEW v AS SELECT id, a FROM t");
  const Outcome outcome = Update("t", R"j({"fields":[]})j");
  EXPECT_THAT(outcome.raw, HasSubstr("failed to drop column a - "));
  EXPECT_EQ(Columns("t"), "a id");
  EXPECT_NE(schema().Find("t")->FindField("a"), nullptr);
}

TEST_F(TableSyncTest, EveryIndexThatFailsIsReportedAndNothingIsKept) {
  const Outcome outcome = Create(
      R"j({"name":"t","indexes":["create index a1 on t (nope)","create index a2 on t (id)","create index a3 on t (none)"]})j");
  EXPECT_EQ(outcome.Code("indexes.0"), "validation_invalid_index_expression");
  EXPECT_EQ(outcome.Code("indexes.1"), "");
  EXPECT_EQ(outcome.Code("indexes.2"), "validation_invalid_index_expression");
  EXPECT_THAT(outcome.errors.Find("indexes")->Find("0")->StringOr("message"),
              HasSubstr("Failed to create index a1 - "));
  EXPECT_THAT(Rows("SELECT 1 FROM sqlite_master WHERE name = 't'"), IsEmpty());
  EXPECT_THAT(Rows("SELECT 1 FROM _collections WHERE name = 't'"), IsEmpty());
}

TEST_F(TableSyncTest, AUniqueIndexOverRepeatedValuesIsRefused) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"a"}]})j").ok());
  Run("INSERT INTO t (id, a) VALUES ('r1', 'x'), ('r2', 'x')");
  EXPECT_EQ(Update("t", R"j({"indexes":["create unique index ux on t (a)"]})j").Code("indexes.0"),
            "validation_invalid_index_expression");
}

TEST_F(TableSyncTest, ChangedIndexesReplaceTheOldOnes) {
  ASSERT_TRUE(
      Create(
          R"j({"name":"t","fields":[{"type":"text","name":"a"}],"indexes":["create index i1 on t (a)","create index i2 on t (id, a)"]})j")
          .ok());
  ASSERT_TRUE(Update("t", R"j({"indexes":["create unique index i1 on t (a desc)"]})j").ok());
  EXPECT_THAT(Rows("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 't' AND sql IS NOT NULL"),
              ElementsAre("CREATE UNIQUE INDEX `i1` ON `t` (`a` DESC)"));
}

TEST_F(TableSyncTest, RenamingAnIndexedColumnNeedsItsIndexAdapted) {
  ASSERT_TRUE(
      Create(R"j({"name":"t","fields":[{"type":"text","name":"a","id":"x"}],"indexes":["create index i on t (a)"]})j")
          .ok());
  EXPECT_EQ(Update("t", R"j({"fields":[{"type":"text","name":"b","id":"x"}]})j").Code("indexes.0"),
            "validation_invalid_index_expression");
  EXPECT_TRUE(
      Update("t", R"j({"fields":[{"type":"text","name":"b","id":"x"}],"indexes":["create index i on t (b)"]})j").ok());
}

TEST_F(TableSyncTest, AMissingTableIsMadeAnew) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"a"}]})j").ok());
  Run("DROP TABLE t");
  ASSERT_TRUE(Update("t", R"j({"listRule":""})j").ok());
  EXPECT_EQ(Columns("t"), "a id");
}

TEST_F(TableSyncTest, OptionsThatShapeNoColumnLeaveTheTableAlone) {
  ASSERT_TRUE(Create(R"j({"name":"t","fields":[{"type":"text","name":"a","id":"x"}]})j").ok());
  const std::string before = TableSql("t");
  ASSERT_TRUE(Update("t", R"j({"fields":[{"type":"text","name":"a","id":"x","required":true,"max":5}]})j").ok());
  EXPECT_EQ(TableSql("t"), before);
}

TEST_F(TableSyncTest, ANameThatSqliteReservesIsARawError) {
  EXPECT_THAT(Create(R"j({"name":"sqlite_x"})j").raw, HasSubstr("object name reserved for internal use"));
}

}  // namespace
}  // namespace wombat
