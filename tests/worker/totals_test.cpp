#include "worker/api/totals.h"

#include "tests/worker/worker_fixture.h"

namespace wombat {
namespace {

class TotalsTest : public WorkerTest {
 protected:
  TotalsTest() : totals_(DatabasePath()) {
    CreateCollection(R"({"name":"notes","fields":[{"name":"text","type":"text"}]})");
    totals_.Open();
  }
  TotalsCache totals_;
};

TEST_F(TotalsTest, TheDatabaseStandsWhereItStoodUntilSomethingIsCommitted) {
  Create("notes", R"({"text":"a"})");
  const auto before = totals_.Now();
  ASSERT_TRUE(before);
  EXPECT_TRUE(reader_->QueryValue("SELECT COUNT(*) FROM notes"));
  EXPECT_EQ(totals_.Now(), before);
  Create("notes", R"({"text":"b"})");
  EXPECT_NE(totals_.Now(), before);
}

TEST_F(TotalsTest, NoStateComesBackWhenTheLogStartsOver) {
  std::vector<TotalsCache::State> seen;
  for (int i = 0; i < 5; ++i) {
    Create("notes", R"({"text":"a"})");
    ASSERT_TRUE(data_.data->Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    Create("notes", R"({"text":"a"})");
    const auto now = totals_.Now();
    ASSERT_TRUE(now);
    EXPECT_EQ(std::ranges::count(seen, *now), 0);
    seen.push_back(*now);
  }
}

TEST_F(TotalsTest, NothingIsKnownBeforeTheDatabaseWasOpened) {
  EXPECT_FALSE(TotalsCache(DatabasePath()).Now());
  TotalsCache nowhere("/nonexistent/data.db");
  nowhere.Open();
  EXPECT_FALSE(nowhere.Now());
}

TEST_F(TotalsTest, WhatIsKeptIsFoundUnderItsOwnStatementAndValuesOnly) {
  Create("notes", R"({"text":"a"})");
  const auto state = *totals_.Now();
  totals_.Keep(TotalsCache::KeyOf("SELECT ?", {std::string("a")}), {state, 5});
  ASSERT_TRUE(totals_.Find(TotalsCache::KeyOf("SELECT ?", {std::string("a")})));
  EXPECT_EQ(totals_.Find(TotalsCache::KeyOf("SELECT ?", {std::string("a")}))->total, 5);
  EXPECT_FALSE(totals_.Find(TotalsCache::KeyOf("SELECT ?", {std::string("b")})));
  EXPECT_FALSE(totals_.Find(TotalsCache::KeyOf("SELECT ?,?", {std::string("a")})));
}

TEST_F(TotalsTest, ValuesOfDifferentKindsHaveDifferentKeys) {
  const SqlValues some[] = {{std::int64_t(1)}, {1.0}, {std::string("1")}, {std::monostate()}, {std::string()}, {Blob{"1"}}, {},
                            {std::string("a"), std::string("b")}, {std::string("ab"), std::string()}};
  for (const SqlValues& a : some)
    for (const SqlValues& b : some) EXPECT_EQ(TotalsCache::KeyOf("x", a) == TotalsCache::KeyOf("x", b), &a == &b);
}

TEST_F(TotalsTest, AreForgottenBeforeTheyGrowWithoutEnd) {
  Create("notes", R"({"text":"a"})");
  const auto state = *totals_.Now();
  totals_.Keep("first", {state, 1});
  for (int i = 0; i < 1500; ++i) totals_.Keep(std::to_string(i), {state, i});
  EXPECT_FALSE(totals_.Find("first"));
  EXPECT_TRUE(totals_.Find("1499"));
  totals_.Keep(std::string(100'000, 'x'), {state, 1});
  EXPECT_FALSE(totals_.Find(std::string(100'000, 'x')));
}

}  // namespace
}  // namespace wombat
