#include "writer/lane/commit_lane.h"

#include "common/records/fingerprint.h"
#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

constexpr const char* kNotes = R"json({"name":"notes","fields":[{"name":"title","type":"text","required":true}],
                                   "indexes":["CREATE UNIQUE INDEX idx_notes_title ON notes (title)"]})json";

class CommitLaneTest : public LaneTest {
 protected:
  CommitLaneTest() { CreateCollection(kNotes); }
  // How often SQLite committed since it was asked to count.
  void CountCommits() {
    sqlite3_commit_hook(data_.data->handle(), [](void* count) { return ++*static_cast<int*>(count), 0; }, &commits_);
  }
  int commits_ = 0;
};

TEST_F(CommitLaneTest, AnswersACreatedRecordWithItsStoredRow) {
  Answer answer = Do(Creating("notes", R"({"title":"a"})"));
  Record record = answer.record(Shared("notes"));
  EXPECT_EQ(record.id().size(), 15u);
  EXPECT_EQ(record.Text("title"), "a");
  EXPECT_EQ(Stored("notes", record.id()).Text("title"), "a");
}

TEST_F(CommitLaneTest, CommitsAllMutationsThatWaitOnce) {
  CountCommits();
  std::vector<Fill> fills;
  for (int i = 0; i < 50; i++) fills.push_back(Creating("notes", "{\"title\":\"" + std::to_string(i) + "\"}"));
  for (const Answer& answer : Together(fills)) EXPECT_TRUE(answer.is_record()) << answer;
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(Count("notes"), 50);
}

TEST_F(CommitLaneTest, AMutationThatFailsLeavesItsNeighboursInTheSameCommitAlone) {
  CountCommits();
  auto answers = Together({Creating("notes", R"({"title":"a"})"), Creating("notes", R"({"title":"a"})"),
                           Creating("notes", R"({"title":"b"})")});
  EXPECT_TRUE(answers[0].is_record()) << answers[0];
  EXPECT_EQ(answers[1].error().status, 400);
  EXPECT_EQ(answers[1].error().data.Find("title")->StringOr("code"), "validation_not_unique");
  EXPECT_TRUE(answers[2].is_record()) << answers[2];
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(Count("notes"), 2);
}

TEST_F(CommitLaneTest, AMutationWhoseHookFailsAfterItsWriteLeavesNothingBehind) {
  app_.on_record_create_execute.BindFunc([](RecordEvent& event) -> HookResult {
    if (auto done = event.Next(); !done) return done;
    if (event.record->Text("title") == "bad") return Refuse(400, "not this one");
    return {};
  });
  auto answers = Together({Creating("notes", R"({"title":"bad"})"), Creating("notes", R"({"title":"good"})")});
  EXPECT_EQ(answers[0].error().message, "not this one");
  EXPECT_TRUE(answers[1].is_record()) << answers[1];
  EXPECT_EQ(Count("notes", "title = 'bad'"), 0);
  EXPECT_EQ(Count("notes", "title = 'good'"), 1);
}

TEST_F(CommitLaneTest, LaterMutationsOfAGroupSeeWhatEarlierOnesWrote) {
  std::string id = Create("notes", R"({"title":"a"})");
  auto answers = Together({Deleting("notes", id), Deleting("notes", id)});
  EXPECT_TRUE(answers[0].is_done()) << answers[0];
  EXPECT_EQ(answers[1].error().status, 404);
}

TEST_F(CommitLaneTest, MoreMutationsThanAGroupHoldsAreAllAnswered) {
  std::vector<Fill> fills(kGroupCommitMaxMutations + 10, Deleting("notes", "nobody000000000"));
  for (const Answer& answer : Together(fills)) EXPECT_EQ(answer.error().status, 404);
}

TEST_F(CommitLaneTest, ARepeatedMutationIsAnsweredFromTheStoredRowAndNotAppliedAgain) {
  auto fill = Creating("notes", R"({"id":"aaaaaaaaaaaaaaa","title":"a"})");
  std::uint64_t sequence = worker_->NextSequence();
  std::vector<CommitLane::Job> first, second;
  first.push_back(worker_->Job(sequence, generation(), fill));
  RunTogether(std::move(first));
  ASSERT_TRUE(worker_->Receive(sequence).is_record());
  // Changed since, so that the stored row can be told from the sent one.
  ASSERT_TRUE(Do(Updating("notes", "aaaaaaaaaaaaaaa", R"({"title":"changed"})")).is_record());
  second.push_back(worker_->Job(sequence, generation(), fill));
  RunTogether(std::move(second));
  EXPECT_EQ(worker_->Receive(sequence).record(Shared("notes")).Text("title"), "changed");
  EXPECT_EQ(Count("notes"), 1);
}

