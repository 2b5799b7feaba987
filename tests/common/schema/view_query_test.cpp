#include "common/schema/view_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wombat {
namespace {

std::string Shown(const std::vector<ViewIdentifier>& identifiers) {
  std::string text;
  for (const ViewIdentifier& each : identifiers) text += each.original + ">" + each.alias + " ";
  return text;
}

std::string Columns(std::string_view query) {
  const auto parsed = ParseViewQuery(query);
  return parsed ? Shown(parsed->columns) : parsed.error().message;
}

std::string Tables(std::string_view query) {
  const auto parsed = ParseViewQuery(query);
  return parsed ? Shown(parsed->tables) : parsed.error().message;
}

TEST(TrimViewQuery, DropsBlanksThenSemicolons) {
  EXPECT_EQ(TrimViewQuery(" \t select 1;;\n"), "select 1");
  EXPECT_EQ(TrimViewQuery(";select 1 ;"), "select 1 ");
  EXPECT_EQ(TrimViewQuery(" ; "), "");
}

TEST(ParseViewQuery, FindsColumnsWithTheirAliases) {
  EXPECT_EQ(Columns("select id, a.b, c as d, e f, `g` \"h\", [i], 'j' 'k' from t"),
            "id>id a.b>b c>d e>f g>h i>i 'j'>k ");
  EXPECT_EQ(Columns("SELECT DISTINCT id,(a + b) c FROM t"), "id>id (a + b)>c ");
}

TEST(ParseViewQuery, FindsTablesOfFromAndJoins) {
  EXPECT_EQ(Tables("select id from a, b c"), "a>a b>c ");
  EXPECT_EQ(Tables("select id from a x LEFT  OUTER\njoin b as y on x.id = y.id join c on c.id = x.id where 1"),
            "a>x b>y c>c ");
}

TEST(ParseViewQuery, LooksPastWhatComesBehindTheTables) {
  for (const char* rest : {"where a = 1", "group by b, c", "having d", "order by e", "limit 1, 2"}) {
    EXPECT_EQ(Tables("select id from t " + std::string(rest)), "t>t ") << rest;
  }
}

TEST(ParseViewQuery, TakesCommentsForBlanks) {
  EXPECT_EQ(Columns("select/* , x */id -- , y\n, a from t"), "id>id a>a ");
  EXPECT_EQ(Columns("select id, /* open from t"), "id>id /*>open ");
}

TEST(ParseViewQuery, SeesNothingInsideQuotesAndParentheses) {
  EXPECT_EQ(Columns("select id, 'a, b from c' d, (select e, f from g) h from t"),
            "id>id 'a, b from c'>d (select e, f from g)>h ");
}

TEST(ParseViewQuery, TakesALongTextInTimeThatGrowsWithIt) {
  for (const char* piece : {"/*", "--\n", " join", "'", "(", " ,", "a "}) {
    std::string query = "select id from t ";
    while (query.size() < 1'000'000) query += piece;
    (void)ParseViewQuery(query);
  }
}

TEST(OnlySourceOf, IsTheTableWhoseRowsAreShownUnderTheirOwnId) {
  EXPECT_EQ(OnlySourceOf("select id, title from posts where votes > 0 order by title limit 5"), "posts");
  EXPECT_EQ(OnlySourceOf("select p.id, count(*) c from `posts` p group by p.id"), "posts");
}

TEST(OnlySourceOf, IsUnknownWhenRowsCouldAppearTwice) {
  for (const char* query : {
           "select p.id from posts p, tags t", "select p.id from posts p join tags t on 1", "select id from posts join(tags)",
           "select id from posts where 1 union all select id from posts", "select title as id from posts",
           "select t.id from posts p", "with posts as (values (1), (1)) select column1 as id from posts",
           "select id from (select 1 as id)", "select (row_number() over ()) as id from posts", "select 1 as id",
           "select id, [x from tags] from posts", "select id, 'a\\' b from posts", "select id, title as ID from posts",
           "select id from posts, json_each('[1,2]')", "select id"}) {
    EXPECT_EQ(OnlySourceOf(query), std::nullopt) << query;
  }
}

}  // namespace
}  // namespace wombat
