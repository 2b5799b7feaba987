#include <cmath>

#include "tests/common/schema/field_fixture.h"

namespace wombat::test {
namespace {

TEST(FieldCasts, NumberTextsAreReadAsTheReferenceReadsThem) {
  EXPECT_EQ(ParseLooseNumber("+7"), 7.0);
  EXPECT_EQ(ParseLooseNumber(".5"), 0.5);
  EXPECT_EQ(ParseLooseNumber("5."), 5.0);
  EXPECT_EQ(ParseLooseNumber("-1e3"), -1000.0);
  EXPECT_EQ(ParseLooseNumber("1e+3"), 1000.0);
  EXPECT_EQ(ParseLooseNumber("0x1p4"), 16.0);
  EXPECT_EQ(ParseLooseNumber("0X.8p+1"), 1.0);
  EXPECT_EQ(ParseLooseNumber("1_000"), 1000.0);
  EXPECT_EQ(ParseLooseNumber("0x1_0p2"), 64.0);
  EXPECT_EQ(ParseLooseNumber("1e5_0"), 1e50);
  EXPECT_EQ(ParseLooseNumber("1e-400"), 0.0);
}

TEST(FieldCasts, InfinityIsANumberInAnyCaseAndNanOnlyWithoutSign) {
  EXPECT_EQ(ParseLooseNumber("+inf"), INFINITY);
  EXPECT_EQ(ParseLooseNumber("-Infinity"), -INFINITY);
  ASSERT_TRUE(ParseLooseNumber("nAn").has_value());
  EXPECT_TRUE(std::isnan(*ParseLooseNumber("nAn")));
  EXPECT_EQ(ParseLooseNumber("+nan"), std::nullopt);
  EXPECT_EQ(ParseLooseNumber("infin"), std::nullopt);
}

TEST(FieldCasts, WhatIsNoNumberIsRefused) {
  for (std::string_view text : {"", " 5", "5 ", "0x10", "0x", "_1", "1_", "1__0", "1e", "1e400", "0b1", ".", "+", "--1",
                                "1.2.3", "1,5", "e5", "0x1p", "1_.5"}) {
    EXPECT_EQ(ParseLooseNumber(text), std::nullopt) << text;
  }
}

TEST(FieldCasts, ScalarsBecomeTextWithoutAnExponent) {
  EXPECT_EQ(CastToText(Json(1e21)), "1000000000000000000000");
  EXPECT_EQ(CastToText(Json(1.5)), "1.5");
  EXPECT_EQ(CastToText(Json(true)), "true");
  EXPECT_EQ(CastToText(Json()), "");
  EXPECT_EQ(CastToText(Parsed("[1]")), "");
}

TEST(FieldCasts, OnlySixTextsAreTrue) {
  for (const char* text : {"1", "t", "T", "TRUE", "true", "True"}) EXPECT_TRUE(CastToBool(Json(text))) << text;
  for (const char* text : {"", "yes", "tRUE", "2", " true", "on"}) EXPECT_FALSE(CastToBool(Json(text))) << text;
  EXPECT_TRUE(CastToBool(Json(-0.5)));
  EXPECT_FALSE(CastToBool(Json()));
}

using List = std::vector<std::string>;

TEST(FieldCasts, AListKeepsTheFirstOfEqualItemsAndNoEmptyOnes) {
  EXPECT_EQ(CastToList(Parsed(R"(["b","a","","b",null,5,true])")), (List{"b", "a", "5", "true"}));
  EXPECT_EQ(CastToList(Json("x")), List{"x"});
  EXPECT_EQ(CastToList(Json("")), List{});
  EXPECT_EQ(CastToList(Json()), List{});
  EXPECT_EQ(CastToList(Json(5)), List{"5"});
  EXPECT_EQ(CastToList(Parsed(R"({"a":1})")), List{});
}

TEST(FieldCasts, ANestedValueVoidsAList) {
  EXPECT_EQ(CastToList(Parsed(R"(["a",["b"]])")), List{});
  EXPECT_EQ(CastToList(Parsed(R"(["a",{}])")), List{});
}

TEST(FieldCasts, ATextWithABracketMayHoldAList) {
  EXPECT_EQ(CastToList(Json(R"( ["a", "b"] )")), (List{"a", "b"}));
  EXPECT_EQ(CastToList(Json(R"([null,"a"])")), List{"a"});
  EXPECT_EQ(CastToList(Json("a[")), List{"a["});
  EXPECT_EQ(CastToList(Json(R"({"a":["b"]})")), List{R"({"a":["b"]})"});
}

TEST(FieldCasts, AMixedListTextKeepsItsStringsInFrontOfItself) {
  EXPECT_EQ(CastToList(Json(R"(["a",1])")), (List{"a", R"(["a",1])"}));
  EXPECT_EQ(CastToList(Json("[1,2]")), List{"[1,2]"});
}

}  // namespace
}  // namespace wombat::test
