// A connection whose statements run somewhere else: readers of it must not notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/db/sqlite.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;

// Runs the statements on another connection of this process, as the writer does on its own.
class Elsewhere : public RemoteStatements {
 public:
  Elsewhere() {
    auto opened = Connection::Open(":memory:", {.mode = Connection::Mode::kAuxiliary, .create = true});
    EXPECT_TRUE(opened);
    connection_ = std::move(*opened);
    EXPECT_TRUE(connection_->Execute(
        "CREATE TABLE t (id TEXT, n NUMERIC); INSERT INTO t VALUES ('a', 1), ('b', 2.5), ('c', NULL)"));
  }
  Result<Rows> Run(const std::string& sql, const SqlValues& values) override {
    runs++;
    auto statement = connection_->Prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    statement->BindAll(values);
    Rows rows;
    for (int i = 0; i < statement->columns(); i++) rows.columns.emplace_back(statement->column_name(i));
    for (;;) {
      auto more = statement->Step();
      if (!more) return std::unexpected(more.error());
      if (!*more) return rows;
      SqlValues& row = rows.rows.emplace_back();
      for (int i = 0; i < statement->columns(); i++) row.push_back(statement->cell(i).value());
    }
  }
  int runs = 0;

 private:
  std::unique_ptr<Connection> connection_;
};

class RemoteTest : public ::testing::Test {
 protected:
  RemoteTest() {
    auto opened = Connection::OpenRemote(elsewhere_);
    EXPECT_TRUE(opened);
    connection_ = std::move(*opened);
  }
  Elsewhere elsewhere_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(RemoteTest, RowsHaveTheCellsThatTheyHaveThere) {
  auto statement = connection_->Prepare("SELECT id, n FROM t WHERE id >= ? ORDER BY id");
  ASSERT_TRUE(statement);
  statement->BindView(1, "a");
  ASSERT_TRUE(statement->Step().value());
  EXPECT_EQ(statement->columns(), 2);
  EXPECT_EQ(statement->column_name(1), "n");
  EXPECT_EQ(statement->cell(0).text(), "a");
  EXPECT_EQ(statement->cell(1).type(), SQLITE_INTEGER);
  ASSERT_TRUE(statement->Step().value());
  EXPECT_EQ(statement->cell(1).real(), 2.5);
  ASSERT_TRUE(statement->Step().value());
  EXPECT_TRUE(statement->cell(1).is_null());
  EXPECT_FALSE(statement->Step().value());
}

TEST_F(RemoteTest, AStatementRunsOnceForAllOfItsRowsAndAgainAfterReset) {
  auto statement = connection_->Prepare("SELECT COUNT(*) FROM t WHERE n > ?");
  ASSERT_TRUE(statement);
  statement->Bind(1, std::int64_t(1));
  ASSERT_TRUE(statement->Step().value());
  EXPECT_EQ(statement->cell(0).integer(), 1);
  EXPECT_FALSE(statement->Step().value());
  EXPECT_EQ(elsewhere_.runs, 1);
  statement->Reset();
  statement->Bind(1, 0.5);
  ASSERT_TRUE(statement->Step().value());
  EXPECT_EQ(statement->cell(0).integer(), 2);
  EXPECT_EQ(elsewhere_.runs, 2);
}

TEST_F(RemoteTest, TwoStatementsAtOnceKeepTheirRowsApart) {
  auto first = connection_->Prepare("SELECT id FROM t ORDER BY id");
  auto second = connection_->Prepare("SELECT id FROM t ORDER BY id DESC");
  ASSERT_TRUE(first && second);
  std::vector<std::string> seen;
  while (first->Step().value() && second->Step().value())
    seen.push_back(std::string(first->cell(0).text()) + std::string(second->cell(0).text()));
  EXPECT_THAT(seen, ElementsAre("ac", "bb", "ca"));
}

TEST_F(RemoteTest, AnErrorThereIsAnErrorHere) {
  auto statement = connection_->Prepare("SELECT nothing FROM nowhere");
  ASSERT_TRUE(statement);
  EXPECT_FALSE(statement->Step());
}

TEST_F(RemoteTest, ATransactionOnItChangesNothing) {
  {
    auto snapshot = ReadSnapshot::Begin(*connection_, Transaction::Kind::kDeferred);
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(connection_->QueryValue("SELECT 1"));
    EXPECT_TRUE(snapshot->Commit());
  }
  EXPECT_EQ(elsewhere_.runs, 1);
}

TEST_F(RemoteTest, WritesRunThereAsWell) {
  std::vector<SqlValue> values{std::string("d"), Blob{"xyz"}};
  EXPECT_TRUE(connection_->Run("INSERT INTO t VALUES (?, ?)", values));
  EXPECT_EQ(std::get<Blob>(connection_->QueryValue("SELECT n FROM t WHERE id = 'd'").value()).bytes, "xyz");
}

}  // namespace
}  // namespace wombat
