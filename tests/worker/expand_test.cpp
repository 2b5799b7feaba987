#include "worker/api/expand.h"

#include "tests/worker/worker_fixture.h"

namespace wombat {
namespace {

// "a(b,c),d": the tree's keys in order.
std::string Shape(const ExpandTree& tree) {
  std::string text;
  for (const auto& [name, below] : tree.children) {
    text += (text.empty() ? "" : ",") + name;
    if (!below.empty()) text += "(" + Shape(below) + ")";
  }
  return text;
}

TEST(ParseExpand, IsEmptyWithoutPaths) {
  for (const char* text : {"", " ", ",", ".", " , . ,"}) EXPECT_EQ(Shape(ParseExpand(text)), "") << text;
}

TEST(ParseExpand, MergesPathsThatShareABeginning) {
  EXPECT_EQ(Shape(ParseExpand("a.b,a.c,d")), "a(b,c),d");
  EXPECT_EQ(Shape(ParseExpand("a,a.b,a")), "a(b)");
}

TEST(ParseExpand, IgnoresBlanksAndDotsAtTheEnds) { EXPECT_EQ(Shape(ParseExpand(" .a . b. , c")), "a(b),c"); }

TEST(ParseExpand, IgnoresWhatIsDeeperThanSixLevels) {
  EXPECT_EQ(Shape(ParseExpand("a.b.c.d.e.f.g.h")), "a(b(c(d(e(f)))))");
}

class ExpandTest : public WorkerTest {
 protected:
  ExpandTest() {
    CreateCollection(R"({"name":"tags","viewRule":"","fields":[{"name":"word","type":"text"}]})");
    CreateCollection(R"({"name":"authors","viewRule":"","fields":[{"name":"name","type":"text"},
      {"name":"favourite","type":"relation","collectionId":")" + Shared("tags")->id + "\"}]}");
    CreateCollection(R"({"name":"posts","viewRule":"","fields":[{"name":"title","type":"text"},
      {"name":"author","type":"relation","collectionId":")" + Shared("authors")->id + R"("},
      {"name":"tags","type":"relation","maxSelect":9,"collectionId":")" + Shared("tags")->id + "\"}]}");
    first_ = Create("tags", R"({"word":"first"})");
    second_ = Create("tags", R"({"word":"second"})");
    author_ = Create("authors", R"({"name":"Ann","favourite":")" + second_ + "\"}");
    post_ = Create("posts", R"({"title":"p","author":")" + author_ + R"(","tags":[")" + second_ + "\",\"" + first_ + "\"]}");
  }

  // The expand object of one record; null where there is none.
  Json Expand(std::string_view collection, std::string_view id, std::string_view paths, const RequestInfo& request = {}) {
    auto texts = ExpandRecords(*reader_, *schema(), {Stored(collection, id)}, ParseExpand(paths), request);
    if (!texts) {
      ADD_FAILURE() << texts.error().message;
      return {};
    }
    if ((*texts)[0].empty()) return {};
    auto json = ParseJson((*texts)[0]);
    EXPECT_TRUE(json) << (*texts)[0];
    return json ? *json : Json();
  }
  Json Expand(std::string_view paths, const RequestInfo& request = {}) { return Expand("posts", post_, paths, request); }
  void Change(std::string_view collection, const std::string& body) {
    Answer changed = Do(ChangingCollection(collection, body));
    ASSERT_TRUE(changed.is_collection()) << changed;
  }
  static std::string Words(const Json* list) {
    if (!list || !list->is_array()) return "no list";
    std::string text;
    for (const Json& item : list->as_array()) text += item.StringOr("word") + " ";
    return text;
  }

  // How many statements it takes to expand the first `count` posts (or authors, for a back relation).
  int Statements(std::string_view collection, std::string_view paths, std::size_t count) {
    std::vector<Record> records;
    auto select = reader_->Prepare("SELECT id FROM " + std::string(collection) + " LIMIT " + std::to_string(count));
    if (!select) ADD_FAILURE() << select.error().message;
    else
      while (select->Step().value_or(false)) records.push_back(Stored(collection, select->cell(0).text()));
    EXPECT_EQ(records.size(), count);
    int statements = 0;
    sqlite3_trace_v2(
        reader_->handle(), SQLITE_TRACE_STMT,
        [](unsigned, void* counter, void*, void*) { return ++*static_cast<int*>(counter), 0; }, &statements);
    auto texts = ExpandRecords(*reader_, *schema(), records, ParseExpand(paths), {});
    sqlite3_trace_v2(reader_->handle(), 0, nullptr, nullptr);
    EXPECT_TRUE(texts);
    return statements;
  }

