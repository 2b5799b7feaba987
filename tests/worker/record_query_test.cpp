#include "worker/api/record_query.h"

#include "tests/worker/worker_fixture.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

RequestInfo WithQuery(std::vector<std::pair<std::string, std::string>> query) {
  RequestInfo info;
  info.query = std::move(query);
  return info;
}

TEST(ListParams, HaveDefaults) {
  auto params = ReadListParams({});
  ASSERT_TRUE(params);
  EXPECT_EQ(params->page, 1);
  EXPECT_EQ(params->per_page, 30);
  EXPECT_FALSE(params->skip_total);
  EXPECT_EQ(params->filter, "");
  EXPECT_EQ(params->sort, "");
}

TEST(ListParams, AreReadFromTheQuery) {
  auto params = ReadListParams(
      WithQuery({{"page", "3"}, {"perPage", "7"}, {"skipTotal", "true"}, {"filter", "a=1"}, {"sort", "-a"}}));
  ASSERT_TRUE(params);
  EXPECT_EQ(params->page, 3);
  EXPECT_EQ(params->per_page, 7);
  EXPECT_TRUE(params->skip_total);
  EXPECT_EQ(params->filter, "a=1");
  EXPECT_EQ(params->sort, "-a");
}

TEST(ListParams, AreBroughtIntoTheirRange) {
  auto params = ReadListParams(WithQuery({{"page", "-5"}, {"perPage", "100000"}}));
  ASSERT_TRUE(params);
  EXPECT_EQ(params->page, 1);
  EXPECT_EQ(params->per_page, 1000);
  EXPECT_EQ(ReadListParams(WithQuery({{"perPage", "0"}}))->per_page, 30);
}

TEST(ListParams, ThatAreNoNumbersAreRefused) {
  for (const char* text : {"x", "1x", "1.5", " 1", "99999999999999999999", "+-1"}) {
    EXPECT_EQ(ReadListParams(WithQuery({{"page", text}})).error().status, 400) << text;
    EXPECT_EQ(ReadListParams(WithQuery({{"perPage", text}})).error().status, 400) << text;
  }
}

TEST(ListParams, TakeTheUsualSpellingsOfYesAndNo) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    EXPECT_TRUE(ReadListParams(WithQuery({{"skipTotal", yes}}))->skip_total) << yes;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    EXPECT_FALSE(ReadListParams(WithQuery({{"skipTotal", no}}))->skip_total) << no;
  EXPECT_EQ(ReadListParams(WithQuery({{"skipTotal", "yes"}})).error().status, 400);
}

class RecordQueryTest : public WorkerTest {
 protected:
  RecordQueryTest() {
    CreateCollection(R"({"name":"authors","fields":[{"name":"name","type":"text"}]})");
    CreateCollection(R"({"name":"posts","fields":[{"name":"n","type":"number"},{"name":"author","type":"relation",
      "maxSelect":5,"collectionId":")" + Shared("authors")->id + "\"}]}");
    for (int i = 1; i <= 5; i++) ids_.push_back(Create("posts", "{\"n\":" + std::to_string(i) + "}"));
    posts_ = Shared("posts");
    schema_ = schema();
  }
  std::vector<std::string> Ids(const Result<SelectQuery>& query) {
    if (!query) return {"error: " + query.error().message};
    return Ids(*query);
  }
  std::vector<std::string> Ids(const SelectQuery& query) {
    auto statement = reader_->Prepare(query.sql);
    if (!statement) return {"error: " + statement.error().message + " in " + query.sql};
    statement->BindAll(query.values);
    std::vector<std::string> ids;
    for (;;) {
      auto row = statement->Step();
      if (!row) return {"error: " + row.error().message};
      if (!*row) return ids;
      ids.emplace_back(statement->cell(statement->columns() > 1 ? posts_->id_field : 0).text());
    }
  }
  bool Holds(const Result<SelectQuery>& query) {
    auto ids = Ids(query);
    EXPECT_TRUE(ids.empty() || !ids[0].starts_with("error")) << ids[0];
    return !ids.empty();
  }
  std::string Total(const ListQuery& query) {
    auto value = reader_->QueryValue(query.total.sql, query.total.values);
    return value ? std::to_string(std::get<std::int64_t>(*value)) : "error: " + value.error().message;
  }
  static ListParams Params(std::string filter, std::string sort, std::int64_t page = 1, std::int64_t per_page = 30) {
    ListParams params;
    params.page = page;
    params.per_page = per_page;
    params.filter = std::move(filter);
    params.sort = std::move(sort);
    return params;
  }
  Result<ListQuery> List(const ListParams& params, const Rule& rule = "", bool superuser = false) {
    return SelectList(*schema_, *posts_, params, rule, Guest(), superuser);
  }

