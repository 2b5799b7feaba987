#include "common/filter/compile.h"

#include <gtest/gtest.h>

#include "common/filter/placeholders.h"
#include "tests/common/filter/world.h"

namespace wombat::filter_test {
namespace {

CompiledQuery CompileRule(std::string_view rule, const RequestInfo& request, std::string_view collection = "posts") {
  Compiler compiler(TheWorld().schema(), TheWorld().collection(collection), &request);
  const auto added = compiler.AddRule(rule);
  EXPECT_TRUE(added) << added.error().message;
  auto query = compiler.Finish();
  EXPECT_TRUE(query);
  return query ? std::move(*query) : CompiledQuery();
}

std::string Where(std::string_view rule) { return CompileRule(rule, Guest()).where; }

std::string Nested(int levels, const std::string& before, const std::string& innermost) {
  std::string out;
  for (int i = 0; i < levels; ++i) out += before + "(";
  out += innermost;
  return out + std::string(std::size_t(levels), ')');
}

TEST(Compile, ValuesAreBoundAndNeverWritten) {
  const CompiledQuery query = CompileRule("title = 'a\\'b' && total > 5", Guest());
  EXPECT_EQ(query.where, "(`posts`.`title` = ? AND `posts`.`total` > ?)");
  EXPECT_EQ(query.where_values, (SqlValues{std::string("a'b"), 5.0}));
}

TEST(Compile, TheSqlOfTwoDifferentValuesIsTheSame) {
  RequestInfo first = Guest(), second = Guest();
  first.body = *ParseJson(R"({"title":"x","tags":["x"],"editors":["p1","p2"]})");
  second.body = *ParseJson(R"({"title":"yy","tags":["y"],"editors":["p3","p1","p2"]})");
  for (const char* rule : {"title = @request.body.title", "tags:each ?= @request.body.tags:each",
                           "@request.body.editors.name = 'x'", "@request.body.title:changed = true"}) {
    const CompiledQuery a = CompileRule(rule, first), b = CompileRule(rule, second);
    EXPECT_EQ(a.where, b.where) << rule;
    EXPECT_EQ(a.joins, b.joins) << rule;
  }
}

TEST(Compile, TheLengthOfASubmittedListIsNotPartOfTheSql) {
  RequestInfo two = Guest(), three = Guest();
  two.body = *ParseJson(R"({"tags":["x","y"]})");
  three.body = *ParseJson(R"({"tags":["x","y","z"]})");
  EXPECT_EQ(CompileRule("@request.body.tags:length > total", two).where,
            CompileRule("@request.body.tags:length > total", three).where);
  EXPECT_EQ(TheWorld().RuleMatches("posts", "total > @request.body.tags:length", two), "a c");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "total > @request.body.tags:length", three), "a");
}

TEST(Compile, RepeatedCompilationGivesTheSameSqlDownToTheAliases) {
  const char* rule = "editors.name = 'x' && @collection.notes.body ?= title && author.name != ''";
  const CompiledQuery a = CompileRule(rule, Guest()), b = CompileRule(rule, Guest());
  EXPECT_EQ(a.where, b.where);
  EXPECT_EQ(a.joins, b.joins);
}

TEST(Compile, APathIsJoinedOnceForRuleFilterAndSort) {
  const RequestInfo request = Guest();
  Compiler compiler(TheWorld().schema(), TheWorld().collection("posts"), &request);
  ASSERT_TRUE(compiler.AddRule("notes_via_post.body ?= 'bad'"));
  ASSERT_TRUE(compiler.AddFilter("notes_via_post.id ?= 'n1'", true));
  ASSERT_TRUE(compiler.AddSort("notes_via_post.id", true));
  const World::Answer answer = TheWorld().Run("posts", compiler);
  EXPECT_EQ(answer.error, "");
  EXPECT_TRUE(answer.ids.empty()) << "no single note is both";
  EXPECT_EQ(answer.query.joins.find("LEFT JOIN", 2), std::string::npos);
}