  std::string first_, second_, author_, post_;
};

TEST_F(ExpandTest, IsAbsentWhenNothingWasAsked) { EXPECT_TRUE(Expand("").is_null()); }

TEST_F(ExpandTest, PutsASingleRelationAsAnObject) {
  Json expand = Expand("author");
  ASSERT_TRUE(expand.Find("author"));
  EXPECT_EQ(expand.Find("author")->StringOr("name"), "Ann");
  EXPECT_EQ(expand.Find("author")->StringOr("collectionName"), "authors");
}

TEST_F(ExpandTest, PutsAMultipleRelationInTheStoredOrder) {
  EXPECT_EQ(Words(Expand("tags").Find("tags")), "second first ");
}

TEST_F(ExpandTest, SkipsRecordsThatAreMissing) {
  ASSERT_TRUE(data_.data->Execute("DELETE FROM tags WHERE id = '" + second_ + "'"));
  EXPECT_EQ(Words(Expand("tags").Find("tags")), "first ");
}

TEST_F(ExpandTest, HasNoKeyForARelationOfWhichNothingIsLeft) {
  ASSERT_TRUE(data_.data->Execute("DELETE FROM authors"));
  EXPECT_EQ(Expand("author"), Json::Object());
}

TEST_F(ExpandTest, FollowsPathsOverSeveralLevels) {
  Json expand = Expand("author.favourite");
  const Json* author = expand.Find("author");
  ASSERT_TRUE(author && author->Find("expand"));
  EXPECT_EQ(author->Find("expand")->Find("favourite")->StringOr("word"), "second");
}

TEST_F(ExpandTest, FollowsABackRelationAsAList) {
  Json expand = Expand("authors", author_, "posts_via_author");
  ASSERT_TRUE(expand.Find("posts_via_author") && expand.Find("posts_via_author")->is_array());
  EXPECT_EQ(expand.Find("posts_via_author")->as_array()[0].StringOr("title"), "p");
}

TEST_F(ExpandTest, FollowsABackRelationOverAMultipleField) {
  Json expand = Expand("tags", first_, "posts_via_tags");
  ASSERT_TRUE(expand.Find("posts_via_tags"));
  EXPECT_EQ(expand.Find("posts_via_tags")->as_array().size(), 1u);
}

TEST_F(ExpandTest, PutsABackRelationOverAUniqueFieldAsAnObject) {
  Change("posts", R"json({"indexes":["CREATE UNIQUE INDEX idx_posts_author ON posts (author)"]})json");
  Json expand = Expand("authors", author_, "posts_via_author");
  ASSERT_TRUE(expand.Find("posts_via_author"));
  EXPECT_EQ(expand.Find("posts_via_author")->StringOr("title"), "p");
}

TEST_F(ExpandTest, TakesTheOldSpellingOfABackRelation) {
  EXPECT_TRUE(Expand("authors", author_, "posts(author)").Find("posts(author)"));
}

TEST_F(ExpandTest, DropsABackRelationWhoseFieldPointsElsewhere) {
  EXPECT_TRUE(Expand("authors", author_, "posts_via_tags").is_null());
}

TEST_F(ExpandTest, DropsAPathThatNamesNoRelation) {
  EXPECT_TRUE(Expand("title").is_null());
  EXPECT_TRUE(Expand("nothing").is_null());
}

TEST_F(ExpandTest, KeepsOtherPathsWhenOneIsDropped) {
  Json expand = Expand("nothing,author");
  EXPECT_TRUE(expand.Find("author"));
  EXPECT_FALSE(expand.Find("nothing"));
}

TEST_F(ExpandTest, DropsThePathToACollectionThatOnlySuperusersMayView) {
  Change("authors", R"({"viewRule":null})");
  EXPECT_TRUE(Expand("author").is_null());
  RequestInfo superuser = Superuser();
  EXPECT_TRUE(Expand("author", superuser).Find("author"));
}

TEST_F(ExpandTest, DropsTheWholePathWhenADeeperPartFails) {
  EXPECT_TRUE(Expand("author.nothing").is_null());
  Change("tags", R"({"viewRule":null})");
  EXPECT_TRUE(Expand("author.favourite").is_null());
}

TEST_F(ExpandTest, LeavesOutWhatTheViewRuleHides) {
  Change("tags", R"({"viewRule":"word = 'first'"})");
  EXPECT_EQ(Words(Expand("tags").Find("tags")), "first ");
}

TEST_F(ExpandTest, AsksTheViewRuleInTheContextExpand) {
  Change("authors", R"({"viewRule":"@request.context = 'expand'"})");
  EXPECT_TRUE(Expand("author").Find("author"));
  Change("authors", R"({"viewRule":"@request.context != 'expand'"})");
  EXPECT_EQ(Expand("author"), Json::Object());
}

TEST_F(ExpandTest, ExpandsHiddenRelationsToo) {
  Change("posts", R"({"fields":[{"name":"title","type":"text"},{"name":"author","type":"relation","hidden":true,
    "collectionId":")" + Shared("authors")->id + "\"}]}");
  ASSERT_TRUE(Do(Updating("posts", post_, R"({"author":")" + author_ + "\"}")).is_record());
  EXPECT_TRUE(Expand("author").Find("author"));
}

TEST_F(ExpandTest, ExpandsManyRecordsAtOnceEachWithItsOwn) {
  std::string lonely = Create("posts", R"({"title":"lonely"})");
  auto texts = ExpandRecords(*reader_, *schema(), {Stored("posts", lonely), Stored("posts", post_)}, ParseExpand("author"), {});
  ASSERT_TRUE(texts);
  EXPECT_EQ((*texts)[0], "{}");
  EXPECT_THAT((*texts)[1], ::testing::HasSubstr("\"name\":\"Ann\""));
}

TEST_F(ExpandTest, KeepsARelationAsLongAsOnePathThroughItWorks) {
  Json expand = Expand("author.nothing,author.favourite");
  ASSERT_TRUE(expand.Find("author") && expand.Find("author")->Find("expand"));
  EXPECT_TRUE(expand.Find("author")->Find("expand")->Find("favourite"));
}

TEST_F(ExpandTest, TakesOneStatementForEachRelationAndLevelHoweverManyRecordsThereAre) {
  for (int i = 0; i < 20; i++) {
    std::string author = Create("authors", R"({"favourite":")" + first_ + "\"}");
    Create("posts", R"({"author":")" + author + R"(","tags":[")" + first_ + "\"]}");
  }
  for (std::size_t count : {1, 20}) {
    EXPECT_EQ(Statements("posts", "author", count), 1);
    EXPECT_EQ(Statements("posts", "author.favourite", count), 2);
    EXPECT_EQ(Statements("posts", "author.favourite,tags", count), 3);
  }
}