TEST_F(CommitLaneTest, TheNextWriterKnowsWhatTheOneBeforeItApplied) {
  auto fill = Creating("notes", R"({"id":"aaaaaaaaaaaaaaa","title":"a"})");
  std::uint64_t sequence = worker_->NextSequence();
  std::vector<CommitLane::Job> first, second;
  first.push_back(worker_->Job(sequence, generation(), fill));
  RunTogether(std::move(first));
  ASSERT_TRUE(worker_->Receive(sequence).is_record());
  OpenLane();
  second.push_back(worker_->Job(sequence, generation(), fill));
  RunTogether(std::move(second));
  EXPECT_EQ(worker_->Receive(sequence).record(Shared("notes")).id(), "aaaaaaaaaaaaaaa");
  EXPECT_EQ(Count("notes"), 1);
}

TEST_F(CommitLaneTest, TheNextWriterAppliesWhatTheOneBeforeItRefused) {
  auto fill = Creating("notes", R"({"id":"aaaaaaaaaaaaaaa","title":"a"})");
  std::string in_the_way = Create("notes", R"({"title":"a"})");
  std::uint64_t sequence = worker_->NextSequence();
  std::vector<CommitLane::Job> first, second;
  first.push_back(worker_->Job(sequence, generation(), fill));
  RunTogether(std::move(first));
  ASSERT_TRUE(worker_->Receive(sequence).is_refused());
  OpenLane();
  ASSERT_TRUE(Do(Deleting("notes", in_the_way)).is_done());
  second.push_back(worker_->Job(sequence, generation(), fill));
  RunTogether(std::move(second));
  EXPECT_TRUE(worker_->Receive(sequence).is_record());
}

TEST_F(CommitLaneTest, TheSameSequenceOfAnotherWorkerIsAnotherMutation) {
  TestWorker other(8);
  std::vector<CommitLane::Job> jobs;
  std::uint64_t sequence = worker_->NextSequence();
  jobs.push_back(worker_->Job(sequence, generation(), Creating("notes", R"({"title":"a"})")));
  jobs.push_back(other.Job(sequence, generation(), Creating("notes", R"({"title":"b"})")));
  RunTogether(std::move(jobs));
  EXPECT_TRUE(worker_->Receive(sequence).is_record());
  EXPECT_TRUE(other.Receive(sequence).is_record());
  EXPECT_EQ(Count("notes"), 2);
}

TEST_F(CommitLaneTest, ARepeatedDeleteIsAnsweredAsDoneAgain) {
  std::string id = Create("notes", R"({"title":"a"})");
  auto fill = Deleting("notes", id);
  std::uint64_t sequence = worker_->NextSequence();
  for (int round = 0; round < 2; round++) {
    std::vector<CommitLane::Job> jobs;
    jobs.push_back(worker_->Job(sequence, generation(), fill));
    RunTogether(std::move(jobs));
    Answer answer = worker_->Receive(sequence);
    EXPECT_TRUE(answer.is_done()) << answer;
  }
}

TEST_F(CommitLaneTest, AMutationOfAnotherSchemaGenerationIsStale) {
  auto fill = Creating("notes", R"({"title":"a"})");
  for (std::uint64_t wrong : {generation() - 1, generation() + 1}) {
    std::uint64_t sequence = worker_->NextSequence();
    std::vector<CommitLane::Job> jobs;
    jobs.push_back(worker_->Job(sequence, wrong, fill));
    RunTogether(std::move(jobs));
    EXPECT_TRUE(worker_->Receive(sequence).is_stale());
  }
  EXPECT_EQ(Count("notes"), 0);
}

TEST_F(CommitLaneTest, ASchemaChangeMakesWhatFollowsItInTheGroupStale) {
  auto answers = Together({Creating("notes", R"({"title":"before"})"),
                           ChangingCollection("notes", R"({"listRule":""})"),
                           Creating("notes", R"({"title":"after"})")});
  EXPECT_TRUE(answers[0].is_record()) << answers[0];
  EXPECT_TRUE(answers[1].is_collection()) << answers[1];
  EXPECT_TRUE(answers[2].is_stale()) << answers[2];
  EXPECT_EQ(Count("notes"), 1);
}