TEST(Compile, RowsAreDistinctOnlyWhenAJoinCanRepeatThem) {
  EXPECT_FALSE(CompileRule("title = 'x'", Guest()).distinct);
  EXPECT_FALSE(CompileRule("author.boss.name = 'x'", Guest()).distinct);
  EXPECT_TRUE(CompileRule("editors.name = 'x'", Guest()).distinct);
  EXPECT_TRUE(CompileRule("notes_via_post.body = 'x'", Guest()).distinct);
  EXPECT_TRUE(CompileRule("@collection.notes.body ?= 'x'", Guest()).distinct);
}

TEST(Compile, ReadsTablesTellsWhetherTheBaseRowAloneDecides) {
  RequestInfo request = Guest();
  request.auth = TheWorld().Person("p1");
  EXPECT_FALSE(CompileRule("author = @request.auth.id && title != 'x'", request).reads_tables);
  EXPECT_FALSE(CompileRule("tags:each = 'x' || author.id = 'p1'", request).reads_tables);
  EXPECT_TRUE(CompileRule("author.name = 'x'", request).reads_tables);
  EXPECT_TRUE(CompileRule("@request.auth.role = 'lead'", request).reads_tables);
  EXPECT_TRUE(CompileRule("@collection.notes.id ?= id", request).reads_tables);
}

TEST(Compile, AnEmptyExpressionAddsNothing) {
  EXPECT_EQ(Where(""), "");
  EXPECT_TRUE(CheckRule(TheWorld().schema(), TheWorld().collection("posts"), ""));
}

TEST(Compile, WithoutARequestAllOfItsValuesAreNull) {
  Compiler compiler(TheWorld().schema(), TheWorld().collection("posts"), nullptr);
  ASSERT_TRUE(compiler.AddFilter(
      "@request.query.q:isset = null && @request.auth.id = '' && @request.body.tags:each = ''", true));
  EXPECT_EQ(TheWorld().Run("posts", compiler).ids.size(), 4U);
}

TEST(Parentheses, AreKeptOnlyWhereTheyChangeTheMeaning) {
  EXPECT_EQ(Where("((id = 'a'))"), "(`posts`.`id` = ?)");
  EXPECT_EQ(Where("(id='a' && id='b') || id='c'"), "(`posts`.`id` = ? AND `posts`.`id` = ? OR `posts`.`id` = ?)");
  EXPECT_EQ(Where("(id='a' || id='b') && id='c'"), "((`posts`.`id` = ? OR `posts`.`id` = ?) AND `posts`.`id` = ?)");
  EXPECT_EQ(Where("id='a' && ((id='b' || id='c'))"), "(`posts`.`id` = ? AND (`posts`.`id` = ? OR `posts`.`id` = ?))");
  EXPECT_EQ(Where("id='a' && (id='b' && (id='c' || id='d'))"),
            "(`posts`.`id` = ? AND `posts`.`id` = ? AND (`posts`.`id` = ? OR `posts`.`id` = ?))");
}

TEST(Parentheses, RedundantPairsAreFreeHoweverMany) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", Nested(1500, "", "id = 'a'"), Guest()), "a");
}

TEST(Parentheses, ManyLevelsOfTheSameJoinRun) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", Nested(198, "id = 'a' || ", "id = 'b'"), Guest()), "a b");
}

TEST(Parentheses, AGroupJoinsWithoutAJoinLikeTheReference) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", "(active = true)(id = 'a')", Guest()), "a");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "id = 'a' || id = 'b' (id = 'c')", Guest()), "a b c");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "nosuch = (id = 'a')", Guest()), "a");
}

TEST(Parentheses, TheSearchForTheClosingOneKnowsNoComments) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", "(id='a' // tail)", Guest()), "a");
  EXPECT_TRUE(TheWorld().RuleMatches("posts", "(\n// it's\nid='a')", Guest()).starts_with("error: "));
  EXPECT_TRUE(TheWorld().RuleMatches("posts", "(\n// a) b\nid='a')", Guest()).starts_with("error: "));
  EXPECT_EQ(TheWorld().RuleMatches("posts", "(\n// (a) \"word\"\nid='a')", Guest()), "a");
}