TEST_F(ExpandTest, TakesOneMoreStatementForTheIdsOfABackRelation) {
  for (int i = 0; i < 20; i++) {
    std::string author = Create("authors", R"({"favourite":")" + first_ + "\"}");
    Create("posts", R"({"author":")" + author + R"(","tags":[")" + first_ + "\"]}");
  }
  for (std::size_t count : {1, 20}) {
    EXPECT_EQ(Statements("authors", "posts_via_author", count), 2);
    EXPECT_EQ(Statements("authors", "posts_via_author.tags", count), 3);
  }
  EXPECT_EQ(Statements("tags", "posts_via_tags.author.favourite", 2), 4);
}

TEST_F(ExpandTest, GivesEachRecordItsOwnBackRelations) {
  std::string other = Create("posts", R"({"title":"other","tags":[")" + first_ + "\",\"" + first_ + "\"]}");
  auto texts = ExpandRecords(*reader_, *schema(), {Stored("tags", second_), Stored("tags", first_)},
                             ParseExpand("posts_via_tags"), {});
  ASSERT_TRUE(texts);
  EXPECT_EQ(ParseJson((*texts)[0])->Find("posts_via_tags")->as_array().size(), 1u);
  EXPECT_EQ(ParseJson((*texts)[1])->Find("posts_via_tags")->as_array().size(), 2u);
}

TEST_F(ExpandTest, EndsWithAnErrorWhenAQueryIsInterrupted) {
  ASSERT_TRUE(data_.data->Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
                                  "INSERT INTO posts (id, title) SELECT printf('p%014d', i), 'x' FROM n"));
  Record author = Stored("authors", author_);
  reader_->SetTimeLimit(std::chrono::milliseconds(1));
  auto texts = ExpandRecords(*reader_, *schema(), {author}, ParseExpand("posts_via_author"), {});
  reader_->SetTimeLimit({});
  ASSERT_FALSE(texts);
  EXPECT_EQ(texts.error().kind, Error::Kind::kInterrupted);
}

TEST_F(ExpandTest, ShowsAnEmailToThoseWhomTheManageRuleLets) {
  std::string user = Create("users", R"({"email":"a@b.co","password":"1234567890","name":"Bob"})");
  Change("users", R"({"manageRule":"@request.auth.id != ''"})");
  auto sees = [&](const RequestInfo& request) {
    auto visibility = VisibilityOf(*reader_, *schema(), {Stored("users", user)}, request);
    return visibility && visibility->manages && visibility->manages(user);
  };
  std::string other = Create("users", R"({"email":"c@d.co","password":"1234567890"})");
  EXPECT_TRUE(sees(As("users", other)));
  EXPECT_FALSE(sees(Guest()));
}

}  // namespace
}  // namespace wombat
