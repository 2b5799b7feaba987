// Each query of tests/conformance/view_queries, against what the reference answered to it.
#include <fstream>
#include <regex>
#include <sstream>

#include "common/schema/view_dry_run.h"
#include "common/schema/view_sync.h"
#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

Json DataFile(std::string_view name) {
  const auto folder = std::filesystem::path(__FILE__).parent_path() / "../../conformance/view_queries";
  std::ifstream file(folder / name);
  EXPECT_TRUE(file.is_open()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return ParsedJson(text.str());
}

// Without what is drawn at random and what depends on the time.
std::string SameEachTime(Json list, std::initializer_list<std::string_view> dropped) {
  for (Json& object : list.as_array()) {
    for (std::string_view key : dropped) object.Erase(key);
  }
  static const std::regex clone_id("_clone_\\w{4}\"");
  return std::regex_replace(list.Dump(), clone_id, "_clone_\"");
}

class ViewQueriesTest : public CollectionTest {
 protected:
  ViewQueriesTest() {
    const Json world = DataFile("world.json");
    for (const Json& collection : world.Find("collections")->as_array()) {
      const Outcome created = Create(collection.Dump());
      EXPECT_TRUE(created.ok()) << created;
    }
    for (const auto& [name, records] : world.Find("records")->as_object()) {
      for (const Json& record : records.as_array()) Insert(name, record);
    }
  }

  // As the reference stores them: lists and objects as their JSON.
  void Insert(const std::string& table, const Json& record) {
    std::string columns, marks;
    SqlValues values;
    for (const auto& [key, value] : record.as_object()) {
      columns += (columns.empty() ? "`" : ", `") + key + "`";
      marks += marks.empty() ? "?" : ", ?";
      if (value.is_bool()) values.emplace_back(std::int64_t(value.as_bool()));
      else if (value.is_number()) values.emplace_back(value.as_number());
      else if (value.is_string() && key != "data") values.emplace_back(value.as_string());
      else if (value.is_null()) values.emplace_back();
      else values.emplace_back(value.Dump());
    }
    auto inserted = db().Run("INSERT INTO `" + table + "` (" + columns + ") VALUES (" + marks + ")", values);
    ASSERT_TRUE(inserted) << inserted.error().message;
  }

  Result<ViewDryRun> DryRun(const std::string& query) {
    return DryRunView(db(), schema(), InferViewFields(db(), schema(), query));
  }
};

TEST_F(ViewQueriesTest, AreRefusedWithTheReferencesMessages) {
  const Json cases = DataFile("expected.json");
  for (const Json& expected : cases.as_array()) {
    const Json* error = expected.Find("error");
    if (!error) continue;
    const std::string query = expected.StringOr("query");
    const auto run = DryRun(query);
    ASSERT_FALSE(run) << query;
    EXPECT_EQ(run.error().kind, Error::Kind::kInvalidInput) << query;
    // The texts of SQLite differ from version to version.
    if (error->as_string() == "SQLite") continue;
    const std::string message = run.error().message;
    EXPECT_EQ(message.ends_with('.') ? message : message + ".", error->as_string()) << query;
  }
}

TEST_F(ViewQueriesTest, GiveTheReferencesFields) {
  const Json cases = DataFile("expected.json");
  for (const Json& expected : cases.as_array()) {
    if (!expected.Find("fields")) continue;
    const std::string query = expected.StringOr("query");
    const auto run = DryRun(query);
    ASSERT_TRUE(run) << query << ": " << run.error().message;
    EXPECT_EQ(SameEachTime(ParsedJson(StoredFields(run->collection)), {}), SameEachTime(*expected.Find("fields"), {}))
        << query;
  }
}

TEST_F(ViewQueriesTest, GiveTheReferencesSample) {
  const Json cases = DataFile("expected.json");
  for (const Json& expected : cases.as_array()) {
    if (!expected.Find("sample")) continue;
    const std::string query = expected.StringOr("query");
    const auto run = DryRun(query);
    ASSERT_TRUE(run) << query << ": " << run.error().message;
    const Json sample = ParsedJson("[" + run->sample + "]");
    EXPECT_EQ(SameEachTime(sample, {"collectionId", "collectionName", "made"}), SameEachTime(*expected.Find("sample"), {}))
        << query;
  }
}

TEST_F(ViewQueriesTest, CanBeTriedOutOnAReaderThatMayNotWrite) {
  const std::string path = Row("SELECT file FROM pragma_database_list WHERE name = 'main'");
  auto reader = Connection::Open(path, {.mode = Connection::Mode::kReader});
  ASSERT_TRUE(reader);
  const auto inferred = InferViewFields(**reader, schema(), "select cast(votes as text) as id, title from posts");
  EXPECT_FALSE(inferred.problem) << *inferred.problem;
  EXPECT_EQ(inferred.select, "select cast(votes as text) as id, title from posts");
  EXPECT_FALSE((*reader)->Run("DELETE FROM posts"));
  EXPECT_EQ(std::get<std::int64_t>((*reader)->QueryValue("SELECT count(*) FROM temp.sqlite_master").value()), 0);
}

TEST_F(ViewQueriesTest, CannotEndTheStatementThatTheyArePutInto) {
  for (const char* query : {"select 1 as id); drop table posts; select * from (select 2 as id",
                            "select '\\' as id); drop table posts; select * from (select '\\' as id",
                            "select cast(1 as text) as id) limit 0; drop table posts; -- "}) {
    EXPECT_FALSE(DryRun(query)) << query;
    EXPECT_EQ(Row("SELECT count(*) FROM posts"), "3") << query;
  }
}

TEST_F(ViewQueriesTest, EndAtTheTimeLimit) {
  db().SetTimeLimit(std::chrono::milliseconds(20));
  const auto run = DryRun("with recursive n(i) as (select 1 union all select i + 1 from n) select (max(i)) as id from n");
  db().SetTimeLimit({});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, Error::Kind::kInterrupted);
}