TEST(Limits, TwoHundredComparisonsAreAllowedAndOneMoreIsNot) {
  std::string filter = "id = 'a'";
  for (int i = 1; i < 200; ++i) filter += " || id = 'a'";
  EXPECT_EQ(TheWorld().RuleMatches("posts", filter, Guest()), "a");
  EXPECT_EQ(TheWorld().RuleMatches("posts", filter + " || id = 'a'", Guest()),
            "error: max filter expressions limit reached");
}

TEST(Limits, AnUnknownFieldIsReportedBeforeTheLimitThatComesAfterIt) {
  std::string filter = "nope = 'a'";
  for (int i = 1; i < 300; ++i) filter += " || id = 'a'";
  EXPECT_EQ(TheWorld().RuleMatches("posts", filter, Guest()),
            R"(error: invalid left operand "nope" - unknown field "nope")");
}

TEST(Limits, MoreJoinsThanSqliteCanDoAreAnErrorAndNotSlow) {
  std::string filter;
  for (int i = 0; i < 70; ++i) filter += (i ? " && " : "") + ("@collection.notes:n" + std::to_string(i) + ".id ?= 'x'");
  EXPECT_TRUE(TheWorld().RuleMatches("posts", filter, Guest()).starts_with("error: "));
  EXPECT_TRUE(CheckRule(TheWorld().schema(), TheWorld().collection("posts"), filter));
}

TEST(Text, EscapesAreDecodedOnceAndUnknownOnesStay) {
  const CompiledQuery query =
      CompileRule(R"(title = 'a\n\t\\\'\"b' && title = "\u0041\x\%" && title = "'x'")", Guest());
  EXPECT_EQ(query.where_values,
            (SqlValues{std::string("a\n\t\\'\"b"), std::string("\\u0041\\x\\%"), std::string("'x'")}));
}

TEST(Text, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  EXPECT_EQ(CompileRule("title = 'a\xFF'", Guest()).where_values, (SqlValues{std::string("a\xEF\xBF\xBD")}));
}

TEST(Numbers, AreDoublesAndZeroBeyondTheirRange) {
  const CompiledQuery query =
      CompileRule("total = 010 || total = -.5 || total = " + std::string(400, '9') + " || total = 12.50", Guest());
  EXPECT_EQ(query.where_values, (SqlValues{10.0, -0.5, 0.0, 12.5}));
}

TEST(Request, ATextUnderTheNameOfANumberFieldIsANumber) {
  RequestInfo request = Guest();
  request.body = *ParseJson(R"({"x":{"total":"1e1","other":"1e1"},"list":[{"total":"7"}]})");
  EXPECT_EQ(CompileRule("@request.body.x.total = 1", request).where_values, (SqlValues{10.0, 1.0}));
  EXPECT_EQ(CompileRule("@request.body.x.other = 1", request).where_values, (SqlValues{std::string("1e1"), 1.0}));
  EXPECT_EQ(CompileRule("@request.body.list.0.total = 1", request).where_values, (SqlValues{7.0, 1.0}));
}

TEST(Request, ObjectsAndListsAreJsonText) {
  RequestInfo request = Guest();
  request.body = *ParseJson(R"({"o":{"b":1,"a":"<"}})");
  EXPECT_EQ(CompileRule("@request.body.o = 'x'", request).where_values[0], SqlValue(R"({"a":"\u003c","b":1})"));
}

TEST(Request, AJsonFieldOfANormalizedBodyIsItsRawText) {
  RequestInfo request = Guest();
  request.body_is_normalized = true;
  request.body = Json::Object({{"meta", Json(R"("abc")")}});
  EXPECT_EQ(CompileRule("@request.body.meta = 'x'", request).where_values[0], SqlValue(R"("abc")"));
  request.body = Json::Object({{"meta", Json()}});
  EXPECT_EQ(CompileRule("@request.body.meta = 'x'", request).where_values[0], SqlValue("null"));
  request.body = Json::Object({{"meta", Json(R"({"a":[1,{"b":"deep"}]})")}});
  EXPECT_EQ(CompileRule("@request.body.meta.a.1.b = 'x'", request).where_values[0], SqlValue("deep"));
}

TEST(Request, ASubmittedGeoPointEqualsTheStoredOne) {
  RequestInfo request = Guest();
  request.body_is_normalized = true;
  request.body = Json::Object({{"spot", Json::Object({{"lat", Json(42.69)}, {"lon", Json(23.32)}})}});
  EXPECT_EQ(TheWorld().RuleMatches("posts", "@request.body.spot:changed = false", request), "a");
}

