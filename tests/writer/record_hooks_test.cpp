#include "tests/hook_names.h"
#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Listens to every hook of the writer at the default priority.
class RecordHooksTest : public LaneTest {
 protected:
  RecordHooksTest() {
    CreateCollection(R"({"name":"authors","fields":[{"name":"name","type":"text"}]})");
    CreateCollection(R"({"name":"posts","fields":[{"name":"title","type":"text","required":true},
      {"name":"author","type":"relation","collectionId":")" + Shared("authors")->id + R"json(","cascadeDelete":true}],
      "indexes":["CREATE UNIQUE INDEX idx_posts_title ON posts (title)"]})json");
  }

  // From now on `seen_` holds "OnX posts" when a handler is entered.
  void Listen() {
    auto listen = [this](auto& hook, const char* name) {
      hook.BindFunc([this, name](auto& event) -> HookResult {
        seen_.push_back(std::string(name) + " " + Subject(event));
        return event.Next();
      });
    };
    ForEachModelHook(app_, listen);
    ForEachRecordHook(app_, listen);
    ForEachCollectionHook(app_, listen);
  }
  static std::string Subject(const ModelEvent& event) { return std::string(event.table); }
  static std::string Subject(const RecordEvent& event) { return event.record->collection().name; }
  static std::string Subject(const CollectionEvent& event) { return event.collection->name; }

  std::vector<std::string> seen_;
};

TEST_F(RecordHooksTest, ACreateRunsRecordHooksAroundModelHooks) {
  Listen();
  Create("posts", R"({"title":"a"})");
  EXPECT_THAT(seen_, ElementsAre("OnRecordCreate posts", "OnModelCreate posts", "OnRecordValidate posts",
                                 "OnModelValidate posts", "OnRecordCreateExecute posts", "OnModelCreateExecute posts",
                                 "OnRecordAfterCreateSuccess posts", "OnModelAfterCreateSuccess posts"));
}

TEST_F(RecordHooksTest, AnUpdateRunsRecordHooksAroundModelHooks) {
  std::string id = Create("posts", R"({"title":"a"})");
  Listen();
  ASSERT_TRUE(Do(Updating("posts", id, R"({"title":"b"})")).is_record());
  EXPECT_THAT(seen_, ElementsAre("OnRecordUpdate posts", "OnModelUpdate posts", "OnRecordValidate posts",
                                 "OnModelValidate posts", "OnRecordUpdateExecute posts", "OnModelUpdateExecute posts",
                                 "OnRecordAfterUpdateSuccess posts", "OnModelAfterUpdateSuccess posts"));
}

TEST_F(RecordHooksTest, ADeleteRunsRecordHooksAroundModelHooksAndValidatesNothing) {
  std::string id = Create("posts", R"({"title":"a"})");
  Listen();
  ASSERT_TRUE(Do(Deleting("posts", id)).is_done());
  EXPECT_THAT(seen_, ElementsAre("OnRecordDelete posts", "OnModelDelete posts", "OnRecordDeleteExecute posts",
                                 "OnModelDeleteExecute posts", "OnRecordAfterDeleteSuccess posts",
                                 "OnModelAfterDeleteSuccess posts"));
}

TEST_F(RecordHooksTest, ACascadeRunsTheChildsHooksAfterTheParentsRowAndItsSuccessFirst) {
  std::string author = Create("authors", "{}");
  Create("posts", R"({"title":"a","author":")" + author + "\"}");
  Listen();
  ASSERT_TRUE(Do(Deleting("authors", author)).is_done());
  EXPECT_THAT(seen_,
              ElementsAre("OnRecordDelete authors", "OnModelDelete authors", "OnRecordDeleteExecute authors",
                          "OnModelDeleteExecute authors", "OnRecordDelete posts", "OnModelDelete posts",
                          "OnRecordDeleteExecute posts", "OnModelDeleteExecute posts", "OnRecordAfterDeleteSuccess posts",
                          "OnModelAfterDeleteSuccess posts", "OnRecordAfterDeleteSuccess authors",
                          "OnModelAfterDeleteSuccess authors"));
}

TEST_F(RecordHooksTest, AReferenceThatIsUnsetRunsTheUpdateHooksWithoutValidation) {
  ASSERT_TRUE(Do(ChangingCollection("posts", R"({"fields":[{"name":"title","type":"text"},
    {"name":"author","type":"relation","collectionId":")" + Shared("authors")->id + R"("}]})")).is_collection());
  std::string author = Create("authors", "{}");
  Create("posts", R"({"title":"a","author":")" + author + "\"}");
  Listen();
  ASSERT_TRUE(Do(Deleting("authors", author)).is_done());
  EXPECT_THAT(seen_,
              ElementsAre("OnRecordDelete authors", "OnModelDelete authors", "OnRecordDeleteExecute authors",
                          "OnModelDeleteExecute authors", "OnRecordUpdate posts", "OnModelUpdate posts",
                          "OnRecordUpdateExecute posts", "OnModelUpdateExecute posts", "OnRecordAfterUpdateSuccess posts",
                          "OnModelAfterUpdateSuccess posts", "OnRecordAfterDeleteSuccess authors",
                          "OnModelAfterDeleteSuccess authors"));
}

