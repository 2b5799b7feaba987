// The import of collections, as a mutation.                                                               Spec 02 §7.
#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

class ImportTest : public LaneTest {
 protected:
  struct Item {
    std::string stored_id;       // "": new
    std::string body;
    CollectionType type = CollectionType::kBase;
  };

  Fill Importing(const std::vector<Item>& items, bool delete_missing = false) {
    std::vector<Fill> fills;
    for (const Item& item : items) {
      auto collection = std::make_shared<Collection>(item.stored_id.empty() ? NewCollection(item.type)
                                                                            : Collection(*Shared(item.stored_id)));
      Apply(*collection, item.body);
      if (item.stored_id.empty()) NormalizeCollection(*collection, nullptr, *schema());
      fills.push_back(SavingCollection(collection, item.stored_id));
    }
    return [fills, delete_missing](proto::Mutation::Builder mutation) {
      auto import = mutation.initImportCollections();
      import.setDeleteMissing(delete_missing);
      auto list = import.initCollections(unsigned(fills.size()));
      for (unsigned i = 0; i < list.size(); i++) {
        capnp::MallocMessageBuilder one;
        auto single = one.initRoot<proto::Mutation>();
        fills[i](single);
        list.setWithCaveats(i, single.getSaveCollection().asReader());
      }
    };
  }
  std::string FailureText(const Answer& answer) {
    const Json data = answer.error().data;
    const Json* collections = data.Find("collections");
    return collections ? collections->StringOr("message") : data.Dump();
  }
};

TEST_F(ImportTest, CreatesCollectionsThatReferToEachOther) {
  Answer answer = Do(Importing({{"", R"({"name":"a","id":"collection_a1","fields":[
      {"name":"b","type":"relation","collectionId":"collection_b1","maxSelect":1}]})"},
                                {"", R"({"name":"b","id":"collection_b1","listRule":"@collection.a.b = id","fields":[
      {"name":"a","type":"relation","collectionId":"collection_a1","maxSelect":1}]})"}}));
  EXPECT_TRUE(answer.is_done()) << answer;
  EXPECT_EQ(Shared("a")->fields.size(), 2u);
  EXPECT_EQ(Count("b"), 0);
}

TEST_F(ImportTest, LeavesNothingWhenOneOfThemIsInvalid) {
  auto before = generation();
  Answer answer = Do(Importing({{"", R"({"name":"good"})"}, {"", R"({"name":"bad","listRule":"nothing = 1"})"}}));
  EXPECT_EQ(answer.error().status, 400);
  EXPECT_THAT(FailureText(answer), ::testing::StartsWith("Data validations failed for collection \"bad\" ("));
  EXPECT_THAT(FailureText(answer), ::testing::HasSubstr("\n{\n  \"listRule\": \"Invalid rule. Raw error: "));
  EXPECT_EQ(generation(), before);
  EXPECT_FALSE(schema()->Find("good"));
}

TEST_F(ImportTest, TellsWhichIndexCannotBeCreated) {
  Answer answer = Do(Importing({{"", R"json({"name":"a","indexes":["CREATE INDEX i ON a (missing)"]})json"}}));
  EXPECT_EQ(answer.error().message, "Failed to import collections.");
  EXPECT_TRUE(answer.error().data.Find("indexes")) << answer;
}

TEST_F(ImportTest, UpdatesAndDeletesWhatIsMissingButNoSystemCollection) {
  CreateCollection(R"({"name":"kept","fields":[{"name":"t","type":"text"}]})");
  CreateCollection(R"({"name":"gone"})");
  const std::string id = Shared("kept")->id;
  CreateCollection(R"({"name":"pointing","fields":[{"name":"r","type":"relation","collectionId":")" + Shared("gone")->id + R"("}]})");
  Answer answer = Do(Importing({{id, R"({"listRule":""})"}}, true));
  EXPECT_TRUE(answer.is_done()) << answer;
  EXPECT_EQ(Shared("kept")->list_rule, "");
  for (const char* name : {"gone", "pointing", "users"}) EXPECT_FALSE(schema()->Find(name)) << name;
  EXPECT_TRUE(schema()->superusers());
}

TEST_F(ImportTest, RaisesTheSchemaGenerationOnce) {
  auto before = generation();
  EXPECT_TRUE(Do(Importing({{"", R"({"name":"a"})"}, {"", R"({"name":"b"})"}, {"", R"({"name":"c"})"}})).is_done());
  EXPECT_EQ(generation(), before + 1);
}