  std::vector<std::string> ids_;
  CollectionPtr posts_;
  SchemaPtr schema_;
};

TEST_F(RecordQueryTest, FindsOneRecordById) {
  EXPECT_THAT(Ids(SelectOne(*schema_, *posts_, ids_[2], {}, Guest())), ElementsAre(ids_[2]));
  EXPECT_THAT(Ids(SelectOne(*schema_, *posts_, "nobody", {}, Guest())), IsEmpty());
}

TEST_F(RecordQueryTest, ShowsOneRecordOnlyUnderItsRule) {
  EXPECT_THAT(Ids(SelectOne(*schema_, *posts_, ids_[2], "n = 3", Guest())), ElementsAre(ids_[2]));
  EXPECT_THAT(Ids(SelectOne(*schema_, *posts_, ids_[2], "n = 4 || n = 5", Guest())), IsEmpty());
}

TEST_F(RecordQueryTest, FailsForARuleThatCannotBeCompiled) {
  EXPECT_FALSE(SelectOne(*schema_, *posts_, ids_[2], "nothing = 1", Guest()));
  EXPECT_FALSE(SelectOne(*schema_, *posts_, ids_[2], "n = ", Guest()));
}

TEST_F(RecordQueryTest, FindsManyRecordsUnderTheirRule) {
  EXPECT_THAT(Ids(SelectMany(*schema_, *posts_, {ids_[0], ids_[3], "nobody"}, {}, Guest())),
              UnorderedElementsAre(ids_[0], ids_[3]));
  EXPECT_THAT(Ids(SelectMany(*schema_, *posts_, {ids_[0], ids_[3]}, "n > 1", Guest())), ElementsAre(ids_[3]));
  EXPECT_THAT(Ids(SelectMany(*schema_, *posts_, {ids_[0], ids_[3]}, "n > 1", Guest(), true)), ElementsAre(ids_[3]));
  EXPECT_THAT(Ids(SelectMany(*schema_, *posts_, {}, {}, Guest())), IsEmpty());
}

TEST_F(RecordQueryTest, UsesOneStatementForAnyNumberOfIds) {
  auto one = SelectMany(*schema_, *posts_, {"a"}, {}, Guest()), three = SelectMany(*schema_, *posts_, {"a", "b", "c"}, {}, Guest());
  EXPECT_EQ(one->sql, three->sql);
}

TEST_F(RecordQueryTest, BindsWhatAClientSendsInsteadOfWritingItIntoTheSql) {
  auto first = SelectOne(*schema_, *posts_, "one", "n = 1", Guest()), second = SelectOne(*schema_, *posts_, "two", "n = 2", Guest());
  EXPECT_EQ(first->sql, second->sql);
  EXPECT_THAT(Ids(SelectOne(*schema_, *posts_, "' OR 1 = 1 --", {}, Guest())), IsEmpty());
}

TEST_F(RecordQueryTest, ListsAPageInTheAskedOrderWithItsTotal) {
  auto query = List(Params("", "-n", 2, 2));
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_THAT(Ids(query->items), ElementsAre(ids_[2], ids_[1]));
  EXPECT_EQ(Total(*query), "5");
}

