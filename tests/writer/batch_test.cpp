// Several mutations that are applied together or not at all (spec 01 §3.2, 07 §4.2).
#include "tests/hook_names.h"
#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BatchTest : public LaneTest {
 protected:
  BatchTest() {
    CreateCollection(R"({"name":"authors","fields":[{"name":"name","type":"text"}]})");
    CreateCollection(
        R"({"name":"posts","fields":[{"name":"title","type":"text","required":true},{"name":"votes","type":"number"},
      {"name":"author","type":"relation","collectionId":")" +
        Shared("authors")->id + R"json("}],
      "indexes":["CREATE UNIQUE INDEX idx_posts_title ON posts (title)"]})json");
  }

  static Fill Batch(std::vector<Fill> items, std::uint32_t time_limit_ms = 3000) {
    return [items, time_limit_ms](proto::Mutation::Builder mutation) {
      auto batch = mutation.initBatch();
      batch.setTimeLimitMs(time_limit_ms);
      auto list = batch.initItems(unsigned(items.size()));
      for (unsigned i = 0; i < list.size(); i++) items[i](list[i]);
    };
  }
  static Fill Upserting(Fill fill) {
    return [fill](proto::Mutation::Builder mutation) {
      fill(mutation);
      if (mutation.isCreateRecord())
        mutation.getCreateRecord().setUpsert(true);
      else
        mutation.getUpdateRecord().setUpsert(true);
    };
  }
  static std::string Id(int n) { return "record00000000" + std::to_string(n); }

  void Listen() {
    auto listen = [this](auto& hook, const char* name) {
      hook.BindFunc([this, name](RecordEvent& event) -> HookResult {
        seen_.push_back(std::string(name) + " " + std::string(event.record->id()));
        return event.Next();
      });
    };
    listen(app_.on_record_after_create_success, "success");
    listen(app_.on_record_after_create_error, "error");
    listen(app_.on_record_after_delete_success, "deleted");
    listen(app_.on_record_after_delete_error, "not deleted");
  }

  std::vector<std::string> seen_;
};

TEST_F(BatchTest, IsAnsweredItemByItem) {
  std::string old = Create("posts", R"({"title":"old"})");
  Answer answer = Do(Batch({Creating("posts", R"({"id":"record000000001","title":"a"})"),
                            Updating("posts", old, R"({"title":"new"})"), Deleting("posts", old)}));
  ASSERT_TRUE(answer.reply().isBatch());
  auto items = answer.reply().getBatch();
  ASSERT_EQ(items.size(), 3u);
  EXPECT_TRUE(items[0].isRecord());
  EXPECT_TRUE(items[1].isRecord());
  EXPECT_TRUE(items[2].isDone());
  EXPECT_EQ(Count("posts"), 1);
}

TEST_F(BatchTest, ALaterItemMayReferToTheRecordOfAnEarlierOne) {
  Answer answer = Do(Batch({Creating("authors", R"({"id":"author000000001"})"),
                            Creating("posts", R"({"title":"a","author":"author000000001"})")}));
  ASSERT_TRUE(answer.reply().isBatch()) << answer;
  EXPECT_EQ(Count("posts", "author = 'author000000001'"), 1);
}

TEST_F(BatchTest, TheFirstItemThatIsRefusedUndoesAllOfThem) {
  Answer answer = Do(Batch({Creating("posts", R"({"title":"a"})"), Creating("posts", R"({"title":"a"})"),
                            Creating("posts", R"({"title":"b"})")}));
  ASSERT_TRUE(answer.reply().isBatchFailed());
  auto failure = answer.reply().getBatchFailed();
  ASSERT_TRUE(failure.isItem());
  EXPECT_EQ(failure.getItem(), 1u);
  EXPECT_EQ(ReadRefusal(failure.getRefusal()).data.Find("title")->StringOr("code"), "validation_not_unique");
  EXPECT_EQ(Count("posts"), 0);
}

