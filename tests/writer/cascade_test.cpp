#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;

constexpr const char* kDeleteRefusal =
    "Failed to delete record. Make sure that the record is not part of a required relation reference.";

class CascadeTest : public LaneTest {
 protected:
  CascadeTest() {
    CreateCollection(R"({"name":"authors"})");
    author_ = Create("authors", "{}");
    other_ = Create("authors", "{}");
  }
  // posts.author with these options.
  void Posts(const std::string& options) {
    CreateCollection(R"({"name":"posts","fields":[{"name":"author","type":"relation","collectionId":")" +
                     Shared("authors")->id + "\"" + options + R"(},{"name":"note","type":"text"},
                     {"name":"updated","type":"autodate","onCreate":true,"onUpdate":true}]})");
  }
  std::string Post(const std::string& author_json) { return Create("posts", "{\"author\":" + author_json + "}"); }
  std::string Quoted(const std::string& id) { return "\"" + id + "\""; }

  std::string author_, other_;
};

TEST_F(CascadeTest, DeletesWhatRefersWhenTheFieldCascades) {
  Posts(R"(,"cascadeDelete":true)");
  Post(Quoted(author_));
  std::string kept = Post(Quoted(other_));
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_THAT(directory_.Column("data.db", "SELECT id FROM posts"), ElementsAre(kept));
}

TEST_F(CascadeTest, UnsetsTheReferenceWhenTheFieldDoesNotCascade) {
  Posts("");
  std::string post = Post(Quoted(author_));
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Stored("posts", post).Text("author"), "");
}

TEST_F(CascadeTest, RefusesToTakeTheLastIdOfARequiredReference) {
  Posts(R"(,"required":true)");
  std::string post = Post(Quoted(author_));
  Answer answer = Do(Deleting("authors", author_));
  EXPECT_EQ(answer.error().status, 400);
  EXPECT_EQ(answer.error().message, kDeleteRefusal);
  EXPECT_EQ(answer.error().log_details, "the record cannot be deleted because it is part of a required reference in record " +
                                            post + " (posts collection)");
  EXPECT_EQ(Count("authors"), 2);
  EXPECT_EQ(Stored("posts", post).Text("author"), author_);
}

TEST_F(CascadeTest, CascadesThroughARequiredReferenceThatCascades) {
  Posts(R"(,"required":true,"cascadeDelete":true)");
  Post(Quoted(author_));
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Count("posts"), 0);
}

TEST_F(CascadeTest, TakesTheIdOutOfAMultipleRelationThatHasOthers) {
  Posts(R"(,"maxSelect":5,"cascadeDelete":true,"required":true)");
  std::string post = Post("[\"" + author_ + "\",\"" + other_ + "\"]");
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_THAT(Stored("posts", post).List("author"), ElementsAre(other_));
}

TEST_F(CascadeTest, DeletesAMultipleRelationsRecordWithTheLastId) {
  Posts(R"(,"maxSelect":5,"cascadeDelete":true)");
  Post("[\"" + author_ + "\"]");
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Count("posts"), 0);
}

TEST_F(CascadeTest, EmptiesAMultipleRelationThatDoesNotCascade) {
  Posts(R"(,"maxSelect":5)");
  std::string post = Post("[\"" + author_ + "\"]");
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Stored("posts", post).Get("author"), Json::List());
}

TEST_F(CascadeTest, RefusesToEmptyARequiredMultipleRelation) {
  Posts(R"(,"maxSelect":5,"required":true)");
  Post("[\"" + author_ + "\"]");
  EXPECT_EQ(Do(Deleting("authors", author_)).error().status, 400);
}

TEST_F(CascadeTest, UnsetsMoreReferencesThanOneChunkHolds) {
  Posts("");
  ASSERT_TRUE(DoInternal([&](LaneTransaction& tx) -> ApiResult<void> {
    SqlValues author{author_};
    auto done = tx.db().Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) "
                            "INSERT INTO posts (id, author) SELECT printf('p%014d', i), ? FROM n", author);
    EXPECT_TRUE(done) << done.error().message;
    return {};
  }));
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Count("posts", "author = ''"), 9000);
}