TEST_F(CommitLaneTest, ASchemaChangeRaisesTheGenerationBeforeItIsAnswered) {
  std::uint64_t before = generation(), seen = 0;
  app_.on_collection_after_update_success.BindFunc([&](CollectionEvent& event) {
    seen = generation();
    return event.Next();
  });
  Answer answer = Do(ChangingCollection("notes", R"({"listRule":""})"));
  ASSERT_TRUE(answer.is_collection()) << answer;
  EXPECT_GT(seen, before);
  EXPECT_EQ(Shared("notes")->list_rule, Rule(""));
}

TEST_F(CommitLaneTest, ARefusedSchemaChangeLeavesTheGenerationWhereItStands) {
  std::uint64_t before = generation();
  Answer answer = Do(ChangingCollection("notes", R"({"name":"not a name"})"));
  EXPECT_EQ(answer.error().status, 400);
  EXPECT_EQ(generation(), before);
}

TEST_F(CommitLaneTest, AChangedAuthRecordRaisesItsCollectionsCounterBeforeItIsAnswered) {
  auto& counter = page_->AuthCounter(Shared("users")->id);
  std::uint64_t before = counter.load(), seen = 0;
  app_.on_record_after_create_success.BindFunc([&](RecordEvent& event) {
    seen = counter.load();
    return event.Next();
  });
  Create("users", R"({"email":"a@b.co","password":"1234567890"})");
  EXPECT_EQ(seen, before + 1);
}

TEST_F(CommitLaneTest, ARecordThatIsNoAuthRecordRaisesNoCounter) {
  auto& counter = page_->AuthCounter(Shared("notes")->id);
  std::uint64_t before = counter.load();
  Create("notes", R"({"title":"a"})");
  EXPECT_EQ(counter.load(), before);
}

TEST_F(CommitLaneTest, AfterSuccessHooksRunWhenOthersCanSeeTheRow) {
  std::int64_t seen = -1;
  app_.on_record_after_create_success.BindFunc([&](RecordEvent& event) {
    auto reader = Connection::Open(DatabasePath(), {});
    auto count = (*reader)->QueryValue("SELECT COUNT(*) FROM notes");
    seen = std::get<std::int64_t>(*count);
    return event.Next();
  });
  Together({Creating("notes", R"({"title":"a"})"), Creating("notes", R"({"title":"b"})")});
  EXPECT_EQ(seen, 2);
}

TEST_F(CommitLaneTest, AnErrorOfAnAfterSuccessHookReplacesTheAnswerOfARowThatStays) {
  app_.on_record_after_create_success.BindFunc([](RecordEvent&) -> HookResult { return Refuse(418, "too late"); });
  Answer answer = Do(Creating("notes", R"({"title":"a"})"));
  EXPECT_EQ(answer.error().status, 418);
  EXPECT_EQ(answer.error().message, "too late");
  EXPECT_EQ(Count("notes"), 1);
}

TEST_F(CommitLaneTest, AfterSuccessHooksOfARefusedMutationDoNotRun) {
  int calls = 0;
  app_.on_record_after_create_success.BindFunc([&](RecordEvent& event) {
    calls++;
    return event.Next();
  });
  auto answers = Together({Creating("notes", R"({"title":"a"})"), Creating("notes", R"({"title":"a"})")});
  EXPECT_TRUE(answers[1].is_refused());
  EXPECT_EQ(calls, 1);
}

TEST_F(CommitLaneTest, AnUpdateThatWasComputedFromARowThatChangedSinceIsSentBack) {
  std::string id = Create("notes", R"({"title":"a"})");
  std::uint64_t base = Fingerprint(Stored("notes", id));
  ASSERT_TRUE(Do(Updating("notes", id, R"({"title":"b"})", base, true)).is_record());
  Answer answer = Do(Updating("notes", id, R"({"title":"c"})", base, true));
  EXPECT_TRUE(answer.is_row_changed()) << answer;
  EXPECT_EQ(Stored("notes", id).Text("title"), "b");
}

TEST_F(CommitLaneTest, AnUpdateOfARowThatChangedSinceLeavesTheFieldsItDoesNotNameAlone) {
  ASSERT_TRUE(Do(ChangingCollection("notes", R"({"fields":[{"name":"title","type":"text"},{"name":"n","type":"number"}]})"))
                  .is_collection());
  std::string id = Create("notes", R"({"title":"a","n":1})");
  std::uint64_t base = Fingerprint(Stored("notes", id));
  Fill title = Updating("notes", id, R"({"title":"b"})", base), number = Updating("notes", id, R"({"n":2})", base);
  for (const Answer& answer : Together({title, number})) EXPECT_TRUE(answer.is_record()) << answer;
  EXPECT_EQ(Stored("notes", id).Text("title"), "b");
  EXPECT_EQ(Stored("notes", id).Number("n"), 2);
}

