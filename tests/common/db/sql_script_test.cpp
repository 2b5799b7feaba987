#include "common/db/sql_script.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

class SqlScriptTest : public ::testing::Test {
 protected:
  SqlScriptTest() : connection_(Connection::Open(":memory:", {.mode = Connection::Mode::kWriter, .create = true}).value()) {}
  ScriptResult Run(const std::string& script) {
    auto result = RunScript(*connection_, script, 3);
    EXPECT_TRUE(result) << result.error();
    return result.value_or(ScriptResult());
  }
  std::string Cell(const std::string& expression) { return Run("SELECT " + expression).rows.at(0).at(0).value_or("NULL"); }
  std::unique_ptr<Connection> connection_;
};

TEST_F(SqlScriptTest, GivesTheLastStatementsRowsAsTexts) {
  ScriptResult result = Run("SELECT 1; SELECT 2 AS two, NULL, 'x'; -- done\n");
  ASSERT_EQ(result.columns.size(), 3u);
  EXPECT_EQ(result.columns[0].name, "two");
  EXPECT_EQ(result.rows.at(0).at(0), "2");
  EXPECT_EQ(result.rows[0][1], std::nullopt);
  EXPECT_EQ(result.rows[0][2], "x");
}

TEST_F(SqlScriptTest, TellsDeclaredTypesInUpperCase) {
  EXPECT_EQ(Run("CREATE TABLE t (a text, b numeric); SELECT a, b, a || b FROM t").columns[1].type, "NUMERIC");
  EXPECT_EQ(Run("SELECT a || b FROM t").columns[0].type, "");
}

TEST_F(SqlScriptTest, PrintsRealsAsTheReferenceDoes) {
  EXPECT_EQ(Cell("0.1"), "0.1");
  EXPECT_EQ(Cell("123456.7"), "123456.7");
  EXPECT_EQ(Cell("1e6"), "1e+06");
  EXPECT_EQ(Cell("1234567.8"), "1.2345678e+06");
  EXPECT_EQ(Cell("0.00001"), "1e-05");
  EXPECT_EQ(Cell("0.0001"), "0.0001");
  EXPECT_EQ(Cell("2.0"), "2");
}

TEST_F(SqlScriptTest, StopsAtItsRows) {
  EXPECT_EQ(Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n").rows.size(), 3u);
}

TEST_F(SqlScriptTest, PrintsErrorsWithTheirCode) {
  EXPECT_EQ(RunScript(*connection_, "invalid", 1).error(), "SQL logic error: near \"invalid\": syntax error (1)");
  EXPECT_EQ(RunScript(*connection_, "CREATE TABLE u (a UNIQUE); INSERT INTO u VALUES (1), (1)", 1).error(),
            "constraint failed: UNIQUE constraint failed: u.a (2067)");
}

TEST(SqlScript, QuotesNamesInBraces) {
  EXPECT_EQ(PrepareScript(" SELECT {{a}}, [[b.c d]] ").value(), "SELECT `a`, `b`.`c d`");
  EXPECT_EQ(PrepareScript("SELECT {{}}, {{a").value(), "SELECT {{}}, {{a");
  EXPECT_EQ(PrepareScript("SELECT {:name}").error(), "Named parameter not found: name");
  EXPECT_EQ(PrepareScript(" \n").error(), "empty query");
}

TEST(SqlScript, TellsWritingFromReadingByTheFirstWord) {
  for (const char* script : {"insert into a", "CREATE TABLE", "Update x", "replace"}) EXPECT_TRUE(IsWritingScript(script)) << script;
  for (const char* script : {"select 1", "WITH x AS (DELETE", "-- a\nDELETE", "", "PRAGMA x"})
    EXPECT_FALSE(IsWritingScript(script)) << script;
}

}  // namespace
}  // namespace wombat
