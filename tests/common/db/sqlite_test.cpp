#include "common/db/sqlite.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace wombat {
namespace {

class Database : public testing::Test {
 protected:
  Database() {
    char pattern[] = "/tmp/wombat-db-XXXXXX";
    directory_ = mkdtemp(pattern);
    writer_ = Open(Connection::Mode::kWriter);
    EXPECT_TRUE(writer_->Execute("CREATE TABLE t (a INTEGER UNIQUE, b TEXT)"));
  }
  ~Database() override {
    writer_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::unique_ptr<Connection> Open(Connection::Mode mode, std::size_t cached_statements = 8) {
    Connection::Options options;
    options.mode = mode;
    options.cached_statements = cached_statements;
    options.create = mode != Connection::Mode::kReader;
    auto connection = Connection::Open(directory_ + "/data.db", options);
    EXPECT_TRUE(connection) << connection.error().message;
    return std::move(*connection);
  }

  static std::int64_t Integer(Connection& connection, std::string_view sql) {
    const auto value = connection.QueryValue(sql);
    return value && std::holds_alternative<std::int64_t>(*value) ? std::get<std::int64_t>(*value) : -1;
  }

  std::string directory_;
  std::unique_ptr<Connection> writer_;
};

TEST_F(Database, SetsThePragmasOfEachMode) {
  EXPECT_EQ(*writer_->QueryValue("PRAGMA journal_mode"), SqlValue("wal"));
  EXPECT_EQ(Integer(*writer_, "PRAGMA synchronous"), 2);
  EXPECT_EQ(Integer(*writer_, "PRAGMA foreign_keys"), 1);
  EXPECT_EQ(Integer(*writer_, "PRAGMA busy_timeout"), 10000);
  EXPECT_EQ(Integer(*writer_, "PRAGMA wal_autocheckpoint"), 0);
  EXPECT_EQ(Integer(*writer_, "PRAGMA temp_store"), 2);
  EXPECT_EQ(*writer_->QueryValue("PRAGMA cache_size"), SqlValue(std::int64_t(-32000)));
  EXPECT_EQ(Integer(*Open(Connection::Mode::kAuxiliary), "PRAGMA synchronous"), 1);
  EXPECT_EQ(Integer(*Open(Connection::Mode::kAuxiliary), "PRAGMA wal_autocheckpoint"), 1000);
  EXPECT_EQ(Integer(*Open(Connection::Mode::kReader), "PRAGMA wal_autocheckpoint"), 0);
}

TEST_F(Database, AReaderCannotWrite) {
  const auto reader = Open(Connection::Mode::kReader);
  EXPECT_FALSE(reader->Run("INSERT INTO t VALUES (1, 'x')"));
  EXPECT_EQ(Integer(*reader, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(Database, AReaderThatClosesLastLeavesTheLogInPlace) {
  ASSERT_TRUE(writer_->Run("INSERT INTO t VALUES (1, 'x')"));
  auto reader = Open(Connection::Mode::kReader);
  EXPECT_EQ(Integer(*reader, "SELECT COUNT(*) FROM t"), 1);
  // As after a crash of the writer: its connection never closes properly.
  sqlite3_db_config(writer_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  writer_.reset();
  reader.reset();
  EXPECT_GT(std::filesystem::file_size(directory_ + "/data.db-wal"), 0u);
}

TEST_F(Database, OpeningAMissingFileIsAnError) {
  EXPECT_FALSE(Connection::Open(directory_ + "/none.db", {}));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/none.db"));
}

TEST_F(Database, BindsAndReadsEveryKindOfValue) {
  const SqlValues values = {std::monostate{}, std::int64_t(1) << 60, 1.5, std::string("a\0b", 3),
                            Blob{std::string("\xFF\0", 2)}};
  auto statement = writer_->Prepare("SELECT ?, ?, ?, ?, ?");
  ASSERT_TRUE(statement);
  EXPECT_EQ(statement->BindAll(values), 6);
  ASSERT_TRUE(*statement->Step());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(statement->cell(i).value(), values[std::size_t(i)]) << i;
  EXPECT_FALSE(*statement->Step());
}

TEST_F(Database, AnEmptyTextIsNotNull) {
  auto statement = writer_->Prepare("SELECT ?1 IS NULL, ?1 = ''");
  ASSERT_TRUE(statement);
  statement->BindView(1, {});
  ASSERT_TRUE(*statement->Step());
  EXPECT_EQ(statement->cell(0).integer(), 0);
  EXPECT_EQ(statement->cell(1).integer(), 1);
}

TEST_F(Database, AStatementIsPreparedOnceAndComesBackUnbound) {
  sqlite3_stmt* first = nullptr;
  {
    auto statement = writer_->Prepare("SELECT ?");
    statement->Bind(1, std::int64_t(5));
    ASSERT_TRUE(*statement->Step());
    first = sqlite3_next_stmt(writer_->handle(), nullptr);
  }
  auto again = writer_->Prepare("SELECT ?");
  EXPECT_EQ(sqlite3_next_stmt(writer_->handle(), nullptr), first);
  ASSERT_TRUE(*again->Step());
  EXPECT_TRUE(again->cell(0).is_null());
}

TEST_F(Database, TheSameTextCanBeUsedTwiceAtOnce) {
  ASSERT_TRUE(writer_->Execute("INSERT INTO t VALUES (1,'a'),(2,'b')"));
  auto outer = writer_->Prepare("SELECT a FROM t ORDER BY a");
  auto inner = writer_->Prepare("SELECT a FROM t ORDER BY a");
  ASSERT_TRUE(*outer->Step());
  ASSERT_TRUE(*inner->Step());
  ASSERT_TRUE(*inner->Step());
  EXPECT_EQ(outer->cell(0).integer(), 1);
  EXPECT_EQ(inner->cell(0).integer(), 2);
}

int PreparedStatements(Connection& connection) {
  int count = 0;
  for (auto* s = sqlite3_next_stmt(connection.handle(), nullptr); s; s = sqlite3_next_stmt(connection.handle(), s))
    ++count;
  return count;
}

TEST_F(Database, TheCacheForgetsTheLeastRecentlyUsed) {
  const auto connection = Open(Connection::Mode::kReader, 2);
  for (const char* sql : {"SELECT 1", "SELECT 2", "SELECT 1", "SELECT 3"}) ASSERT_TRUE(connection->Run(sql));
  ASSERT_EQ(PreparedStatements(*connection), 2);
  std::string texts;
  for (auto* s = sqlite3_next_stmt(connection->handle(), nullptr); s; s = sqlite3_next_stmt(connection->handle(), s)) {
    texts += sqlite3_sql(s);
  }
  EXPECT_EQ(texts.find("SELECT 2"), std::string::npos);
}

TEST_F(Database, ClearingTheCacheLeavesStatementsInUseAlone) {
  {
    auto statement = writer_->Prepare("SELECT 7");
    ASSERT_TRUE(*statement->Step());
    writer_->ClearCache();
    EXPECT_EQ(statement->cell(0).integer(), 7);
    EXPECT_EQ(Integer(*writer_, "SELECT 7"), 7);
  }
  writer_->ClearCache();
  EXPECT_EQ(PreparedStatements(*writer_), 0);
}

TEST_F(Database, RefusesTextsThatAreNotOneStatement) {
  EXPECT_FALSE(writer_->Prepare("SELECT 1; SELECT 2"));
  EXPECT_FALSE(writer_->Prepare("  "));
  EXPECT_FALSE(writer_->Prepare("SELEC 1"));
  EXPECT_TRUE(writer_->Prepare("SELECT 1 ; \n"));
}

TEST_F(Database, AUniqueViolationNamesItsColumns) {
  ASSERT_TRUE(writer_->Run("INSERT INTO t VALUES (1, 'x')"));
  const auto again = writer_->Run("INSERT INTO t VALUES (1, 'y')");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Error::Kind::kConstraint);
  EXPECT_EQ(again.error().message, "UNIQUE constraint failed: t.a");
}

constexpr std::string_view kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";

TEST_F(Database, EndsAStatementAtItsTimeLimit) {
  writer_->SetTimeLimit(std::chrono::milliseconds(20));
  const auto result = writer_->QueryValue(kEndless);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Error::Kind::kInterrupted);
}

// SQLite counts a cached statement's steps over all its runs, so one rollback in some hundreds looks at the clock.
TEST_F(Database, RollsBackHoweverLongAgoTheTimeLimitWas) {
  for (int i = 0; i < 3000; ++i) {
    writer_->SetTimeLimit(std::chrono::hours(1));
    {
      auto transaction = Transaction::Begin(*writer_, Transaction::Kind::kDeferred);
      ASSERT_TRUE(transaction) << i;
      writer_->SetTimeLimit(std::chrono::nanoseconds(1));
    }
    ASSERT_FALSE(writer_->in_transaction()) << i;
  }
}

TEST_F(Database, RunsOnWithoutATimeLimit) {
  writer_->SetTimeLimit(std::chrono::milliseconds(1));
  writer_->SetTimeLimit({});
  EXPECT_EQ(Integer(*writer_,
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500000) "
                    "SELECT COUNT(*) FROM n"),
            500000);
}

TEST_F(Database, ATransactionThatIsNotCommittedLeavesNothing) {
  {
    auto transaction = Transaction::Begin(*writer_, Transaction::Kind::kImmediate);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(writer_->Run("INSERT INTO t VALUES (1, 'x')"));
  }
  EXPECT_FALSE(writer_->in_transaction());
  EXPECT_EQ(Integer(*writer_, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(Database, ASnapshotSeesOneState) {
  const auto reader = Open(Connection::Mode::kReader);
  auto snapshot = ReadSnapshot::Begin(*reader, Transaction::Kind::kDeferred);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(Integer(*reader, "SELECT COUNT(*) FROM t"), 0);
  auto write = Transaction::Begin(*writer_, Transaction::Kind::kImmediate);
  ASSERT_TRUE(writer_->Run("INSERT INTO t VALUES (1, 'x')"));
  ASSERT_TRUE(write->Commit());
  EXPECT_EQ(Integer(*reader, "SELECT COUNT(*) FROM t"), 0);
  ASSERT_TRUE(snapshot->Commit());
  EXPECT_EQ(Integer(*reader, "SELECT COUNT(*) FROM t"), 1);
}

TEST_F(Database, TellsDeclaredTypesOfColumns) {
  auto statement = writer_->Prepare("SELECT b, a + 1 FROM t");
  EXPECT_EQ(statement->column_declared_type(0), "TEXT");
  EXPECT_EQ(statement->column_declared_type(1), "");
  EXPECT_EQ(statement->column_name(0), "b");
}

}  // namespace
}  // namespace wombat
