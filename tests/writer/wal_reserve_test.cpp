#include "writer/lane/wal_reserve.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/db/sqlite.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

class WalReserveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wombat-wal-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path() const { return folder_ + "/t.db"; }
  static std::int64_t Count(Connection& connection) {
    auto value = connection.QueryValue("SELECT count(*) FROM t");
    return value && std::holds_alternative<std::int64_t>(*value) ? std::get<std::int64_t>(*value) : -1;
  }

  std::string folder_;
};

TEST_F(WalReserveTest, RowsBeforeAndAfterTheReserveAreThereAfterACrash) {
  auto writer = Connection::Open(path(), {.mode = Connection::Mode::kWriter, .create = true});
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->Run("CREATE TABLE t (a)"));
  ASSERT_TRUE((*writer)->Run("INSERT INTO t VALUES (1)"));
  ReserveWal(path() + "-wal");
  EXPECT_EQ(fs::file_size(path() + "-wal"), std::uintmax_t(kReservedWalBytes));
  ASSERT_TRUE((*writer)->Run("INSERT INTO t VALUES (2)"));
  EXPECT_EQ(fs::file_size(path() + "-wal"), std::uintmax_t(kReservedWalBytes));
  // What a crash leaves: the files as they are, without the shared index.
  fs::copy(path(), folder_ + "/crashed.db");
  fs::copy(path() + "-wal", folder_ + "/crashed.db-wal");
  auto again = Connection::Open(folder_ + "/crashed.db", {.mode = Connection::Mode::kWriter});
  ASSERT_TRUE(again);
  EXPECT_EQ(Count(**again), 2);
}

TEST_F(WalReserveTest, AnEmptyWalMayBeReserved) {
  auto writer = Connection::Open(path(), {.mode = Connection::Mode::kWriter, .create = true});
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->Run("CREATE TABLE t (a)"));
  ASSERT_EQ(sqlite3_wal_checkpoint_v2((*writer)->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr), SQLITE_OK);
  ReserveWal(path() + "-wal");
  auto reader = Connection::Open(path(), {.mode = Connection::Mode::kReader});
  ASSERT_TRUE(reader);
  EXPECT_EQ(Count(**reader), 0);
  ASSERT_TRUE((*writer)->Run("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(Count(**reader), 1);
  auto checked = (*reader)->QueryValue("PRAGMA integrity_check");
  ASSERT_TRUE(checked);
  EXPECT_EQ(std::get<std::string>(*checked), "ok");
}

TEST_F(WalReserveTest, AMissingFileIsNotMade) {
  ReserveWal(path() + "-wal");
  EXPECT_FALSE(fs::exists(path() + "-wal"));
}

}  // namespace
}  // namespace wombat
