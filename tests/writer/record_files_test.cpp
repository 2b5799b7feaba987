// Files of records across commits, failures and deaths.
#include <sys/wait.h>
#include <unistd.h>

#include "common/storage/file_journal.h"
#include "common/storage/local_storage.h"
#include "common/storage/object_key.h"
#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

constexpr const char* kId = "record000000001";

class RecordFiles : public LaneTest {
 protected:
  RecordFiles() : storage_(OpenLocalStorage(directory_.path().string())) {
    CreateCollection(R"({"name":"docs","fields":[{"name":"title","type":"text","max":5},)"
                     R"({"name":"files","type":"file","maxSelect":3}]})");
  }

  std::string Key(std::string_view name, std::string_view id = kId) { return FileKey(Shared("docs")->id, id, name); }
  void Put(std::string_view key) {
    auto written = storage_->Write(key, "content", {"text/plain", "f.txt"});
    ASSERT_TRUE(written) << written.error().message;
  }
  bool IsThere(std::string_view key) { return storage_->Exists(key).value_or(false); }

  template <class Builder>
  static void AddUpload(Builder out, const std::string& name, const std::string& key, unsigned field) {
    auto upload = out.initUploads(1)[0];
    upload.setField(std::uint16_t(field));
    upload.setName(ToText(name));
    upload.setOriginalName(ToText(name));
    upload.setSize(7);
    upload.setContentType("text/plain");
    upload.setKey(ToText(key));
  }
  unsigned FileField() { return unsigned(Shared("docs")->FieldIndex("files")); }
  Fill CreatingWith(const std::string& name, const std::string& title = "t") {
    auto record = std::make_shared<Record>(
        NewRecord("docs", R"({"id":")" + std::string(kId) + R"(","title":")" + title + R"(","files":[")" + name + R"("]})"));
    return [record, name, key = Key(name), field = FileField()](proto::Mutation::Builder mutation) {
      auto create = mutation.initCreateRecord();
      FillRecord(create, *record);
      create.setValidateWhole(true);
      AddUpload(create, name, key, field);
    };
  }
  Fill ReplacingWith(const std::string& name) {
    Fill plain = Updating("docs", kId, R"({"files":[")" + name + R"("]})");
    return [plain, name, key = Key(name), field = FileField()](proto::Mutation::Builder mutation) {
      plain(mutation);
      AddUpload(mutation.getUpdateRecord(), name, key, field);
    };
  }
  void CreateWith(const std::string& name) {
    Put(Key(name));
    Answer answer = Do(CreatingWith(name));
    ASSERT_TRUE(answer.is_record()) << answer;
  }
  // What was queued behind a commit is done when the lane is gone.
  void EndLane() { lane_.reset(); }

  // Notes keys in a process that dies right afterwards.
  void NoteAndDie(const std::vector<std::string>& keys) {
    const pid_t child = ::fork();
    if (child == 0) {
      (void)(new FileJournal(directory_.path().string()))->Begin(keys);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
  }

  std::unique_ptr<Storage> storage_;
};

TEST_F(RecordFiles, AnUploadThatLiesInTheStorageIsStoredWithItsRecord) {
  CreateWith("a.txt");
  EXPECT_EQ(Stored("docs", kId).List("files"), std::vector<std::string>{"a.txt"});
  EndLane();
  EXPECT_TRUE(IsThere(Key("a.txt")));
}

TEST_F(RecordFiles, AnUploadThatIsGoneMakesTheWorkerTryAgain) {
  Answer answer = Do(CreatingWith("a.txt"));
  EXPECT_TRUE(answer.is_row_changed()) << answer;
  EXPECT_EQ(Count("docs"), 0);
}

TEST_F(RecordFiles, ANameThatIsNeitherStoredNorUploadedIsRefused) {
  Answer answer = Do(Creating("docs", R"({"files":["other.txt"]})"));
  EXPECT_EQ(answer.error().data.Find("files")->StringOr("code"), "validation_invalid_file") << answer;
}

TEST_F(RecordFiles, AReplacedFileGoesWithItsThumbsAfterTheCommit) {
  CreateWith("a.txt");
  Put(ThumbKey(Key("a.txt"), "100x100"));
  Put(Key("b.txt"));
  Answer answer = Do(ReplacingWith("b.txt"));
  ASSERT_TRUE(answer.is_record()) << answer;
  EndLane();
  EXPECT_FALSE(IsThere(Key("a.txt")));
  EXPECT_FALSE(IsThere(ThumbKey(Key("a.txt"), "100x100")));
  EXPECT_TRUE(IsThere(Key("b.txt")));
}

TEST_F(RecordFiles, AFailedUpdateRemovesNothing) {
  CreateWith("a.txt");
  Fill failing = Updating("docs", kId, R"({"files":[],"title":"too long a title"})");
  Answer answer = Do([&](proto::Mutation::Builder mutation) {
    failing(mutation);
    mutation.getUpdateRecord().setValidateWhole(true);
  });
  ASSERT_TRUE(answer.is_refused()) << answer;
  EndLane();
  EXPECT_TRUE(IsThere(Key("a.txt")));
}

TEST_F(RecordFiles, ADeletedRecordTakesItsFolderAlong) {
  CreateWith("a.txt");
  Put(Key("stray.txt"));
  Answer answer = Do(Deleting("docs", kId));
  ASSERT_TRUE(answer.is_done()) << answer;
  EXPECT_FALSE(IsThere(Key("a.txt")));           // out of the way before the answer
  EndLane();
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "storage" / Shared("docs")->id / kId));
}

