#include <gtest/gtest.h>

#include <ostream>

#include "tests/common/filter/world.h"

namespace wombat::filter_test {
namespace {

struct Row {
  const char* sort;
  const char* order;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.sort; }

constexpr Row kSorts[] = {
    {"title", "d b a c"},
    {"-title", "c a b d"},
    {"+total", "d b c a"},
    {" active , -total ", "b d a c"},
    {"kind,-id", "d b c a"},
    {"-@rowid", "d c b a"},
    {"-parent.total,id", "b c d a"},
    {"spot.lon,id", "c b d a"},
    {"title:lower", "d b a c"},
    {"tags:length,-id", "c b d a"},
    {"meta.n,-id", "d c b a"},
};

class Sorts : public testing::TestWithParam<Row> {};

TEST_P(Sorts, OrderTheRecords) { EXPECT_EQ(TheWorld().SortedBy("posts", GetParam().sort, true), GetParam().order); }

INSTANTIATE_TEST_SUITE_P(Sort, Sorts, testing::ValuesIn(kSorts));

constexpr Row kRefused[] = {
    {"missing", R"(error: invalid sort field "missing")"},
    {"id,", R"(error: invalid sort field "")"},
    {"--id", R"(error: invalid sort field "-id")"},
    {"@now", R"(error: invalid sort field "@now")"},
    {"null", R"(error: invalid sort field "null")"},
    {"title desc", R"(error: invalid sort field "title desc")"},
    {"@request.query.q", R"(error: invalid sort field "@request.query.q")"},
    {"strftime('%Y')", R"x(error: invalid sort field "strftime('%Y')")x"},
    {"id,id,id,id,id,id,id,id,id", "error: max sort expressions limit reached"},
};

class RefusedSorts : public testing::TestWithParam<Row> {};

TEST_P(RefusedSorts, AreErrors) { EXPECT_EQ(TheWorld().SortedBy("posts", GetParam().sort, true), GetParam().order); }

INSTANTIATE_TEST_SUITE_P(Sort, RefusedSorts, testing::ValuesIn(kRefused));

TEST(Sort, ANameOfMoreThan255BytesIsRefused) {
  EXPECT_EQ(TheWorld().SortedBy("posts", "-" + std::string(256, 'a'), true),
            "error: max sort field length limit reached");
  EXPECT_TRUE(TheWorld().SortedBy("posts", "-" + std::string(255, 'a'), true).starts_with("error: invalid sort field"));
}

TEST(Sort, InternalCallsHaveNoLimits) {
  Compiler compiler(TheWorld().schema(), TheWorld().collection("posts"), nullptr);
  EXPECT_TRUE(compiler.AddSort("id,id,id,id,id,id,id,id,id,id", true));
}

TEST(Sort, HiddenFieldsAndLockedCollectionsAreRefusedToClients) {
  EXPECT_TRUE(TheWorld().SortedBy("posts", "author.secret", false).starts_with("error: "));
  EXPECT_TRUE(TheWorld().SortedBy("posts", "vault_via_post.code", false).starts_with("error: "));
  EXPECT_FALSE(TheWorld().SortedBy("posts", "author.secret", true).starts_with("error: "));
}

TEST(Sort, RandomTakesEveryRecordOnce) { EXPECT_EQ(TheWorld().SortedBy("posts", "@random", true).size(), 7U); }

TEST(Sort, AnEmptySortOrdersNothing) { EXPECT_EQ(TheWorld().SortedBy("posts", "", true), "a b c d"); }

}  // namespace
}  // namespace wombat::filter_test