TEST(Request, ChangedOnTheRightOfLikeBehavesLikeAColumn) {
  RequestInfo request = Guest();
  request.body = *ParseJson(R"({"title":"Red fox"})");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "'1' ~ @request.body.title:changed", request), "b c d");
}

TEST(Request, EachOfASubmittedListIsNeverBlank) {
  const RequestInfo request = Guest();
  EXPECT_EQ(TheWorld().RuleMatches("posts", "@request.body.tags:each = ''", request), "");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "@request.body.tags:each ?!= ''", request), "a b c d");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "@request.body.tags:each != ''", request), "");
}

TEST(Collections, OneAliasForTwoCollectionsReadsTheLaterOne) {
  EXPECT_TRUE(TheWorld()
                  .RuleMatches("posts", "@collection.notes:x.body ?= 'ok' && @collection.stats:x.id ?= 's1'", Guest())
                  .starts_with("error: "));
  EXPECT_EQ(
      TheWorld().RuleMatches("posts", "@collection.notes:x.id ?= 's1' && @collection.stats:x.id ?= 's1'", Guest()),
      "a b c d");
}

TEST(Collections, AnEmptyOneGivesARowOfNulls) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", "@collection.empties.label != 'a'", Guest()), "a b c d");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "@collection.empties.label = 'a'", Guest()), "");
}

TEST(MultiMatch, TheOtherSideLosesItsNullModeInside) {
  const std::string where = Where("editors.name = meta.n");
  EXPECT_NE(where.find(" IS CASE WHEN"), std::string::npos) << where;
  EXPECT_NE(where.find("WHERE NOT (COALESCE("), std::string::npos) << where;
}

TEST(MultiMatch, ATimeFunctionOverSeveralRecordsIsCheckedForEach) {
  const auto matches = [](const char* rule) { return TheWorld().RuleMatches("posts", rule, Guest()); };
  EXPECT_EQ(matches("strftime('%Y', posts_via_parent.published, '+1 day') = '2026'"), "a b");
  EXPECT_EQ(matches("strftime('%Y', posts_via_parent.published) != '2026'"), "b c d");
  EXPECT_EQ(matches("strftime('%Y', posts_via_parent.published) ?!= '2026'"), "a b c d");
}

TEST(MultiMatch, ATimeFunctionOnTheRightOfLikeKeepsItsModifiers) {
  const auto matches = [](const char* rule) { return TheWorld().RuleMatches("posts", rule, Guest()); };
  EXPECT_EQ(matches("'2026' ~ strftime('%Y', posts_via_parent.published, '+1 day')"), "a b");
  EXPECT_EQ(matches("'2026' ?~ strftime('%Y', posts_via_parent.published, '+1 day')"), "");
}

TEST(ListRules, ARuleThatEndsInACommentIsInjectedWhole) {
  EXPECT_EQ(TheWorld().FilterMatches("posts", "guarded_via_post.id ?!= 'zzz'", Guest()), "a c d");
}

TEST(ListRules, AreAddedToPathsThatTheExemptRuleJoinedFirst) {
  const RequestInfo request = Guest();
  Compiler compiler(TheWorld().schema(), TheWorld().collection("posts"), &request);
  ASSERT_TRUE(compiler.AddRule("author.name != 'zzz'"));
  ASSERT_TRUE(compiler.AddFilter("author.name != 'yyy'", false));
  EXPECT_EQ(TheWorld().Run("posts", compiler).ids, (std::vector<std::string>{"a", "c", "d"}));
}

TEST(ListRules, ABrokenOneFailsTheRequest) {
  Collection locked(TheWorld().collection("posts"));
  locked.list_rule = "nope = 1";
  const Schema schema({std::make_shared<const Collection>(std::move(locked)), TheWorld().schema().FindShared("notes")});
  Compiler compiler(schema, *schema.Find("notes"), nullptr);
  ASSERT_TRUE(compiler.AddFilter("post.title != 'x'", false));
  EXPECT_FALSE(compiler.Finish());
}