TEST_F(RecordFiles, ARecordCreatedUnderADeletedOnesIdKeepsItsFiles) {
  CreateWith("a.txt");
  Put(Key("b.txt"));
  auto answers = Together({Deleting("docs", kId), CreatingWith("b.txt")});
  ASSERT_TRUE(answers[0].is_done()) << answers[0];
  ASSERT_TRUE(answers[1].is_record()) << answers[1];
  EXPECT_FALSE(IsThere(Key("a.txt")));
  EndLane();
  EXPECT_TRUE(IsThere(Key("b.txt")));
}

TEST_F(RecordFiles, ADeletedCollectionTakesItsFolderAlong) {
  CreateWith("a.txt");
  const std::string key = Key("a.txt"), id = Shared("docs")->id;
  Answer answer = Do(DeletingCollection(id));
  ASSERT_TRUE(answer.is_done()) << answer;
  EndLane();
  EXPECT_FALSE(IsThere(key));
}

TEST_F(RecordFiles, TheNextWriterSweepsWhatADeadProcessLeft) {
  CreateWith("kept.txt");
  Put(Key("stray.txt"));
  Put(Key("alone.txt", "norecord0000001"));
  NoteAndDie({Key("kept.txt"), Key("stray.txt"), Key("alone.txt", "norecord0000001")});
  EndLane();
  OpenLane();
  EXPECT_TRUE(IsThere(Key("kept.txt")));
  EXPECT_FALSE(IsThere(Key("stray.txt")));
  EXPECT_FALSE(IsThere(Key("alone.txt", "norecord0000001")));
  EXPECT_TRUE(FindAbandonedNotes(directory_.path().string()).empty());
}

TEST_F(RecordFiles, TheNextWriterFinishesTheRemovalsOfADeadOne) {
  CreateWith("a.txt");
  const std::string collection = Shared("docs")->id;
  Put(Key("b.txt", "norecord0000001"));
  Put(FileKey("gonecollection1", "r", "c.txt"));
  NoteAndDie({RecordPrefix(collection, kId), RecordPrefix(collection, "norecord0000001"), "gonecollection1/"});
  EndLane();
  OpenLane();
  EXPECT_TRUE(IsThere(Key("a.txt")));            // its record is still there: the commit did not happen
  EXPECT_FALSE(IsThere(Key("b.txt", "norecord0000001")));
  EXPECT_FALSE(IsThere(FileKey("gonecollection1", "r", "c.txt")));
}

TEST_F(RecordFiles, AWorkersDeathIsClearedUpBehindItsLastMutation) {
  CreateWith("kept.txt");
  Put(Key("stray.txt"));
  EndLane();
  OpenLane();
  NoteAndDie({Key("kept.txt"), Key("stray.txt")});
  lane_->Start();
  lane_->SweepFilesSoon();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (IsThere(Key("stray.txt")) && std::chrono::steady_clock::now() < deadline) ::usleep(10'000);
  EXPECT_FALSE(IsThere(Key("stray.txt")));
  EXPECT_TRUE(IsThere(Key("kept.txt")));
}

}  // namespace
}  // namespace wombat
