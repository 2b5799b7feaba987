#include "common/schema/index.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

std::string Rebuilt(std::string_view sql) { return ParseIndex(sql).Build(); }

TEST(Index, OneColumnIsBuiltOnOneLine) {
  EXPECT_EQ(Rebuilt("create index i on t (a)"), "CREATE INDEX `i` ON `t` (`a`)");
  EXPECT_EQ(Rebuilt("CREATE UNIQUE\nINDEX [i] ON \"t\"(`a`)"), "CREATE UNIQUE INDEX `i` ON `t` (`a`)");
}

TEST(Index, SeveralColumnsAreBuiltOnLinesOfTheirOwn) {
  EXPECT_EQ(Rebuilt("create unique index `i` on `t` (a,b collate nocase desc)"),
            "CREATE UNIQUE INDEX `i` ON `t` (\n  `a`,\n  `b` COLLATE nocase DESC\n)");
}

TEST(Index, EveryPartIsTakenApart) {
  const IndexDefinition index = ParseIndex(
      "CREATE UNIQUE INDEX IF NOT  EXISTS `main`.`i` ON t (a asc, lower(b) COLLATE binary) WHERE  a > ''\n and b ");
  EXPECT_TRUE(index.unique);
  EXPECT_TRUE(index.if_not_exists);
  EXPECT_EQ(index.schema, "main");
  EXPECT_EQ(index.name, "i");
  EXPECT_EQ(index.table, "t");
  EXPECT_EQ(index.where, "a > ''\n and b");
  ASSERT_EQ(index.columns.size(), 2u);
  EXPECT_EQ(index.columns[0], (IndexColumn{"a", "", "ASC"}));
  EXPECT_EQ(index.columns[1], (IndexColumn{"lower(b)", "binary", ""}));
  EXPECT_EQ(index.Build(),
            "CREATE UNIQUE INDEX IF NOT EXISTS `main`.`i` ON `t` (\n  `a` ASC,\n  lower(b) COLLATE binary\n)"
            " WHERE a > ''\n and b");
}

TEST(Index, ExpressionsAreBuiltWithoutQuotes) {
  EXPECT_EQ(Rebuilt("CREATE INDEX i ON t (coalesce(a,'x,y'), `b`)"),
            "CREATE INDEX `i` ON `t` (\n  coalesce(a,'x,y'),\n  `b`\n)");
  EXPECT_EQ(Rebuilt("CREATE INDEX i ON t (a || b)"), "CREATE INDEX `i` ON `t` (a || b)");
  EXPECT_EQ(Rebuilt("CREATE INDEX i ON t (json_extract(a,'$.x(') )"),
            "CREATE INDEX `i` ON `t` (json_extract(a,'$.x('))");
}

TEST(Index, WhatFollowsOrPrecedesIsIgnored) {
  EXPECT_EQ(Rebuilt("xx CREATE INDEX i ON t (a); drop"), "CREATE INDEX `i` ON `t` (`a`)");
  EXPECT_EQ(Rebuilt("CREATE INDEX i ON t (a) -- c"), "CREATE INDEX `i` ON `t` (`a`)");
  EXPECT_EQ(Rebuilt("CREATE INDEX i ON t (a) x WHERE a > ''"), "CREATE INDEX `i` ON `t` (`a`)");
  EXPECT_EQ(Rebuilt("CREATE INDEX i ON t (a,)"), "CREATE INDEX `i` ON `t` (`a`)");
}

TEST(Index, AColumnEndsWithItsFirstLine) {
  EXPECT_EQ(Rebuilt("CREATE INDEX i ON t (a\n-- x\n, b)"), "CREATE INDEX `i` ON `t` (\n  `a`,\n  `b`\n)");
}

TEST(Index, AWhereClauseWithParenthesesMakesItInvalid) {
  EXPECT_FALSE(ParseIndex("CREATE INDEX i ON t (a) WHERE (a != '')").IsValid());
  EXPECT_TRUE(ParseIndex("CREATE INDEX i ON t (a) WHERE a != ''").IsValid());
}

TEST(Index, WhatIsNoIndexIsInvalid) {
  for (const char* sql : {"", "CREATE TABLE t (a)", "CREATE INDEX i ON t ()", "CREATE INDEX ON t (a)",
                          "CREATE INDEX `i 1` ON t (a)", "CREATEINDEX i ON t (a)", "CREATE INDEX i ONE t (a)",
                          "CREATE INDEX i ON t (a) , (b)", "CREATE INDEX i ON t (`a)", "CREATE INDEX i ON t x (a)"}) {
    EXPECT_FALSE(ParseIndex(sql).IsValid()) << sql;
    EXPECT_EQ(Rebuilt(sql), "") << sql;
  }
}

TEST(Index, ATableMayBeMissingUntilItsCollectionGivesItOne) {
  IndexDefinition index = ParseIndex("CREATE INDEX i ON (a)");
  EXPECT_FALSE(index.IsValid());
  index.table = "t";
  EXPECT_EQ(index.Build(), "CREATE INDEX `i` ON `t` (`a`)");
}

TEST(Index, AnIndexOfThreePartsKeepsTheFirstAsItsName) {
  EXPECT_EQ(Rebuilt("CREATE INDEX a.b.c ON t (a)"), "CREATE INDEX `a` ON `t` (`a`)");
}

TEST(Index, ABuiltIndexParsesToItself) {
  for (const char* sql :
       {"CREATE INDEX `i` ON `t` (`a`)", "CREATE UNIQUE INDEX `i` ON `t` (\n  `a`,\n  lower(b) DESC\n) WHERE a > 1"}) {
    EXPECT_EQ(Rebuilt(sql), sql);
  }
}

}  // namespace
}  // namespace wombat