TEST_F(CascadeTest, FollowsChainsOfReferences) {
  Posts(R"(,"cascadeDelete":true)");
  CreateCollection(R"({"name":"comments","fields":[{"name":"post","type":"relation","cascadeDelete":true,"collectionId":")" +
                   Shared("posts")->id + "\"}]}");
  std::string post = Post(Quoted(author_));
  Create("comments", R"({"post":")" + post + "\"}");
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Count("comments"), 0);
}

TEST_F(CascadeTest, RollsTheWholeCascadeBackWhenADeepReferenceForbidsIt) {
  Posts(R"(,"cascadeDelete":true)");
  CreateCollection(R"({"name":"comments","fields":[{"name":"post","type":"relation","required":true,"collectionId":")" +
                   Shared("posts")->id + "\"}]}");
  std::string post = Post(Quoted(author_));
  Create("comments", R"({"post":")" + post + "\"}");
  EXPECT_EQ(Do(Deleting("authors", author_)).error().message, kDeleteRefusal);
  EXPECT_EQ(Count("authors"), 2);
  EXPECT_EQ(Count("posts"), 1);
}

TEST_F(CascadeTest, EndsARingOfRecordsThatReferToEachOther) {
  ASSERT_TRUE(Do(ChangingCollection("authors", R"({"fields":[{"name":"friend","type":"relation","cascadeDelete":true,
    "collectionId":")" + Shared("authors")->id + "\"}]}")).is_collection());
  ASSERT_TRUE(Do(Updating("authors", author_, R"({"friend":")" + other_ + "\"}")).is_record());
  ASSERT_TRUE(Do(Updating("authors", other_, R"({"friend":")" + author_ + "\"}")).is_record());
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Count("authors"), 0);
}

TEST_F(CascadeTest, DeletesARecordThatRequiresItself) {
  ASSERT_TRUE(Do(ChangingCollection("authors", R"({"fields":[{"name":"self","type":"relation","required":true,
    "collectionId":")" + Shared("authors")->id + "\"}]}")).is_collection());
  ASSERT_TRUE(Do(Updating("authors", author_, R"({"self":")" + author_ + "\"}")).is_record());
  EXPECT_TRUE(Do(Deleting("authors", author_)).is_done());
}

TEST_F(CascadeTest, DoesNotValidateWhatItUnsets) {
  Posts("");
  std::string post = Post(Quoted(author_));
  ASSERT_TRUE(Do(ChangingCollection("posts", R"({"fields":[{"name":"author","type":"relation","collectionId":")" +
                 Shared("authors")->id + R"("},{"name":"note","type":"text","required":true}]})")).is_collection());
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Stored("posts", post).Text("author"), "");
}

TEST_F(CascadeTest, StampsTheAutodatesOfWhatItUnsets) {
  Posts("");
  std::string post = Post(Quoted(author_));
  ASSERT_TRUE(DoInternal([](LaneTransaction& tx) -> ApiResult<void> {
    EXPECT_TRUE(tx.db().Run("UPDATE posts SET updated = '2001-01-01 00:00:00.000Z'"));
    return {};
  }));
  ASSERT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_NE(Stored("posts", post).Text("updated"), "2001-01-01 00:00:00.000Z");
}

TEST_F(CascadeTest, LeavesRecordsOfAViewOverTheReferenceAlone) {
  Posts(R"(,"cascadeDelete":true)");
  ASSERT_TRUE(data_.data->Execute(
      "CREATE VIEW view_of_posts AS SELECT id, author FROM posts;"
      "INSERT INTO _collections (id, type, name, fields, options) SELECT 'pbc_view', 'view', 'view_of_posts', fields, "
      "'{\"viewQuery\":\"SELECT id, author FROM posts\"}' FROM _collections WHERE name = 'posts'"));
  OpenLane();
  Post(Quoted(author_));
  EXPECT_TRUE(Do(Deleting("authors", author_)).is_done());
  EXPECT_EQ(Count("posts"), 0);
}

TEST_F(CascadeTest, AnErrorOfAChildsHookKeepsTheParent) {
  Posts(R"(,"cascadeDelete":true)");
  Post(Quoted(author_));
  app_.on_record_delete.BindFunc([](RecordEvent&) -> HookResult { return Refuse(403, "not this post"); }, {"posts"});
  EXPECT_EQ(Do(Deleting("authors", author_)).error().message, "not this post");
  EXPECT_EQ(Count("authors"), 2);
}

}  // namespace
}  // namespace wombat