TEST(ListRules, DoNotApplyToSuperusers) {
  const RequestInfo request = Guest();
  Compiler compiler(TheWorld().schema(), TheWorld().collection("posts"), &request);
  ASSERT_TRUE(compiler.AddFilter("vault_via_post.code ?= 'x' || author.secret = 's2'", true));
  EXPECT_EQ(TheWorld().Run("posts", compiler).ids, (std::vector<std::string>{"a", "b"}));
}

// The row of a record that does not exist yet, as a query of bound values.
std::string CreateMatches(std::string_view rule, std::string_view row, const RequestInfo& request) {
  Compiler compiler(TheWorld().schema(), TheWorld().collection("posts"), &request, "posts__new");
  compiler.TreatBaseAsClone();
  if (auto added = compiler.AddRule(rule); !added) return "error: " + added.error().message;
  auto query = compiler.Finish();
  if (!query) return "error: " + query.error().message;
  auto statement =
      TheWorld().connection().Prepare("WITH posts__new AS (SELECT " + std::string(row) + ") SELECT 1 FROM posts__new" +
                                      query->joins + " WHERE " + query->where);
  if (!statement) return "error: " + statement.error().message;
  statement->BindAll(query->where_values, statement->BindAll(query->join_values));
  auto found = statement->Step();
  return !found ? "error: " + found.error().message : *found ? "yes" : "no";
}

constexpr const char* kNewRow =
    "'new' AS id, 'Hi' AS title, 10 AS total, '[\"x\",\"y\"]' AS tags, '[\"p1\",\"p3\"]' AS editors, 'p1' AS author, "
    "'a' AS parent";

TEST(CreateRules, AreCheckedAgainstTheRowThatDoesNotExistYet) {
  EXPECT_EQ(CreateMatches("title = 'Hi' && author.name = 'Ann'", kNewRow, Guest()), "yes");
  EXPECT_EQ(CreateMatches("title = 'Ho'", kNewRow, Guest()), "no");
}

TEST(CreateRules, MatchEachRelatedValueFromTheNewRow) {
  EXPECT_EQ(CreateMatches("editors.name:lower = 'ann'", kNewRow, Guest()), "yes");
  EXPECT_EQ(CreateMatches("editors.name = 'Ann'", kNewRow, Guest()), "no");
  EXPECT_EQ(CreateMatches("tags:each = 'x'", kNewRow, Guest()), "no");
}

TEST(CreateRules, FollowSelfRelationsIntoTheRealTable) {
  EXPECT_EQ(CreateMatches("parent.title = 'Red fox' && parent.notes_via_post.body ?= 'ok'", kNewRow, Guest()), "yes");
}

TEST(CreateRules, SeeTheRealRecordsOfTheirOwnCollectionButNotTheNewOne) {
  EXPECT_EQ(CreateMatches("@collection.posts.id ?= 'a'", kNewRow, Guest()), "yes");
  EXPECT_EQ(CreateMatches("@collection.posts.id ?= id", kNewRow, Guest()), "no");
}

TEST(CreateRules, CannotUseABackRelationOnTheNewRow) {
  EXPECT_EQ(CreateMatches("notes_via_post.body ?= 'ok'", kNewRow, Guest()),
            "error: invalid left operand \"notes_via_post.body\" - invalid collection reference of a back relation "
            "field \"post\"");
}

TEST(Placeholders, BecomeTextOfTheLanguage) {
  const Json params = Json::Object({{"n", Json()},
                                    {"b", Json(true)},
                                    {"f", Json(1.5)},
                                    {"t", Json("it's \"x\"\n")},
                                    {"e", Json("")},
                                    {"l", Json(Json::Array{"a"})}});
  EXPECT_EQ(FillPlaceholders("{:n} {:b} {:f} {:t} {:e} {:l} {:missing} {:b}", params),
            R"(null true 1.5 "it's \"x\"\n" "\"\"" "[\"a\"]" {:missing} true)");
}

TEST(Placeholders, WithoutAValueAreRefusedByTheParser) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", FillPlaceholders("id = {:x}", Json::Object()), Guest()),
            "error: unexpected character '{'");
}

}  // namespace
}  // namespace wombat::filter_test