TEST_F(CommitLaneTest, AnUpdateThatIsBasedOnNothingOverwritesTheRow) {
  std::string id = Create("notes", R"({"title":"a"})");
  ASSERT_TRUE(Do(Updating("notes", id, R"({"title":"b"})", 0)).is_record());
  EXPECT_EQ(Stored("notes", id).Text("title"), "b");
}

TEST_F(CommitLaneTest, ARuleThatGivesNoRowRefusesTheCreate) {
  auto record = std::make_shared<Record>(NewRecord("notes", R"({"title":"a"})"));
  auto checked = [record](const char* sql) -> Fill {
    return [record, sql](proto::Mutation::Builder mutation) {
      auto create = mutation.initCreateRecord();
      FillRecord(create, *record);
      auto check = create.initCheck();
      check.setSql(sql);
      WriteSqlValues(check.initValues(1), {std::int64_t(1)});
    };
  };
  Answer refused = Do(checked("SELECT 1 WHERE ? = 2"));
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(refused.error().message, "Failed to create record.");
  EXPECT_TRUE(Do(checked("SELECT 1 WHERE ? = 1")).is_record());
}

TEST_F(CommitLaneTest, ARuleThatGivesNoRowHidesTheRecordFromADelete) {
  std::string id = Create("notes", R"({"title":"a"})");
  std::string collection = Shared("notes")->id;
  Answer answer = Do([&](proto::Mutation::Builder mutation) {
    auto remove = mutation.initDeleteRecord();
    remove.setCollectionId(ToText(collection));
    remove.setRecordId(ToText(id));
    remove.initCheck().setSql("SELECT 1 WHERE 0");
  });
  EXPECT_EQ(answer.error().status, 404);
  EXPECT_EQ(Count("notes"), 1);
}

TEST_F(CommitLaneTest, RunNowCommitsOnTheCallersThread) {
  ASSERT_TRUE(DoInternal([](LaneTransaction& tx) -> ApiResult<void> {
    (void)tx.db().Run("INSERT INTO notes (id, title) VALUES ('aaaaaaaaaaaaaaa', 'x')");
    return {};
  }));
  EXPECT_EQ(directory_.Value("data.db", "SELECT title FROM notes"), "x");
}

TEST_F(CommitLaneTest, RunNowRollsBackWorkThatFails) {
  auto result = DoInternal([](LaneTransaction& tx) -> ApiResult<void> {
    (void)tx.db().Run("INSERT INTO notes (id, title) VALUES ('aaaaaaaaaaaaaaa', 'x')");
    return Refuse(400, "no");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no");
  EXPECT_EQ(Count("notes"), 0);
}

TEST_F(CommitLaneTest, StopRunsWhatStillWaits) {
  std::uint64_t sequence = worker_->NextSequence();
  std::vector<CommitLane::Job> jobs;
  jobs.push_back(worker_->Job(sequence, generation(), Creating("notes", R"({"title":"a"})")));
  lane_->Start();
  lane_->Push(std::move(jobs));
  lane_->Stop();
  EXPECT_TRUE(worker_->Receive(sequence).is_record());
}

TEST_F(CommitLaneTest, IsBusyOnlyWhileItRunsAGroup) {
  std::int64_t during = 0;
  app_.on_record_create.BindFunc([&](RecordEvent& event) {
    during = lane_->busy_since_ms();
    return event.Next();
  });
  Create("notes", R"({"title":"a"})");
  EXPECT_GT(during, 0);
  EXPECT_EQ(lane_->busy_since_ms(), 0);
}

TEST_F(CommitLaneTest, EachWriterRaisesTheGenerationAndTheEpoch) {
  std::uint64_t before = generation(), epoch = page_->writer_epoch.load();
  OpenLane();
  EXPECT_GT(generation(), before);
  EXPECT_EQ(page_->writer_epoch.load(), epoch + 1);
}

TEST_F(CommitLaneTest, ClosingTheDirectoryLeavesAnEmptyWal) {
  Create("notes", R"({"title":"a"})");
  lane_->CloseDirectory();
  EXPECT_EQ(std::filesystem::file_size(DatabasePath() + "-wal"), 0u);
}

}  // namespace
}  // namespace wombat
