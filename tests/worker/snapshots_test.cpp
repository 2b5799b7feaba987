#include "worker/snapshots.h"

#include "tests/worker/worker_fixture.h"

namespace wombat {
namespace {

class SnapshotsTest : public WorkerTest {
 protected:
  SnapshotsTest() : snapshots_(*reader_, *page_, {}) {}
  void Refresh() {
    auto done = snapshots_.Refresh();
    ASSERT_TRUE(done) << done.error().message;
  }
  Snapshots snapshots_;
};

TEST_F(SnapshotsTest, LoadSchemaAndSettingsTheFirstTime) {
  Refresh();
  EXPECT_TRUE(snapshots_.schema()->Find("users"));
  EXPECT_EQ(snapshots_.schema()->generation(), generation());
  ASSERT_TRUE(snapshots_.settings());
}

TEST_F(SnapshotsTest, StayTheSameWhileNothingMoves) {
  Refresh();
  SchemaPtr schema = snapshots_.schema();
  SettingsPtr settings = snapshots_.settings();
  Refresh();
  EXPECT_EQ(snapshots_.schema(), schema);
  EXPECT_EQ(snapshots_.settings(), settings);
}

TEST_F(SnapshotsTest, SeeACollectionThatTheWriterHasAcknowledged) {
  Refresh();
  EXPECT_FALSE(snapshots_.schema()->Find("notes"));
  CreateCollection(R"({"name":"notes"})");
  Refresh();
  EXPECT_TRUE(snapshots_.schema()->Find("notes"));
}

TEST_F(SnapshotsTest, LeaveTheOldSchemaToThoseWhoStillReadIt) {
  CreateCollection(R"({"name":"notes"})");
  Refresh();
  SchemaPtr old = snapshots_.schema();
  ASSERT_TRUE(Do(DeletingCollection(Shared("notes")->id)).is_done());
  Refresh();
  EXPECT_FALSE(snapshots_.schema()->Find("notes"));
  EXPECT_EQ(old->Find("notes")->name, "notes");
}

TEST_F(SnapshotsTest, LoadSettingsAgainWhenTheirGenerationMoves) {
  Refresh();
  SettingsPtr old = snapshots_.settings();
  page_->settings_generation.fetch_add(1);
  Refresh();
  EXPECT_NE(snapshots_.settings(), old);
}

TEST_F(SnapshotsTest, KeepTheOldSchemaWhenTheNewOneCannotBeRead) {
  Refresh();
  SchemaPtr old = snapshots_.schema();
  ASSERT_TRUE(data_.data->Execute("UPDATE _collections SET fields = 'no json' WHERE name = 'users'"));
  page_->schema_generation.fetch_add(1);
  EXPECT_FALSE(snapshots_.Refresh());
  EXPECT_EQ(snapshots_.schema(), old);
}

}  // namespace
}  // namespace wombat