TEST_F(RecordQueryTest, ListsWhatBothRuleAndFilterLetThrough) {
  auto query = List(Params("n < 5", "n"), "n > 2");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_THAT(Ids(query->items), ElementsAre(ids_[2], ids_[3]));
  EXPECT_EQ(Total(*query), "2");
}

TEST_F(RecordQueryTest, ListsEverythingForASuperuserWhateverTheRule) {
  auto query = List(Params("", "n"), "n > 2", true);
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(Ids(query->items), ids_);
}

TEST_F(RecordQueryTest, DoesNotCountWhenTheTotalIsSkipped) {
  ListParams params;
  params.skip_total = true;
  auto query = List(params);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->total.sql, "");
}

TEST_F(RecordQueryTest, ListsARecordOnceThoughAJoinRepeatsIt) {
  std::string a = Create("authors", R"({"name":"x"})"), b = Create("authors", R"({"name":"x"})");
  ASSERT_TRUE(Do(Updating("posts", ids_[0], R"({"author":[")" + a + "\",\"" + b + "\"]}")).is_record());
  auto query = List(Params("author.name ?= 'x'", ""), "", true);
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_THAT(Ids(query->items), ElementsAre(ids_[0]));
  EXPECT_EQ(Total(*query), "1");
}

TEST_F(RecordQueryTest, TakesAPageBeyondSixtyFourBitsForTheFirst) {
  auto query = List(Params("", "n", std::numeric_limits<std::int64_t>::max(), 1000));
  ASSERT_TRUE(query);
  EXPECT_EQ(Ids(query->items), ids_);
}

TEST_F(RecordQueryTest, RefusesAFilterThatIsTooLong) {
  auto query = List(Params("n = 1 || " + std::string(kMaxFilterBytes, ' '), ""));
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().kind, Error::Kind::kInvalidInput);
}

TEST_F(RecordQueryTest, ChecksAStoredRecordAgainstARule) {
  EXPECT_TRUE(Holds(CheckStored(*schema_, *posts_, ids_[2], "n = 3", Guest())));
  EXPECT_FALSE(Holds(CheckStored(*schema_, *posts_, ids_[2], "n = 4", Guest())));
}

TEST_F(RecordQueryTest, ChecksANewRecordThatNoTableHoldsYet) {
  Record record = NewRecord("posts", R"({"n":9})");
  bool reads_tables = true;
  EXPECT_TRUE(Holds(CheckNew(*schema_, record, "n = 9", Guest(), reads_tables)));
  EXPECT_FALSE(reads_tables);
  EXPECT_FALSE(Holds(CheckNew(*schema_, record, "n = 8", Guest(), reads_tables)));
}

TEST_F(RecordQueryTest, SaysWhenANewRecordsRuleAsksOtherTables) {
  std::string author = Create("authors", R"({"name":"x"})");
  Record record = NewRecord("posts", R"({"author":[")" + author + "\"]}");
  bool reads_tables = false;
  EXPECT_TRUE(Holds(CheckNew(*schema_, record, "author.name = 'x'", Guest(), reads_tables)));
  EXPECT_TRUE(reads_tables);
  EXPECT_FALSE(Holds(CheckNew(*schema_, record, "author.name = 'y'", Guest(), reads_tables)));
}

TEST_F(RecordQueryTest, ANewAuthRecordIsNeverVerifiedForItsRule) {
  Record record = NewRecord("users", R"({"email":"a@b.co","verified":true})");
  bool reads_tables = false;
  EXPECT_FALSE(Holds(CheckNew(*schema_, record, "verified = true", Guest(), reads_tables)));
}

TEST_F(RecordQueryTest, ANewRecordWithoutAnIdHasATemporaryOneForItsRule) {
  bool reads_tables = false;
  EXPECT_TRUE(Holds(CheckNew(*schema_, NewRecord("posts", "{}"), "id != ''", Guest(), reads_tables)));
}

}  // namespace
}  // namespace wombat
