// Expressions that nest deeper than SQLite's parser could follow.
#include <gtest/gtest.h>

#include <random>

#include "tests/common/filter/world.h"

namespace wombat::filter_test {
namespace {

constexpr std::string_view kIds = "abcd";

// A random expression of ids, and which of the four records it lets through, worked out beside it.
class RandomExpression {
 public:
  explicit RandomExpression(unsigned seed) : random_(seed) {}

  struct Built {
    std::string text;
    unsigned matches;  // a bit for each of kIds
  };

  // `deep`: one side of each join holds all the rest.
  Built Build(int comparisons, bool deep) {
    if (comparisons == 1) return Comparison();
    const int left = deep ? (Flip() ? 1 : comparisons - 1) : 1 + int(random_() % unsigned(comparisons - 1));
    const Built a = Parenthesised(Build(left, deep)), b = Parenthesised(Build(comparisons - left, deep));
    const bool is_and = Flip();
    return {a.text + (is_and ? " && " : " || ") + b.text, is_and ? a.matches & b.matches : a.matches | b.matches};
  }

 private:
  bool Flip() { return random_() % 2 == 0; }
  Built Comparison() {
    const std::size_t which = random_() % kIds.size();
    const bool equal = Flip();
    return {std::string(equal ? "id = '" : "id != '") + kIds[which] + "'", equal ? 1u << which : 15u & ~(1u << which)};
  }
  static Built Parenthesised(Built built) { return {"(" + built.text + ")", built.matches}; }

  std::mt19937 random_;
};

std::string Expected(unsigned matches) {
  std::string ids;
  for (std::size_t i = 0; i < kIds.size(); ++i) {
    if (!(matches >> i & 1)) continue;
    if (!ids.empty()) ids += ' ';
    ids += kIds[i];
  }
  return ids;
}

TEST(Nesting, AnExpressionMeansTheSameHoweverDeepItNests) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    RandomExpression random(seed);
    const auto built = random.Build(2 + int(seed % 199), seed % 3 != 0);
    ASSERT_EQ(TheWorld().RuleMatches("posts", built.text, Guest()), Expected(built.matches)) << "seed " << seed << ": " << built.text;
  }
}

std::string Alternating(int levels, const std::string& leaf, const std::string& innermost) {
  std::string text;
  for (int i = 1; i < levels; ++i) text += leaf + (i % 2 ? " && (" : " || (");
  return text + innermost + std::string(std::size_t(levels - 1), ')');
}

TEST(Nesting, TwoHundredLevelsAreReadWhateverIsInThem) {
  for (const char* leaf : {"title != 'x'", "meta.arr.1.k != 'x'", "tags:each != 'x'", "editors.boss.name != 'x'", "notes_via_post.body != 'q'",
                           "@collection.notes.body != 'zzz'", "geoDistance(spot.lon, spot.lat, 1, 2) != 0"}) {
    EXPECT_EQ(TheWorld().RuleMatches("posts", Alternating(200, leaf, leaf), Guest()).find("error"), std::string::npos) << leaf;
  }
}

TEST(Nesting, WhatIsUnknownDoesNotCountAsTrue) {
  // Comparing with NULL is unknown: neither it nor what hangs on it may let a record through.
  EXPECT_EQ(TheWorld().RuleMatches("posts", Alternating(9, "title ~ null", "id = 'a'"), Guest()), "");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "id = 'a' || (" + Alternating(9, "title ~ null", "id = 'b'") + ")", Guest()), "a");
}

TEST(Nesting, ComparisonsAtTheTopStayInSightOfAnIndex) {
  const RequestInfo guest = Guest();
  Compiler compiler(TheWorld().schema(), TheWorld().collection("posts"), &guest);
  ASSERT_TRUE(compiler.AddRule("author = 'p1' && (" + Alternating(12, "title = 'x'", "total = 1") + ")"));
  const auto query = compiler.Finish();
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->where.starts_with("(`posts`.`author` = ? AND ")) << query->where;
  EXPECT_EQ(query->where_values.size(), 13u);
}

}  // namespace
}  // namespace wombat::filter_test