TEST_F(BatchTest, OneThatFailsLeavesItsNeighboursInTheSameCommitAlone) {
  auto answers = Together({Creating("posts", R"({"title":"before"})"),
                           Batch({Creating("posts", R"({"title":"in"})"), Creating("posts", R"({"title":"before"})")}),
                           Creating("posts", R"({"title":"after"})")});
  EXPECT_TRUE(answers[0].is_record());
  EXPECT_TRUE(answers[1].reply().isBatchFailed());
  EXPECT_TRUE(answers[2].is_record());
  EXPECT_EQ(Count("posts"), 2);
}

TEST_F(BatchTest, SentAgainItIsAnsweredFromTheStoredRowsAndNotAppliedAgain) {
  Fill batch = Batch({Creating("posts", R"({"id":"record000000001","title":"a"})"),
                      Creating("posts", R"({"id":"record000000002","title":"b"})")});
  std::uint64_t sequence = worker_->NextSequence();
  for (int time = 0; time < 2; time++) {
    std::vector<CommitLane::Job> jobs;
    jobs.push_back(worker_->Job(sequence, generation(), batch));
    RunTogether(std::move(jobs));
    Answer answer = worker_->Receive(sequence);
    ASSERT_TRUE(answer.reply().isBatch());
    EXPECT_EQ(answer.reply().getBatch().size(), 2u);
  }
  EXPECT_EQ(Count("posts"), 2);
}

TEST_F(BatchTest, AnUpsertWhoseChoiceNoLongerHoldsIsSentBackAndNothingIsWritten) {
  Create("posts", R"({"id":"record000000001","title":"a"})");
  Fill update = Updating("posts", Id(1), R"({"title":"b"})");
  EXPECT_TRUE(Do(Batch({Creating("posts", R"({"title":"c"})"),
                        Upserting(Creating("posts", R"({"id":"record000000001","title":"b"})"))}))
                  .is_row_changed());
  EXPECT_TRUE(Do(Batch({Deleting("posts", Id(1)), Upserting(update)})).is_row_changed());
  EXPECT_EQ(Count("posts"), 1);
  EXPECT_EQ(Count("posts", "title = 'a'"), 1);
}

TEST_F(BatchTest, PastItsTimeLimitNothingIsWritten) {
  app_.on_record_create_execute.BindFunc([](RecordEvent& event) -> HookResult {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    return event.Next();
  });
  Answer answer = Do(Batch({Creating("posts", R"({"title":"a"})"), Creating("posts", R"({"title":"b"})")}, 20));
  ASSERT_TRUE(answer.reply().isBatchFailed());
  EXPECT_TRUE(answer.reply().getBatchFailed().isWhole());
  EXPECT_EQ(Count("posts"), 0);
  // The limit was that batch's alone.
  EXPECT_TRUE(Do(Creating("posts", R"({"title":"a"})")).is_record());
}

TEST_F(BatchTest, TakesNoBatchAndNoCollectionChangeAsAnItem) {
  Fill inner = Batch({Creating("posts", R"({"title":"a"})")});
  EXPECT_TRUE(Do(Batch({inner})).reply().isBatchFailed());
  EXPECT_TRUE(Do(Batch({CreatingCollection(R"({"name":"more"})")})).reply().isBatchFailed());
  EXPECT_EQ(Count("posts"), 0);
}

TEST_F(BatchTest, SuccessHooksRunAfterTheCommitInTheOrderOfTheItems) {
  Listen();
  std::int64_t seen_inside = -1;
  app_.on_record_create_execute.BindFunc([&](RecordEvent& event) -> HookResult {
    seen_inside = std::int64_t(seen_.size());
    return event.Next();
  });
  Do(Batch({Creating("posts", R"({"id":"record000000001","title":"a"})"),
            Creating("posts", R"({"id":"record000000002","title":"b"})")}));
  EXPECT_EQ(seen_inside, 0);
  EXPECT_THAT(seen_, ElementsAre("success " + Id(1), "success " + Id(2)));
}