TEST_F(RecordHooksTest, ACreateThatFailsValidationEndsBeforeOnModelValidate) {
  Listen();
  EXPECT_EQ(Do(Creating("posts", R"({"title":""})")).error().status, 400);
  EXPECT_THAT(seen_, ElementsAre("OnRecordCreate posts", "OnModelCreate posts", "OnRecordValidate posts",
                                 "OnRecordAfterCreateError posts", "OnModelAfterCreateError posts"));
}

TEST_F(RecordHooksTest, ACreateThatIsNotUniqueFailsInTheInsert) {
  Create("posts", R"({"title":"a"})");
  Listen();
  Answer answer = Do(Creating("posts", R"({"title":"a"})"));
  EXPECT_EQ(answer.error().data.Find("title")->StringOr("code"), "validation_not_unique");
  EXPECT_THAT(seen_, ElementsAre("OnRecordCreate posts", "OnModelCreate posts", "OnRecordValidate posts",
                                 "OnModelValidate posts", "OnRecordCreateExecute posts", "OnModelCreateExecute posts",
                                 "OnRecordAfterCreateError posts", "OnModelAfterCreateError posts"));
}

TEST_F(RecordHooksTest, AnUpdateThatFailsValidationRunsItsErrorHooks) {
  std::string id = Create("posts", R"({"title":"a"})");
  Listen();
  EXPECT_EQ(Do(Updating("posts", id, R"({"title":""})")).error().status, 400);
  EXPECT_THAT(seen_, ElementsAre("OnRecordUpdate posts", "OnModelUpdate posts", "OnRecordValidate posts",
                                 "OnRecordAfterUpdateError posts", "OnModelAfterUpdateError posts"));
}

TEST_F(RecordHooksTest, ADeleteThatAHookRefusesRunsItsErrorHooks) {
  std::string id = Create("posts", R"({"title":"a"})");
  Listen();
  app_.on_record_delete_execute.BindFunc([](RecordEvent&) -> HookResult { return Refuse(400, "keep it"); });
  EXPECT_EQ(Do(Deleting("posts", id)).error().message, "keep it");
  EXPECT_EQ(Count("posts"), 1);
  EXPECT_THAT(seen_, ElementsAre("OnRecordDelete posts", "OnModelDelete posts", "OnRecordDeleteExecute posts",
                                 "OnRecordAfterDeleteError posts", "OnModelAfterDeleteError posts"));
}

TEST_F(RecordHooksTest, ACollectionIsCreatedChangedAndDeletedWithinItsHooks) {
  Listen();
  CreateCollection(R"({"name":"tags"})");
  EXPECT_THAT(seen_, ElementsAre("OnCollectionCreate tags", "OnModelCreate _collections", "OnCollectionValidate tags",
                                 "OnModelValidate _collections", "OnCollectionCreateExecute tags",
                                 "OnModelCreateExecute _collections", "OnCollectionAfterCreateSuccess tags",
                                 "OnModelAfterCreateSuccess _collections"));
  seen_.clear();
  ASSERT_TRUE(Do(ChangingCollection("tags", R"({"listRule":""})")).is_collection());
  EXPECT_THAT(seen_, ElementsAre("OnCollectionUpdate tags", "OnModelUpdate _collections", "OnCollectionValidate tags",
                                 "OnModelValidate _collections", "OnCollectionUpdateExecute tags",
                                 "OnModelUpdateExecute _collections", "OnCollectionAfterUpdateSuccess tags",
                                 "OnModelAfterUpdateSuccess _collections"));
  seen_.clear();
  ASSERT_TRUE(Do(DeletingCollection(Shared("tags")->id)).is_done());
  EXPECT_THAT(seen_, ElementsAre("OnCollectionDelete tags", "OnModelDelete _collections", "OnCollectionDeleteExecute tags",
                                 "OnModelDeleteExecute _collections", "OnCollectionAfterDeleteSuccess tags",
                                 "OnModelAfterDeleteSuccess _collections"));
}

TEST_F(RecordHooksTest, ACollectionThatIsNotValidRunsItsErrorHooks) {
  Listen();
  EXPECT_TRUE(Do(CreatingCollection(R"({"name":"not a name"})")).is_refused());
  EXPECT_THAT(seen_, ElementsAre("OnCollectionCreate not a name", "OnModelCreate _collections",
                                 "OnCollectionValidate not a name", "OnCollectionAfterCreateError not a name",
                                 "OnModelAfterCreateError _collections"));
}

TEST_F(RecordHooksTest, WhatFollowsNextRunsFromTheInsideOut) {
  std::vector<std::string> after;
  auto listen = [&](auto& hook, const char* name) {
    hook.BindFunc([&after, name](auto& event) -> HookResult {
      HookResult result = event.Next();
      after.push_back(name);
      return result;
    });
  };
  ForEachModelHook(app_, listen);
  ForEachRecordHook(app_, listen);
  Create("posts", R"({"title":"a"})");
  EXPECT_THAT(after, ElementsAre("OnModelValidate", "OnRecordValidate", "OnModelCreateExecute", "OnRecordCreateExecute",
                                 "OnModelCreate", "OnRecordCreate", "OnModelAfterCreateSuccess",
                                 "OnRecordAfterCreateSuccess"));
}

