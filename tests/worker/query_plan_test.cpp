// How SQLite carries out what lists ask: which index, which scans, which sorting.
#include "tests/worker/worker_fixture.h"
#include "worker/api/record_query.h"

namespace wombat {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class QueryPlanTest : public WorkerTest {
 protected:
  QueryPlanTest() {
    CreateCollection(R"~({"name":"people","type":"base","listRule":"","fields":[{"name":"name","type":"text"},
                         {"name":"boss","type":"text"}],"indexes":["CREATE INDEX i_people_name ON people (name)"]})~");
    const std::string people = schema()->Find("people")->id;
    CreateCollection(R"~({"name":"tasks","type":"base","listRule":"","fields":[{"name":"title","type":"text"},
                         {"name":"due","type":"date"},{"name":"rank","type":"number"},{"name":"open","type":"bool"},
                         {"name":"owner","type":"relation","maxSelect":1,"collectionId":")~" + people + R"~("},
                         {"name":"helpers","type":"relation","maxSelect":9,"collectionId":")~" + people + R"~("},
                         {"name":"tags","type":"select","maxSelect":3,"values":["x","y","z"]}],
                         "indexes":["CREATE INDEX i_owner_due ON tasks (owner, due)","CREATE INDEX i_rank ON tasks (rank)",
                                    "CREATE INDEX i_title ON tasks (title)"]})~");
    schema_ = schema();
    tasks_ = schema_->FindShared("tasks");
  }

  ListQuery List(std::string filter, std::string sort, Rule rule = {}, bool superuser = false) {
    ListParams params;
    params.filter = std::move(filter);
    params.sort = std::move(sort);
    auto query = SelectList(*schema_, *tasks_, params, rule, {}, superuser);
    EXPECT_TRUE(query) << query.error().message;
    return std::move(*query);
  }

  std::string PlanOf(const SelectQuery& query) {
    auto statement = reader_->Prepare("EXPLAIN QUERY PLAN " + query.sql);
    EXPECT_TRUE(statement) << statement.error().message << query.sql;
    statement->BindAll(query.values);
    std::string plan;
    for (;;) {
      auto row = statement->Step();
      if (!row || !*row) return plan;
      plan.append(statement->cell(3).text()) += '\n';
    }
  }

  SchemaPtr schema_;
  CollectionPtr tasks_;
};

TEST_F(QueryPlanTest, AFilterAndARuleOnIndexedColumnsSearchTheIndexAndItsOrderSortsThem) {
  const ListQuery query = List("owner = 'p1'", "-due", "open = true");
  EXPECT_EQ(PlanOf(query.items), "SEARCH tasks USING INDEX i_owner_due (owner=?)\n");
  EXPECT_EQ(PlanOf(query.total), "SEARCH tasks USING INDEX i_owner_due (owner=?)\n");
}

TEST_F(QueryPlanTest, ARangeSearchesItsIndexInItsOrder) {
  EXPECT_EQ(PlanOf(List("rank > 10 && rank <= 20", "rank").items), "SEARCH tasks USING INDEX i_rank (rank>? AND rank<?)\n");
}

TEST_F(QueryPlanTest, ASortByAnIndexedColumnAloneNeedsNoSorting) {
  EXPECT_EQ(PlanOf(List("", "-rank").items), "SCAN tasks USING INDEX i_rank\n");
}

TEST_F(QueryPlanTest, AnAlternativeOfTwoIndexedColumnsSearchesBothIndexes) {
  const std::string plan = PlanOf(List("title = 'a' || rank = 3", "").items);
  EXPECT_THAT(plan, HasSubstr("i_title (title=?)"));
  EXPECT_THAT(plan, HasSubstr("i_rank (rank=?)"));
  EXPECT_THAT(plan, Not(HasSubstr("SCAN")));
}

TEST_F(QueryPlanTest, ASingleRelationIsJoinedByPrimaryKeyAndNeedsNoDistinct) {
  const ListQuery query = List("rank > 5 && owner.name != 'x'", "rank");
  EXPECT_THAT(query.items.sql, Not(HasSubstr("DISTINCT")));
  const std::string plan = PlanOf(query.items);
  EXPECT_THAT(plan, HasSubstr("SEARCH tasks USING INDEX i_rank (rank>?)"));
  EXPECT_THAT(plan, Not(HasSubstr("SCAN")));
  EXPECT_THAT(plan, Not(HasSubstr("TEMP B-TREE")));
}

TEST_F(QueryPlanTest, TheIdOfASingleRelationIsTheColumnItself) {
  const ListQuery query = List("owner.id = 'p1'", "due");
  EXPECT_THAT(query.items.sql, Not(HasSubstr("JOIN")));
  EXPECT_EQ(PlanOf(query.items), "SEARCH tasks USING INDEX i_owner_due (owner=?)\n");
}

TEST_F(QueryPlanTest, AMultiMatchKeepsTheIndexOfTheRest) {
  const std::string plan = PlanOf(List("rank = 5 && helpers.name = 'x'", "").items);
  EXPECT_THAT(plan, HasSubstr("SEARCH tasks USING INDEX i_rank (rank=?)"));
  EXPECT_THAT(plan, Not(HasSubstr("SCAN tasks")));
}

TEST_F(QueryPlanTest, PathsThatAreTheSameAreJoinedOnce) {
  const std::string sql = List("owner.name != 'x' && owner.boss != 'y'", "owner.name", "owner.name != 'z'").items.sql;
  EXPECT_EQ(sql.find("LEFT JOIN"), sql.rfind("LEFT JOIN")) << sql;
}

TEST_F(QueryPlanTest, NothingIsJoinedThatIsNotAskedFor) {
  EXPECT_THAT(List("title = 'x' && tags ~ 'y' && open = true && tags:length > 0", "title,-rank").items.sql, Not(HasSubstr("JOIN")));
}

TEST_F(QueryPlanTest, NobodyCountsWhenTheTotalIsSkipped) {
  ListParams params;
  params.skip_total = true;
  auto query = SelectList(*schema_, *tasks_, params, {}, {}, false);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->total.sql, "");
}

TEST_F(QueryPlanTest, ATotalIsKeptOnlyWhenTheDatabaseAloneDecidesIt) {
  EXPECT_TRUE(List("rank > 1 && due < @now", "").total_is_repeatable);
  EXPECT_TRUE(List("helpers.name ?= 'x'", "").total_is_repeatable);
  EXPECT_FALSE(List("due < strftime('%Y')", "").total_is_repeatable);
}

}  // namespace
}  // namespace wombat
