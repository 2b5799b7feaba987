#include "common/base/text.h"

#include <gtest/gtest.h>

#include <set>

#include "common/base/random.h"

namespace wombat {
namespace {

TEST(Text, ComparesAndLowersAsciiOnly) {
  EXPECT_EQ(AsciiLower("AbÉ"), "abÉ");
  EXPECT_TRUE(EqualsIgnoreCase("Users", "uSERS"));
  EXPECT_FALSE(EqualsIgnoreCase("Users", "user"));
}

TEST(Text, TrimsBlanksOfBothEnds) { EXPECT_EQ(TrimBlanks(" \t\r\n\v\fa b "), "a b"); }

TEST(Text, SplitsIntoOnePieceMoreThanThereAreSeparators) {
  EXPECT_EQ(Split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(Split("", ','), std::vector<std::string_view>{""});
}

TEST(Text, KnowsWordText) {
  EXPECT_TRUE(IsWordText("a_Z9"));
  EXPECT_FALSE(IsWordText(""));
  EXPECT_FALSE(IsWordText("a-b"));
  EXPECT_FALSE(IsWordText("é"));
}

TEST(Text, ReplacesEveryOccurrenceOnce) { EXPECT_EQ(ReplaceAll("aXbX", "X", "XX"), "aXXbXX"); }

TEST(Text, QuotesNamesSoThatTheyCannotEndTheirQuotes) { EXPECT_EQ(QuoteName("a`b"), "`a``b`"); }

TEST(Text, DecodesPercentEscapes) {
  std::string out;
  EXPECT_TRUE(PercentDecode("a%2Fb+%c3%A9", false, out));
  EXPECT_EQ(out, "a/b+é");
  EXPECT_TRUE(PercentDecode("a+b", true, out));
  EXPECT_EQ(out, "a b");
}

TEST(Text, RefusesMalformedPercentEscapes) {
  std::string out;
  for (const char* text : {"%", "a%4", "%zz", "%4g"}) EXPECT_FALSE(PercentDecode(text, false, out)) << text;
}

TEST(Random, GivesTextOfTheAskedLengthFromTheAlphabet) {
  const std::string text = RandomText(500, "ab9");
  EXPECT_EQ(text.size(), 500u);
  EXPECT_EQ(std::set<char>(text.begin(), text.end()), (std::set<char>{'a', 'b', '9'}));
}

TEST(Random, DoesNotRepeatIds) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(RandomId());
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_EQ(ids.begin()->size(), 15u);
}

TEST(Random, StaysBelowTheBound) {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 500; ++i) seen.insert(RandomBelow(3));
  EXPECT_EQ(seen, (std::set<std::uint32_t>{0, 1, 2}));
}

TEST(Crc32Decimal, GivesTheKnownIds) {
  EXPECT_EQ(Crc32Decimal("auth_superusers"), "3142635823");
  EXPECT_EQ(Crc32Decimal("baseposts"), "1125843985");
  EXPECT_EQ(Crc32Decimal("id"), "3208210256");
}

}  // namespace
}  // namespace wombat
