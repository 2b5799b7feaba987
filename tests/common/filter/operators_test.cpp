#include "common/filter/operators.h"

#include <gtest/gtest.h>

#include <chrono>

#include "common/filter/macros.h"
#include "common/filter/parser.h"
#include "common/filter/quote.h"

namespace wombat::filter {
namespace {

TEST(LikePattern, EscapesFromRightToLeftAndSkipsWhatStandsBefore) {
  EXPECT_EQ(LikePattern("ab_c"), "%ab\\_c%");
  EXPECT_EQ(LikePattern("ab\\_c"), "%ab\\_c%");
  EXPECT_EQ(LikePattern("ab\\%c"), "%ab\\%c%");
  EXPECT_EQ(LikePattern("ab\\c"), "%ab\\\\c%");
  EXPECT_EQ(LikePattern("_ab\\c_"), "%\\_ab\\\\c\\_%");
  EXPECT_EQ(LikePattern("a\nb\\"), "%a\nb\\\\%");
  EXPECT_EQ(LikePattern("ab\\\\\\%c"), "%ab\\\\\\%c%");
  EXPECT_EQ(LikePattern("a__b"), "%a_\\_b%");
  EXPECT_EQ(LikePattern(""), "%%");
}

TEST(LikePattern, LeavesATextWithAWildcardOfItsOwn) {
  for (const char* text : {"ab%c", "%ab\\%c", "ab\\\\%c", "%ab_c", "ab\\c%"}) EXPECT_EQ(LikePattern(text), text);
}

TEST(LikePattern, IsQuickForLongTexts) { EXPECT_EQ(LikePattern(std::string(4'000'000, '_')).size(), 6'000'002U); }

Operand Value(SqlValue value) {
  Operand operand;
  operand.SetValue(std::move(value));
  return operand;
}

Operand Column(const char* sql) {
  Operand operand;
  operand.sql = sql;
  return operand;
}

std::string Predicate(Operand left, Operator op, Operand right) {
  Fragment out;
  if (op == Operator::kLike || op == Operator::kNotLike) MakePattern(right);
  AppendPredicate(out, left, op, right, true);
  return out.sql;
}

TEST(Equality, FollowsTheFirstRuleThatFits) {
  Operand json = Column("j");
  json.null_mode = NullMode::kOff;
  EXPECT_EQ(Predicate(json, Operator::kEqual, Value(std::string())), "j IS ?");
  EXPECT_EQ(Predicate(Value(std::string()), Operator::kNotEqual, Column("NULL")), "'' IS NOT ''");
  EXPECT_EQ(Predicate(Column("a"), Operator::kNotEqual, Value(1.0)), "a IS NOT ?");
  EXPECT_EQ(Predicate(Column("null"), Operator::kEqual, Column("1")), "'' = 1");
  EXPECT_EQ(Predicate(Value(std::string()), Operator::kEqual, Column("a")), "('' = a OR a IS NULL)");
  EXPECT_EQ(Predicate(Column("a"), Operator::kNotEqual, Column("NULL")), "(a IS NOT '' AND a IS NOT NULL)");
  EXPECT_EQ(Predicate(Column("a"), Operator::kEqual, Column("b")), "COALESCE(a,'') = COALESCE(b,'')");
}

TEST(Equality, BindsAnOperandThatIsWrittenTwiceTwice) {
  Operand time = Value(std::string("%Y"));
  time.sql = "strftime(?,a)";
  time.null_mode = NullMode::kForced;
  Operand blank = Column("NULL");
  Fragment out;
  AppendPredicate(out, time, Operator::kEqual, blank, true);
  EXPECT_EQ(out.sql, "(strftime(?,a) = '' OR strftime(?,a) IS NULL)");
  EXPECT_EQ(out.values, (SqlValues{std::string("%Y"), std::string("%Y")}));
}

TEST(Like, WrapsValuesAndLeavesColumnsToSql) {
  EXPECT_EQ(Predicate(Column("a"), Operator::kLike, Column("b")), "a LIKE ('%' || b || '%') ESCAPE '\\'");
  EXPECT_EQ(Predicate(Column("a"), Operator::kNotLike, Value(2.5)), "a NOT LIKE ? ESCAPE '\\'");
}

TEST(Like, TurnsNumbersAndBooleansIntoText) {
  Operand number = Value(5.0), boolean = Value(std::int64_t(1));
  boolean.boolean = true;
  MakePattern(number);
  MakePattern(boolean);
  EXPECT_EQ(number.values, SqlValues{std::string("%5%")});
  EXPECT_EQ(boolean.values, SqlValues{std::string("%true%")});
}

Timestamp Noted() {
  using namespace std::chrono;
  return Timestamp(sys_days(year(2023) / 2 / 3)) + hours(4) + minutes(5) + seconds(6);
}

TEST(Macros, ReadTheClock) {
  TEST_SetMacroClock(&Noted);
  const auto text = [](Macro macro) { return std::get<std::string>(MacroValue(macro)); };
  const auto number = [](Macro macro) { return std::get<std::int64_t>(MacroValue(macro)); };
  EXPECT_EQ(text(Macro::kNow), "2023-02-03 04:05:06.000Z");
  EXPECT_EQ(text(Macro::kYesterday), "2023-02-02 04:05:06.000Z");
  EXPECT_EQ(text(Macro::kTomorrow), "2023-02-04 04:05:06.000Z");
  EXPECT_EQ(text(Macro::kTodayStart), "2023-02-03 00:00:00.000Z");
  EXPECT_EQ(text(Macro::kTodayEnd), "2023-02-03 23:59:59.999Z");
  EXPECT_EQ(text(Macro::kMonthStart), "2023-02-01 00:00:00.000Z");
  EXPECT_EQ(text(Macro::kMonthEnd), "2023-02-28 23:59:59.999Z");
  EXPECT_EQ(text(Macro::kYearStart), "2023-01-01 00:00:00.000Z");
  EXPECT_EQ(text(Macro::kYearEnd), "2023-12-31 23:59:59.999Z");
  EXPECT_EQ(number(Macro::kSecond), 6);
  EXPECT_EQ(number(Macro::kMinute), 5);
  EXPECT_EQ(number(Macro::kHour), 4);
  EXPECT_EQ(number(Macro::kDay), 3);
  EXPECT_EQ(number(Macro::kMonth), 2);
  EXPECT_EQ(number(Macro::kWeekday), 5);
  EXPECT_EQ(number(Macro::kYear), 2023);
  TEST_SetMacroClock(nullptr);
}

TEST(Quote, EscapesWhatCannotBeSeen) {
  EXPECT_EQ(Quote("a\"b\\\n\x01\xC2\xA0\xC3\xA9"), "\"a\\\"b\\\\\\n\\x01\\u00a0\xC3\xA9\"");
  EXPECT_EQ(QuoteFirstCharacter("'x"), "'\\''");
}

TEST(ParseCache, GivesTheSameTreeForTheSameText) {
  EXPECT_EQ(ParseCached("cached = 1")->get(), ParseCached("cached = 1")->get());
}

TEST(ParseCache, IsBounded) {
  const AstPtr first = *ParseCached("first = 1");
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(ParseCached("x" + std::to_string(i) + " = 1"));
  EXPECT_EQ(first.use_count(), 1) << "the cache has let go of it";
}

TEST(Parser, TakesNoStackForDeepGroupsAndNoSquareTimeForHiddenOnes) {
  EXPECT_TRUE(Parse(std::string(200'000, '(') + "a=1" + std::string(200'000, ')')));
  std::string hidden;
  for (int i = 0; i < 50'000; ++i) hidden += "(//'\n";
  EXPECT_FALSE(Parse(hidden));
}

}  // namespace
}  // namespace wombat::filter
