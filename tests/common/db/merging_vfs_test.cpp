#include "common/db/merging_vfs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/db/sqlite.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

class MergingVfsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wombat-merging-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Connection> Open(Connection::Mode mode, int cache_kib = 4000) {
    auto opened = Connection::Open(folder_ + "/t.db", {.mode = mode, .cache_kib = cache_kib, .create = mode != Connection::Mode::kReader});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return opened ? std::move(*opened) : nullptr;
  }
  static std::string One(Connection& connection, const std::string& sql) {
    auto statement = connection.Prepare(sql);
    if (!statement) return statement.error().message;
    auto row = statement->Step();
    if (!row) return row.error().message;
    return *row ? std::string(statement->cell(0).text()) : "";
  }
  static void Run(Connection& connection, const std::string& sql) {
    auto done = connection.Run(sql);
    EXPECT_TRUE(done) << sql << ": " << (done ? "" : done.error().message);
  }
  static void Fill(Connection& connection, int rows) {
    Run(connection, "INSERT INTO t (text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                        std::to_string(rows) + ") SELECT hex(randomblob(1500)) FROM n");
  }
  static long WriteCalls() {
    std::ifstream io("/proc/self/io");
    std::string key;
    long value = 0;
    while (io >> key >> value)
      if (key == "syscw:") return value;
    return -1;
  }

  std::string folder_;
};

TEST_F(MergingVfsTest, ACommitOfManyPagesTakesFewWrites) {
  auto writer = Open(Connection::Mode::kWriter);
  Run(*writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
  const long before = WriteCalls();
  if (before < 0) GTEST_FAIL() << "/proc/self/io cannot be read";
  Fill(*writer, 100);
  EXPECT_LT(WriteCalls() - before, 20);
}

TEST_F(MergingVfsTest, EachCommitIsSeenByOthersAtOnceWithAndWithoutSync) {
  for (auto mode : {Connection::Mode::kWriter, Connection::Mode::kAuxiliary}) {
    auto writer = Open(mode);
    Run(*writer, "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)");
    auto reader = Open(Connection::Mode::kReader);
    for (int i = 0; i < 200; i++) {
      Run(*writer, "INSERT INTO t (text) VALUES ('row')");
      ASSERT_EQ(One(*reader, "SELECT max(id) FROM t"), One(*writer, "SELECT max(id) FROM t"));
    }
    EXPECT_EQ(One(*reader, "PRAGMA integrity_check"), "ok");
  }
}

TEST_F(MergingVfsTest, PagesThatSpilledAreReadBackWithinTheirTransaction) {
  auto writer = Open(Connection::Mode::kWriter, 40);  // ten pages: everything spills
  Run(*writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
  Run(*writer, "BEGIN IMMEDIATE");
  Fill(*writer, 500);
  EXPECT_EQ(One(*writer, "SELECT sum(length(text)) FROM t"), std::to_string(500 * 3000));
  Run(*writer, "UPDATE t SET text = hex(randomblob(1400)) WHERE id % 3 = 0");  // frames written earlier are written again
  Run(*writer, "COMMIT");
  auto reader = Open(Connection::Mode::kReader);
  EXPECT_EQ(One(*reader, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(One(*reader, "SELECT sum(length(text)) FROM t"), std::to_string(500 * 3000 - 166 * 200));
}

TEST_F(MergingVfsTest, ARolledBackTransactionOrSavepointLeavesNothing) {
  auto writer = Open(Connection::Mode::kWriter, 40);
  Run(*writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
  for (int round = 0; round < 5; round++) {
    Run(*writer, "BEGIN IMMEDIATE");
    Fill(*writer, 20);
    Run(*writer, "SAVEPOINT inner");
    Fill(*writer, 300);
    Run(*writer, "ROLLBACK TO inner");
    Run(*writer, "RELEASE inner");
    Run(*writer, "COMMIT");
    Run(*writer, "BEGIN IMMEDIATE");
    Fill(*writer, 300);
    Run(*writer, "ROLLBACK");
    Run(*writer, "INSERT INTO t (text) VALUES ('after')");
  }
  auto reader = Open(Connection::Mode::kReader);
  EXPECT_EQ(One(*reader, "SELECT count(*) FROM t"), "105");
  EXPECT_EQ(One(*reader, "PRAGMA integrity_check"), "ok");
}

TEST_F(MergingVfsTest, WhatWasCommittedSurvivesReopening) {
  {
    auto writer = Open(Connection::Mode::kWriter);
    Run(*writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
    Fill(*writer, 50);
    sqlite3_wal_checkpoint_v2(writer->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    Fill(*writer, 7);  // the WAL starts over
    fs::copy(folder_ + "/t.db", folder_ + "/u.db");
    fs::copy(folder_ + "/t.db-wal", folder_ + "/u.db-wal");
  }
  auto reader = Open(Connection::Mode::kReader);
  EXPECT_EQ(One(*reader, "SELECT count(*) FROM t"), "57");
  auto copy = Connection::Open(folder_ + "/u.db", {.mode = Connection::Mode::kWriter});
  ASSERT_TRUE(copy);
  EXPECT_EQ(One(**copy, "SELECT count(*) FROM t"), "57");
}

}  // namespace
}  // namespace wombat
