#include "writer/lane/applied_log.h"

#include <gtest/gtest.h>

#include "tests/writer/data_directory.h"

namespace wombat {
namespace {

// One region that outlives several writers of one database.
class AppliedLogTest : public ::testing::Test {
 protected:
  AppliedLogTest() : region_(std::make_unique<AppliedRegion>()) {
    std::filesystem::create_directories(directory_.path());
    auto opened = Connection::Open(path(), {.mode = Connection::Mode::kWriter, .create = true});
    EXPECT_TRUE(opened) << opened.error().message;
    connection_ = std::move(*opened);
    EXPECT_TRUE(connection_->Execute("CREATE TABLE t (n INTEGER)"));
  }
  std::string path() const { return directory_.file("data.db"); }

  std::unique_ptr<AppliedLog> NextWriter() {
    auto log = std::make_unique<AppliedLog>(*region_);
    auto opened = log->Open(*connection_, path());
    EXPECT_TRUE(opened) << opened.error().message;
    return log;
  }
  void Commit() { ASSERT_TRUE(connection_->Run("INSERT INTO t VALUES (1)")); }
  void Apply(AppliedLog& log, std::uint64_t incarnation, std::uint64_t sequence) {
    log.Add(incarnation, sequence);
    ASSERT_TRUE(log.BeforeCommit());
    Commit();
    log.Committed();
  }

  // So many that the oldest are overwritten.
  static constexpr std::uint64_t kLast = 2 * kAppliedEntries + 10;
  void FillRing(AppliedLog& log) {
    for (std::uint64_t sequence = 1; sequence <= kLast;) {
      for (std::size_t n = 0; n < AppliedLog::kGroupEntries && sequence <= kLast; n++) log.Add(1, sequence++);
      ASSERT_TRUE(log.BeforeCommit());
      Commit();
      log.Committed();
    }
  }

  TemporaryDirectory directory_;
  std::unique_ptr<AppliedRegion> region_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(AppliedLogTest, KnowsWhatItApplied) {
  auto log = NextWriter();
  Apply(*log, 1, 5);
  EXPECT_TRUE(log->Contains(1, 5));
  EXPECT_FALSE(log->Contains(1, 4));
  EXPECT_FALSE(log->Contains(1, 6));
  EXPECT_FALSE(log->Contains(2, 5));
}

TEST_F(AppliedLogTest, KnowsWhatTheGatheringGroupApplied) {
  auto log = NextWriter();
  log->Add(1, 5);
  EXPECT_TRUE(log->Contains(1, 5));
}

TEST_F(AppliedLogTest, TellsTheNextWriterWhatWasCommitted) {
  Apply(*NextWriter(), 1, 5);
  EXPECT_TRUE(NextWriter()->Contains(1, 5));
}

TEST_F(AppliedLogTest, AGroupThatIsNotYetCommittingIsUnknownToTheNextWriter) {
  NextWriter()->Add(1, 5);
  EXPECT_FALSE(NextWriter()->Contains(1, 5));
}

TEST_F(AppliedLogTest, AGroupWhoseWriterDiedAfterTheCommitWasApplied) {
  {
    auto log = NextWriter();
    log->Add(1, 5);
    log->Add(2, 9);
    ASSERT_TRUE(log->BeforeCommit());
    Commit();
  }
  auto next = NextWriter();
  EXPECT_TRUE(next->Contains(1, 5));
  EXPECT_TRUE(next->Contains(2, 9));
  EXPECT_EQ(region_->committed.load(), 2u);
}

TEST_F(AppliedLogTest, AGroupWhoseWriterDiedBeforeTheCommitWasNotApplied) {
  {
    auto log = NextWriter();
    log->Add(1, 5);
    ASSERT_TRUE(log->BeforeCommit());
  }
  EXPECT_FALSE(NextWriter()->Contains(1, 5));
  EXPECT_EQ(region_->committed.load(), 0u);
  EXPECT_EQ(region_->pending.load(), 0u);
}

TEST_F(AppliedLogTest, AGroupThatWasRolledBackIsForgotten) {
  auto log = NextWriter();
  log->Add(1, 5);
  ASSERT_TRUE(log->BeforeCommit());
  log->RolledBack();
  EXPECT_FALSE(NextWriter()->Contains(1, 5));
}

TEST_F(AppliedLogTest, AWalThatWasBegunAnewWithoutACommitInItAppliedNothing) {
  Commit();
  {
    auto log = NextWriter();
    log->Add(1, 5);
    ASSERT_TRUE(log->BeforeCommit());
  }
  ASSERT_EQ(sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr), SQLITE_OK);
  EXPECT_FALSE(NextWriter()->Contains(1, 5));
}

TEST_F(AppliedLogTest, AWalThatWasBegunAnewByTheCommitItselfAppliedTheGroup) {
  Commit();
  ASSERT_EQ(sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr), SQLITE_OK);
  {
    auto log = NextWriter();
    log->Add(1, 5);
    ASSERT_TRUE(log->BeforeCommit());
    Commit();          // starts the WAL from its beginning: fewer frames than before
  }
  EXPECT_TRUE(NextWriter()->Contains(1, 5));
}

TEST_F(AppliedLogTest, SettlesAPendingGroupOnlyOnce) {
  {
    auto log = NextWriter();
    log->Add(1, 5);
    ASSERT_TRUE(log->BeforeCommit());
  }
  EXPECT_FALSE(NextWriter()->Contains(1, 5));
  Commit();
  EXPECT_FALSE(NextWriter()->Contains(1, 5));
}

TEST_F(AppliedLogTest, GroupsWithoutMutationsLeaveTheRegionAlone) {
  auto log = NextWriter();
  ASSERT_TRUE(log->BeforeCommit());
  log->Committed();
  EXPECT_EQ(region_->pending.load(), 0u);
  EXPECT_EQ(region_->committed.load(), 0u);
}

TEST_F(AppliedLogTest, KeepsTheNewestWhenItsRingIsFull) {
  auto log = NextWriter();
  FillRing(*log);
  auto next = NextWriter();
  EXPECT_FALSE(next->Contains(1, kLast - AppliedLog::kRemembered));
  EXPECT_TRUE(next->Contains(1, kLast - AppliedLog::kRemembered + 1));
  EXPECT_TRUE(next->Contains(1, kLast));
}

// Their entries lie where the ring's oldest were.
TEST_F(AppliedLogTest, TakesNoUncommittedOneForAnOldOneWhenItsRingIsFull) {
  auto log = NextWriter();
  FillRing(*log);
  for (std::uint64_t sequence = 1; sequence <= AppliedLog::kGroupEntries; sequence++) log->Add(2, sequence);
  for (const bool committing : {false, true}) {
    if (committing) {
      ASSERT_TRUE(log->BeforeCommit());
    }
    auto next = NextWriter();
    for (std::uint64_t sequence = 1; sequence <= AppliedLog::kGroupEntries; sequence++)
      ASSERT_FALSE(next->Contains(2, sequence)) << sequence;
  }
}

TEST_F(AppliedLogTest, ForgetsWhatWasRolledBackWhenItsRingIsFull) {
  auto log = NextWriter();
  FillRing(*log);
  for (std::uint64_t sequence = 1; sequence <= AppliedLog::kGroupEntries; sequence++) log->Add(2, sequence);
  log->RolledBack();
  for (std::uint64_t sequence = 1; sequence <= AppliedLog::kGroupEntries; sequence++)
    ASSERT_FALSE(log->Contains(2, sequence)) << sequence;
}

}  // namespace
}  // namespace wombat
