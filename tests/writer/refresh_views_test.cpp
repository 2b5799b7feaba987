// View collections follow what they read.                                                           spec 02 §8.5
#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

class RefreshViewsTest : public LaneTest {
 protected:
  RefreshViewsTest() {
    CreateCollection(R"({"name":"posts","fields":[{"id":"f1","name":"title","type":"text","max":10}]})");
    CreateCollection(R"({"name":"one","type":"view","viewQuery":"select id, title from posts"})", CollectionType::kView);
    CreateCollection(R"({"name":"two","type":"view","viewQuery":"select id, title as label from one"})",
                     CollectionType::kView);
  }
  void SetMax(int max) {
    Answer changed = Do(ChangingCollection(
        "posts", R"({"fields":[{"id":"f1","name":"title","type":"text","max":)" + std::to_string(max) + "}]}"));
    ASSERT_TRUE(changed.is_collection()) << changed;
  }
  double MaxOf(std::string_view collection, std::string_view field) {
    const CollectionPtr stored = Shared(collection);
    const Field* found = stored->FindField(field);
    return found ? found->OptionsJson().NumberOr("max") : -1;
  }
};

TEST_F(RefreshViewsTest, GivesViewsOfViewsTheFieldsOfTheirSource) {
  EXPECT_EQ(MaxOf("two", "label"), 10);
  SetMax(20);
  EXPECT_EQ(MaxOf("one", "title"), 20);
  EXPECT_EQ(MaxOf("two", "label"), 20);
}

TEST_F(RefreshViewsTest, FiresTheHooksOfEachViewThatChanges) {
  std::vector<std::string> updated;
  app_.on_collection_after_update_success.BindFunc([&](CollectionEvent& event) -> HookResult {
    updated.push_back(event.collection->name);
    return event.Next();
  });
  SetMax(20);
  EXPECT_EQ(updated, (std::vector<std::string>{"posts", "one", "two"}));
}

TEST_F(RefreshViewsTest, LeavesAllViewsAloneWhenOneIsBrokenButKeepsTheSave) {
  CreateCollection(R"({"name":"tags","fields":[{"name":"word","type":"text"}]})");
  CreateCollection(R"({"name":"three","type":"view","viewQuery":"select id, word from tags"})", CollectionType::kView);
  Answer renamed = Do(ChangingCollection("tags", R"({"name":"labels"})"));
  ASSERT_TRUE(renamed.is_collection()) << renamed;
  SetMax(20);
  EXPECT_EQ(MaxOf("posts", "title"), 20);
  EXPECT_EQ(MaxOf("one", "title"), 10);
  EXPECT_EQ(MaxOf("two", "label"), 10);
}

TEST_F(RefreshViewsTest, RefusesToDeleteWhatAViewReads) {
  const std::string posts = Shared("posts")->id, two = Shared("two")->id, one = Shared("one")->id;
  EXPECT_FALSE(Do(DeletingCollection(posts)).is_done());
  EXPECT_FALSE(Do(DeletingCollection(one)).is_done());
  EXPECT_TRUE(Do(DeletingCollection(two)).is_done());
  EXPECT_TRUE(Do(DeletingCollection(one)).is_done());
  EXPECT_TRUE(Do(DeletingCollection(posts)).is_done());
}

}  // namespace
}  // namespace wombat