class ViewCollectionTest : public ViewQueriesTest {
 protected:
  Outcome CreateView(std::string_view name, std::string_view query) {
    return Create(Json::Object({{"name", name}, {"type", "view"}, {"viewQuery", query}}).Dump());
  }
  std::string ViewSql(const std::string& name) {
    return Row("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = '" + name + "'");
  }
  std::vector<std::string> Changed(std::string_view except = {}) {
    auto changed = ChangedViews(db(), schema(), except);
    EXPECT_TRUE(changed) << changed.error().message;
    std::vector<std::string> names;
    if (changed) {
      for (const Collection& view : *changed) names.push_back(view.name);
    }
    return names;
  }
};

TEST_F(ViewCollectionTest, KeepsTheQueryAsSubmittedAndTheSqlViewTrimmed) {
  ASSERT_TRUE(CreateView("v", "  select id, title from posts; ").ok());
  EXPECT_EQ(ViewSql("v"), "CREATE VIEW `v` AS SELECT * FROM (select id, title from posts)");
  EXPECT_EQ(Row("SELECT options FROM _collections WHERE name = 'v'"),
            R"({"viewQuery":"  select id, title from posts; "})");
}

TEST_F(ViewCollectionTest, CastsAnIdThatIsNotDeclaredText) {
  ASSERT_TRUE(CreateView("v", "select (row_number() over ()) as id, title t, (votes+1) as [n] from posts").ok());
  EXPECT_EQ(ViewSql("v"),
            "CREATE VIEW `v` AS SELECT * FROM (SELECT CAST(`id` as TEXT) `id`,`t`,`n` FROM (select (row_number() over ()) "
            "as id, title t, (votes+1) as [n] from posts))");
}

TEST_F(ViewCollectionTest, DoesNotCastATextId) {
  ASSERT_TRUE(CreateView("v", "select cast(rank as text) as id from tags").ok());
  EXPECT_EQ(ViewSql("v"), "CREATE VIEW `v` AS SELECT * FROM (select cast(rank as text) as id from tags)");
}

TEST_F(ViewCollectionTest, ReportsTheFieldsBesideABrokenQuery) {
  Outcome outcome = CreateView("v", "select title from posts");
  EXPECT_EQ(outcome.Code("fields"), "validation_missing_primary_key");
  EXPECT_EQ(outcome.Code("viewQuery"), "validation_invalid_view_query");
  outcome = CreateView("v", "select id from nothing");
  EXPECT_EQ(outcome.Code("fields"), "validation_required");
  EXPECT_EQ(outcome.Code("viewQuery"), "validation_invalid_view_query");
  outcome = CreateView("v", "");
  EXPECT_EQ(outcome.Code("viewQuery"), "validation_required");
}

TEST_F(ViewCollectionTest, FollowsARenameAndANewQuery) {
  ASSERT_TRUE(CreateView("v", "select id, title from posts").ok());
  ASSERT_TRUE(Update("v", R"({"name":"w","viewQuery":"select id, votes from posts"})").ok());
  EXPECT_EQ(Rows("SELECT name FROM sqlite_master WHERE type = 'view'"), std::vector<std::string>{"w"});
  EXPECT_TRUE(schema().Find("w")->FindField("votes"));
}

TEST_F(ViewCollectionTest, CannotReadItself) {
  ASSERT_TRUE(CreateView("v", "select id, title from posts").ok());
  EXPECT_FALSE(Update("v", R"({"viewQuery":"select id, title from v"})").ok());
  EXPECT_EQ(ViewSql("v"), "CREATE VIEW `v` AS SELECT * FROM (select id, title from posts)");
}

TEST_F(ViewCollectionTest, HasChangedWhenAFieldOfItsSourceDid) {
  ASSERT_TRUE(CreateView("v", "select id, title from posts").ok());
  ASSERT_TRUE(CreateView("w", "select id, votes from posts").ok());
  EXPECT_TRUE(Changed().empty());
  Json fields = ParsedJson(StoredFields(*schema().Find("posts")));
  for (Json& field : fields.as_array()) {
    if (field.StringOr("name") == "title") field["max"] = 77;
  }
  ASSERT_TRUE(Update("posts", Json::Object({{"fields", fields}}).Dump()).ok());
  EXPECT_EQ(Changed(), std::vector<std::string>{"v"});
  EXPECT_TRUE(Changed(schema().Find("v")->id).empty());
}

TEST_F(ViewCollectionTest, IsBrokenWhenItsSourceHasAnotherName) {
  ASSERT_TRUE(CreateView("v", "select id, title from posts").ok());
  ASSERT_TRUE(Update("posts", R"({"name":"articles"})").ok());
  EXPECT_FALSE(ChangedViews(db(), schema(), {}));
  EXPECT_EQ(Row("SELECT count(*) FROM v"), "3");
}

}  // namespace
}  // namespace wombat