TEST_F(RecordHooksTest, AValueSetInOnRecordCreateIsValidated) {
  app_.on_record_create.BindFunc([](RecordEvent& event) {
    event.record->Set("title", "");
    return event.Next();
  });
  Answer answer = Do(Creating("posts", R"({"title":"a"})"));
  EXPECT_EQ(answer.error().data.Find("title")->StringOr("code"), "validation_required");
}

TEST_F(RecordHooksTest, AValueSetInOnRecordCreateIsStored) {
  app_.on_record_create.BindFunc([](RecordEvent& event) {
    event.record->Set("title", "from the hook");
    return event.Next();
  });
  Create("posts", R"({"title":"a"})");
  EXPECT_EQ(Count("posts", "title = 'from the hook'"), 1);
}

TEST_F(RecordHooksTest, AValueSetInOnRecordCreateExecuteIsStoredWithoutValidation) {
  app_.on_record_create_execute.BindFunc([](RecordEvent& event) {
    event.record->Set("title", "");
    return event.Next();
  });
  Create("posts", R"({"title":"a"})");
  EXPECT_EQ(Count("posts", "title = ''"), 1);
}

TEST_F(RecordHooksTest, AValueSetAfterNextIsAnsweredButNotStored) {
  app_.on_record_create.BindFunc([](RecordEvent& event) {
    HookResult result = event.Next();
    event.record->Set("title", "only in the answer");
    return result;
  });
  Answer answer = Do(Creating("posts", R"({"title":"a"})"));
  EXPECT_EQ(answer.record(Shared("posts")).Text("title"), "only in the answer");
  EXPECT_EQ(Count("posts", "title = 'a'"), 1);
}

TEST_F(RecordHooksTest, AnIdIsThereBeforeTheUsersOnRecordCreate) {
  std::string id;
  app_.on_record_create.BindFunc([&](RecordEvent& event) {
    id = event.record->id();
    return event.Next();
  });
  EXPECT_EQ(Create("posts", R"({"title":"a"})"), id);
  EXPECT_EQ(id.size(), 15u);
}

TEST_F(RecordHooksTest, AChainThatStopsWritesNothingAndSucceeds) {
  int successes = 0;
  app_.on_record_create.BindFunc([](RecordEvent&) { return HookResult{}; });
  app_.on_record_after_create_success.BindFunc([&](RecordEvent& event) {
    successes++;
    return event.Next();
  });
  EXPECT_TRUE(Do(Creating("posts", R"({"title":"a"})")).is_record());
  EXPECT_EQ(Count("posts"), 0);
  EXPECT_EQ(successes, 1);
}

TEST_F(RecordHooksTest, TheErrorHooksAreToldTheError) {
  std::string model_error, record_error;
  app_.on_model_after_create_error.BindFunc([&](ModelEvent& event) {
    model_error = event.error.data.Find("title")->StringOr("code");
    return event.Next();
  });
  app_.on_record_after_create_error.BindFunc([&](RecordEvent& event) {
    record_error = event.error.data.Find("title")->StringOr("code");
    return event.Next();
  });
  Create("posts", R"({"title":"a"})");
  Do(Creating("posts", R"({"title":"a"})"));
  EXPECT_EQ(record_error, "validation_not_unique");
  EXPECT_EQ(model_error, "validation_not_unique");
}

TEST_F(RecordHooksTest, AnErrorHookCannotClearTheError) {
  app_.on_record_after_create_error.BindFunc([](RecordEvent&) { return HookResult{}; });
  Create("posts", R"({"title":"a"})");
  EXPECT_EQ(Do(Creating("posts", R"({"title":"a"})")).error().status, 400);
}

TEST_F(RecordHooksTest, AHandlerWithATagIsCalledForItsCollectionOnly) {
  std::vector<std::string> seen;
  app_.on_record_create.BindFunc([&](RecordEvent& event) {
    seen.push_back(event.record->collection().name);
    return event.Next();
  }, {"authors"});
  Create("posts", R"({"title":"a"})");
  EXPECT_THAT(seen, IsEmpty());
  Create("authors", "{}");
  EXPECT_THAT(seen, ElementsAre("authors"));
}

TEST_F(RecordHooksTest, TheStateBeforeAnUpdateIsKnownToItsHooks) {
  std::string id = Create("posts", R"({"title":"old"})"), during, after;
  app_.on_record_update_execute.BindFunc([&](RecordEvent& event) {
    during = event.record->Original("title").as_string();
    return event.Next();
  });
  app_.on_record_after_update_success.BindFunc([&](RecordEvent& event) {
    after = event.record->Original("title").as_string();
    return event.Next();
  });
  ASSERT_TRUE(Do(Updating("posts", id, R"({"title":"new"})")).is_record());
  EXPECT_EQ(during, "old");
  EXPECT_EQ(after, "old");
}

}  // namespace
}  // namespace wombat