TEST_F(BatchTest, RolledBackItTellsTheErrorToEveryItemThatHadSucceeded) {
  Listen();
  std::vector<int> statuses;
  app_.on_record_after_create_error.BindFunc([&](RecordEvent& event) -> HookResult {
    statuses.push_back(event.error.status);
    return event.Next();
  });
  Do(Batch({Creating("posts", R"({"id":"record000000001","title":"a"})"),
            Creating("posts", R"({"id":"record000000002","title":"b"})"),
            Creating("posts", R"({"id":"record000000003","title":"a"})")}));
  // The one that failed hears of it at once, the others at the end.
  EXPECT_THAT(seen_, ElementsAre("error " + Id(3), "error " + Id(1), "error " + Id(2)));
  EXPECT_THAT(statuses, ElementsAre(400, 400, 400));
}

TEST_F(BatchTest, SentBackNobodyHearsOfIt) {
  Create("posts", R"({"id":"record000000001","title":"a"})");
  Listen();
  EXPECT_TRUE(Do(Batch({Creating("posts", R"({"title":"c"})"),
                        Upserting(Creating("posts", R"({"id":"record000000001","title":"b"})"))}))
                  .is_row_changed());
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(BatchTest, TheDeletedChildrenOfACascadeThatIsRolledBackGetTheirError) {
  ASSERT_TRUE(Do(ChangingCollection("posts", R"({"fields":[{"name":"title","type":"text"},
    {"name":"author","type":"relation","cascadeDelete":true,"collectionId":")" +
                                                 Shared("authors")->id + R"("}]})"))
                  .is_collection());
  CreateCollection(R"({"name":"zines","fields":[{"name":"author","type":"relation","required":true,"collectionId":")" +
                   Shared("authors")->id + R"("}]})");
  Create("authors", R"({"id":"author000000001"})");
  Create("posts", R"({"id":"record000000001","title":"a","author":"author000000001"})");
  Create("zines", R"({"author":"author000000001"})");
  Listen();
  EXPECT_EQ(Do(Deleting("authors", "author000000001")).error().status, 400);
  EXPECT_THAT(seen_, ElementsAre("not deleted " + Id(1), "not deleted author000000001"));
  EXPECT_EQ(Count("posts"), 1);
}

TEST_F(BatchTest, AnErrorOfAnAfterErrorHandlerIsTheAnswerInPlaceOfTheOperationsOwn) {
  app_.on_record_after_create_error.BindFunc(
      [](RecordEvent&) -> HookResult { return Refuse(418, "from the handler"); });
  EXPECT_EQ(Do(Creating("posts", R"({"title":"a","author":"nobody000000001"})")).error().status, 418);
  // An answer that a handler gave before stands.
  app_.on_record_create.BindFunc([](RecordEvent&) -> HookResult { return Refuse(409, "first"); });
  ApiError error = Do(Creating("posts", R"({"title":"a"})")).error();
  EXPECT_EQ(error.status, 409);
  EXPECT_THAT(error.log_details, ::testing::HasSubstr("from the handler"));
}

TEST_F(BatchTest, WithValidateWholeTheWriterFindsAndTellsEverythingThatIsWrong) {
  app_.on_record_after_create_error.BindFunc([this](RecordEvent& event) -> HookResult {
    seen_.push_back("error");
    return event.Next();
  });
  auto record = std::make_shared<Record>(NewRecord("posts", R"({"title":"","author":"nobody000000001"})"));
  Answer answer = Do([record](proto::Mutation::Builder mutation) {
    auto create = mutation.initCreateRecord();
    FillRecord(create, *record);
    create.setValidateWhole(true);
    create.setWorkerErrors(R"({"votes":{"code":"only_the_worker_knows","message":"x"}})");
  });
  ApiError error = answer.error();
  EXPECT_EQ(error.status, 400);
  EXPECT_EQ(error.data.Find("title")->StringOr("code"), "validation_required");
  EXPECT_EQ(error.data.Find("author")->StringOr("code"), "validation_missing_rel_records");
  EXPECT_EQ(error.data.Find("votes")->StringOr("code"), "only_the_worker_knows");
  EXPECT_THAT(seen_, ElementsAre("error"));
}

}  // namespace
}  // namespace wombat
