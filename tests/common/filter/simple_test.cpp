// The whitelist resolver of collections and logs (spec 03 §13).
#include <gtest/gtest.h>

#include "common/filter/compile.h"

namespace wombat {
namespace {

const SimpleColumns kLogs{.columns = {"id", "created", "level", "message", "data"}, .json_column = "data"};
const SimpleColumns kCollections{.columns = {"id", "name", "type", "system"}, .json_column = {}};

TEST(SimpleColumns, AreWrittenAsColumns) {
  const auto query = CompileSimple(kLogs, "level = 8 && message ~ 'x'", "-created,level");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->where, "(`level` = ? AND `message` LIKE ? ESCAPE '\\')");
  EXPECT_EQ(query->where_values, (SqlValues{8.0, std::string("%x%")}));
  EXPECT_EQ(query->order_by, "`created` DESC, `level` ASC");
}

TEST(SimpleColumns, ReachIntoJsonBelowTheJsonColumn) {
  const auto query = CompileSimple(kLogs, "data.auth.0.id != ''", "data.status");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->where, "(json_extract(`data`,'$.auth[0].id') IS NOT ?)");
  EXPECT_EQ(query->order_by, "json_extract(`data`,'$.status') ASC");
}

TEST(SimpleColumns, OfOtherNamesAreRefused) {
  EXPECT_EQ(CompileSimple(kLogs, "secret = 1", "").error().message,
            R"(invalid left operand "secret" - failed to resolve field "secret")");
  EXPECT_FALSE(CompileSimple(kCollections, "data.x = 1", ""));
  EXPECT_FALSE(CompileSimple(kLogs, "data. = 1", ""));
  EXPECT_FALSE(CompileSimple(kLogs, "level:lower = 1", ""));
  EXPECT_FALSE(CompileSimple(kLogs, "", "secret"));
  EXPECT_FALSE(CompileSimple(kLogs, "@request.auth.id = ''", ""));
}

TEST(SimpleColumns, TakeMacrosLiteralsAndFunctions) {
  const auto query = CompileSimple(kCollections, "system = TRUE || name = null || strftime('%Y', @now) = name", "");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->where,
            "(`system` = 1 OR (`name` = '' OR `name` IS NULL) OR COALESCE(strftime(?,?),'') = COALESCE(`name`,''))");
}

TEST(SimpleColumns, SortByRowidAndAtRandom) {
  const auto query = CompileSimple(kCollections, "", "@random,-@rowid");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->where, "");
  EXPECT_EQ(query->order_by, "RANDOM(), `_rowid_` DESC");
}

TEST(SimpleColumns, NeedAnExpressionWhenAFilterIsGiven) { EXPECT_FALSE(CompileSimple(kCollections, "  ", "")); }

}  // namespace
}  // namespace wombat
