#include "common/schema/autogenerate.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <set>

#include "common/base/json_text.h"

namespace wombat {
namespace {

constexpr int kTries = 200;

// Every one of many generated texts matches `expected` whole.
void ExpectAll(std::string pattern, const std::string& expected) {
  const AutogeneratePattern generator(pattern);
  for (int i = 0; i < kTries; ++i) {
    const auto text = generator.Generate();
    ASSERT_TRUE(text.has_value()) << pattern << ": " << text.error();
    ASSERT_TRUE(RE2::FullMatch(*text, expected)) << pattern << ": " << *text;
  }
}

std::set<std::string> Texts(std::string pattern) {
  const AutogeneratePattern generator(std::move(pattern));
  std::set<std::string> texts;
  for (int i = 0; i < kTries; ++i) texts.insert(generator.Generate().value_or("error"));
  return texts;
}

std::string ErrorOf(std::string pattern) {
  const AutogeneratePattern generator(std::move(pattern));
  for (int i = 0; i < kTries; ++i) {
    const auto text = generator.Generate();
    if (!text) return text.error();
  }
  return "";
}

using Set = std::set<std::string>;

TEST(Autogenerate, RecordIdsAndTokenKeysFollowTheirPatterns) {
  ExpectAll("[a-z0-9]{15}", "[a-z0-9]{15}");
  ExpectAll("[a-zA-Z0-9]{50}", "[a-zA-Z0-9]{50}");
}

TEST(Autogenerate, LiteralsAndEscapesAreThemselves) {
  EXPECT_EQ(Texts("ab\\.\\x41\\x{1F600}\\n\\Q+.\\E-\u00fc"), Set{"ab.A\U0001F600\n+.-\u00fc"});
  EXPECT_EQ(Texts("\\101"), Set{"A"});
}

TEST(Autogenerate, ARepetitionNeverReachesItsMaximum) {
  EXPECT_EQ(Texts("a{1,5}"), (Set{"a", "aa", "aaa", "aaaa"}));
  EXPECT_EQ(Texts("a*"), (Set{"", "a", "aa", "aaa", "aaaa", "aaaaa"}));
  EXPECT_EQ(Texts("a+"), (Set{"a", "aa", "aaa", "aaaa", "aaaaa"}));
  EXPECT_EQ(Texts("xa?"), Set{"x"});
  EXPECT_EQ(Texts("a{3}"), Set{"aaa"});
  EXPECT_EQ(Texts("a{1,1}"), Set{"a"});
  EXPECT_EQ(Texts("a{4,}"), (Set{"aaaa", "aaaaa"}));
  EXPECT_EQ(Texts("a{8,}"), Set{"aaaaaaaa"});
  EXPECT_EQ(Texts("a{0}"), Set{""});
  EXPECT_EQ(Texts("a+?"), Texts("a+"));
}

TEST(Autogenerate, BracesThatAreNoRepetitionAreText) {
  EXPECT_EQ(Texts("x{,3}"), Set{"x{,3}"});
  EXPECT_EQ(Texts("x{a}"), Set{"x{a}"});
}

TEST(Autogenerate, ClassesGiveTheirMembers) {
  EXPECT_EQ(Texts("[ac-d]"), (Set{"a", "c", "d"}));
  EXPECT_EQ(Texts("[]a]"), (Set{"]", "a"}));
  EXPECT_EQ(Texts("[a-]"), (Set{"a", "-"}));
  EXPECT_EQ(Texts("[\\]\\-]"), (Set{"]", "-"}));
  ExpectAll("\\d{5}", "[0-9]{5}");
  ExpectAll("\\w{5}", "[0-9A-Za-z_]{5}");
  ExpectAll("[[:upper:]\\d]{5}", "[A-Z0-9]{5}");
  ExpectAll("\\pL{3}", "\\pL{3}");
  ExpectAll("[\\p{Greek}]", "\\p{Greek}");
  ExpectAll(".{9}", "[A-Za-z0-9]{9}");
}

TEST(Autogenerate, NegatedClassesSpanAllOfUnicode) {
  const AutogeneratePattern generator("[^a]{50}");
  const auto text = generator.Generate();
  ASSERT_TRUE(text.has_value());
  EXPECT_TRUE(IsUtf8(*text));
  EXPECT_EQ(CountCodePoints(*text), 50u);
  EXPECT_EQ(text->find('a'), std::string::npos);
  EXPECT_GT(text->size(), 150u);  // nearly all code points take four bytes
}

TEST(Autogenerate, AlternativesAndGroupsAreChosenAmong) {
  EXPECT_EQ(Texts("ab|cd|x"), (Set{"ab", "cd", "x"}));
  EXPECT_EQ(Texts("(?:a|bc)-(d|ef)"), (Set{"a-d", "a-ef", "bc-d", "bc-ef"}));
  EXPECT_EQ(Texts("(?P<n>a)(?<m>b)"), Set{"ab"});
  EXPECT_EQ(Texts("ab|ac"), (Set{"ab", "ac"}));
}

TEST(Autogenerate, BothCasesOfALetterAreItsUpperCase) {
  EXPECT_EQ(Texts("[Aa]"), Set{"A"});
  EXPECT_EQ(Texts("[Kk]"), (Set{"K", "k"}));
  EXPECT_EQ(Texts("(?i)ab[c]"), Set{"ABC"});
}

TEST(Autogenerate, FlagsEndWithTheirGroup) {
  EXPECT_EQ(Texts("(?i:a)a"), Set{"Aa"});
  EXPECT_EQ(Texts("((?i)a)a"), Set{"Aa"});
}

TEST(Autogenerate, WhatHasNoTextIsAnErrorWithItsNumber) {
  EXPECT_EQ(ErrorOf("^a"), "unsupported pattern operator 9");
  EXPECT_EQ(ErrorOf("\\Aa"), "unsupported pattern operator 9");
  EXPECT_EQ(ErrorOf("a$"), "unsupported pattern operator 10");
  EXPECT_EQ(ErrorOf("a\\z"), "unsupported pattern operator 10");
  EXPECT_EQ(ErrorOf("a\\b"), "unsupported pattern operator 11");
  EXPECT_EQ(ErrorOf("a\\B"), "unsupported pattern operator 12");
  EXPECT_EQ(ErrorOf("(?m)^a"), "unsupported pattern operator 7");
  EXPECT_EQ(ErrorOf("(?m)a$"), "unsupported pattern operator 8");
  EXPECT_EQ(ErrorOf("[^\\x00-\\x{10FFFF}]"), "no runes to choose from");
}

TEST(Autogenerate, AnEmptyAlternativeIsAnError) {
  for (const char* pattern : {"a|", "|a", "(a|)", "a()", "(?:)a", "a|ab", "foo|foobar", "\\d|\\dx"}) {
    EXPECT_EQ(ErrorOf(pattern), "unsupported pattern operator 2") << pattern;
  }
}

TEST(Autogenerate, WhatIsNoExpressionFails) {
  for (const char* pattern : {"(", ")", "[a", "a**", "*a", "a{2,1}", "\\", "(?z)a", "\\pX", "[[:foo:]]", "[z-a]"}) {
    EXPECT_NE(ErrorOf(pattern), "") << pattern;
  }
}

TEST(Autogenerate, NestingAndLengthAreLimited) {
  const std::string deep = std::string(100000, '(') + "a" + std::string(100000, ')');
  EXPECT_NE(ErrorOf(deep), "");
  EXPECT_EQ(AutogeneratePattern("((((a{1000}){1000}){1000}){1000}){1000}").Generate().error(),
            "the generated value is too long");
  EXPECT_EQ(AutogeneratePattern("((((a{0}){1000}){1000}){1000}){1000}").Generate().error(),
            "the generated value is too long");
}

}  // namespace
}  // namespace wombat
