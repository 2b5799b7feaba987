// How lists of view collections are asked for.                                                     spec 02 §8, 03 §12
#include "tests/worker/worker_fixture.h"
#include "worker/api/record_query.h"

namespace wombat {
namespace {

using ::testing::HasSubstr;

class ViewListTest : public WorkerTest {
 protected:
  ViewListTest() {
    CreateCollection(R"j({"name":"posts","fields":[{"name":"title","type":"text"},{"name":"votes","type":"number"}],
      "indexes":["CREATE INDEX idx_posts_votes ON posts (votes)"]})j");
    CreateView("plain", "select id, title, votes from posts");
    CreateView("nested", "select p.id, p.votes from plain p where p.votes > 0");
    CreateView("numbered", "select (row_number() over ()) as id, title, votes from posts");
  }
  void CreateView(const std::string& name, const std::string& query) {
    CreateCollection(R"({"name":")" + name + R"(","type":"view","viewQuery":")" + query + "\"}", CollectionType::kView);
  }
  ListQuery ListOf(std::string_view name, const std::string& filter = {}, const std::string& sort = {}) {
    ListParams params;
    params.filter = filter;
    params.sort = sort;
    auto query = SelectList(*schema(), *Shared(name), params, Rule(), {}, true);
    EXPECT_TRUE(query) << query.error().message;
    return query ? *query : ListQuery();
  }
  std::string Plan(const SelectQuery& query) {
    auto statement = reader_->Prepare("EXPLAIN QUERY PLAN " + query.sql);
    EXPECT_TRUE(statement) << statement.error().message;
    if (!statement) return {};
    statement->BindAll(query.values);
    std::string plan;
    while (statement->Step().value_or(false)) plan += std::string(statement->cell(3).text()) + "\n";
    return plan;
  }
};

TEST_F(ViewListTest, CountsTheRowsOfAViewWhoseIdsAreItsTables) {
  EXPECT_THAT(ListOf("plain").total.sql, HasSubstr("COUNT(*)"));
  EXPECT_THAT(ListOf("nested").total.sql, HasSubstr("COUNT(*)"));
}

TEST_F(ViewListTest, CountsDistinctIdsWhereTheyCouldRepeat) {
  EXPECT_THAT(ListOf("numbered").total.sql, HasSubstr("COUNT(DISTINCT `numbered`.`id`)"));
}

TEST_F(ViewListTest, UsesTheIndexOfTheTableBelow) {
  for (const char* view : {"plain", "nested"}) {
    ListQuery query = ListOf(view, "votes > 5 && votes < 9", "votes");
    EXPECT_THAT(Plan(query.items), HasSubstr("idx_posts_votes")) << view;
    EXPECT_THAT(Plan(query.items), Not(HasSubstr("TEMP B-TREE"))) << view;
    EXPECT_THAT(Plan(query.total), HasSubstr("idx_posts_votes")) << view;
  }
}

TEST_F(ViewListTest, HasNoRowidToSortBy) {
  ListParams params;
  params.sort = "@rowid";
  EXPECT_FALSE(SelectList(*schema(), *Shared("plain"), params, Rule(), {}, true));
  EXPECT_TRUE(SelectList(*schema(), *Shared("posts"), params, Rule(), {}, true));
}

}  // namespace
}  // namespace wombat