TEST_F(ImportTest, ComparesWithWhatWasStoredBefore) {
  CreateCollection(R"({"name":"a","fields":[{"name":"t","id":"field_t","type":"text"}]})");
  const std::string id = Shared("a")->id;
  Answer answer = Do(Importing({{id, R"({"fields":[{"name":"t","id":"field_t","type":"number"}]})"}}));
  EXPECT_THAT(FailureText(answer), ::testing::HasSubstr("Field type cannot be changed."));
}

TEST_F(ImportTest, FiresTheHooksOfEachAndTheErrorHooksOfAllWhenItFails) {
  std::vector<std::string> fired;
  const auto listen = [&](auto& hook, const std::string& name) {
    hook.BindFunc([&fired, name](auto& event) -> HookResult {
      fired.push_back(name + " " + event.collection->name);
      return event.Next();
    });
  };
  listen(app_.on_collection_create, "create");
  listen(app_.on_collection_validate, "validate");
  listen(app_.on_collection_after_create_success, "success");
  listen(app_.on_collection_after_create_error, "error");
  EXPECT_TRUE(Do(Importing({{"", R"({"name":"a"})"}, {"", R"({"name":"b"})"}})).is_done());
  EXPECT_THAT(fired, ::testing::ElementsAre("create a", "create b", "success a", "success b"));
  fired.clear();
  EXPECT_TRUE(Do(Importing({{"", R"({"name":"c"})"}, {"", R"({"name":"d e"})"}})).is_refused());
  EXPECT_THAT(fired, ::testing::ElementsAre("create c", "create d e", "error c", "error d e"));
}

TEST_F(ImportTest, LetsHooksSeeTheRecordsThatGoWithAnAuthCollection) {
  CreateCollection(R"({"name":"members"})", CollectionType::kAuth);
  ASSERT_TRUE(data_.data->Run("INSERT INTO _externalAuths (id, collectionRef, recordRef, provider, providerId) VALUES "
                              "('link00000000001', '" + Shared("members")->id + "', 'r', 'google', 'p')"));
  std::vector<std::string> deleted;
  app_.on_model_after_delete_success.BindFunc([&](ModelEvent& event) {
    deleted.emplace_back(event.table);
    return event.Next();
  });
  EXPECT_TRUE(Do(DeletingCollection(Shared("members")->id)).is_done());
  EXPECT_EQ(Count("_externalAuths"), 0);
  EXPECT_THAT(deleted, ::testing::ElementsAre("_externalAuths", "_collections"));
}

class TruncateTest : public LaneTest {
 protected:
  Fill Truncating(const std::string& name) {
    std::string id = Shared(name)->id;
    return [id](proto::Mutation::Builder mutation) { mutation.initTruncateCollection().setId(ToText(id)); };
  }
};

TEST_F(TruncateTest, DeletesEveryRecordWithItsCascade) {
  CreateCollection(R"({"name":"a","fields":[{"name":"t","type":"text"}]})");
  CreateCollection(R"({"name":"b","fields":[{"name":"a","type":"relation","cascadeDelete":true,"maxSelect":1,"collectionId":")" +
                   Shared("a")->id + R"("}]})");
  for (int i = 0; i < 3; i++) Create("b", R"({"a":")" + Create("a", "{}") + R"("})");
  int deleted = 0;
  app_.on_record_delete.BindFunc([&](RecordEvent& event) {
    deleted++;
    return event.Next();
  });
  EXPECT_TRUE(Do(Truncating("a")).is_done());
  EXPECT_EQ(Count("a") + Count("b"), 0);
  EXPECT_EQ(deleted, 6);
}

TEST_F(TruncateTest, LeavesAllWhereOneCannotBeDeleted) {
  CreateCollection(R"({"name":"a"})");
  CreateCollection(R"({"name":"b","fields":[{"name":"a","type":"relation","required":true,"maxSelect":1,"collectionId":")" +
                   Shared("a")->id + R"("}]})");
  Create("a", "{}");
  Create("b", R"({"a":")" + Create("a", "{}") + R"("})");
  Answer answer = Do(Truncating("a"));
  EXPECT_EQ(answer.error().status, 400);
  EXPECT_THAT(answer.error().message, ::testing::StartsWith("Failed to truncate collection (most likely"));
  EXPECT_EQ(Count("a"), 2);
}

TEST_F(TruncateTest, TakesMoreThanOneChunk) {
  CreateCollection(R"({"name":"a"})");
  ASSERT_TRUE(data_.data->Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1201) "
                                  "INSERT INTO a (id) SELECT printf('%015d', i) FROM n"));
  EXPECT_TRUE(Do(Truncating("a")).is_done());
  EXPECT_EQ(Count("a"), 0);
}

}  // namespace
}  // namespace wombat
