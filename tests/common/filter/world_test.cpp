#include "tests/common/filter/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace wombat::filter_test {
namespace {

constexpr std::string_view kId =
    R"({"id":"f_id","name":"id","type":"text","primaryKey":true,"required":true,"system":true,"min":1,"max":15,)"
    R"("pattern":"^[a-z0-9]+$"})";

std::string FieldOf(std::string_view name, std::string_view type, std::string_view more = {}) {
  std::string out = R"({"id":"f_)";
  out.append(name).append(R"(","name":")").append(name).append(R"(","type":")").append(type).append("\"");
  if (!more.empty()) out.append(",").append(more);
  return out + "}";
}

std::string RelationOf(std::string_view name, std::string_view target, bool many = false) {
  return FieldOf(name, "relation",
                 R"("collectionId":"c_)" + std::string(target) + R"(","maxSelect":)" + (many ? "9" : "1"));
}

std::string Fields(std::initializer_list<std::string> fields) {
  std::string out = "[" + std::string(kId);
  for (const std::string& field : fields) out += "," + field;
  return out + "]";
}

struct Definition {
  std::string name, type;
  Rule list_rule;
  std::string fields;
  std::string indexes = "[]";
};

std::vector<Definition> Definitions() {
  const std::string people = Fields({
      FieldOf("password", "password", R"("hidden":true,"system":true)"),
      FieldOf("tokenKey", "text", R"("hidden":true,"system":true)"),
      FieldOf("email", "email", R"("system":true)"),
      FieldOf("emailVisibility", "bool", R"("system":true)"),
      FieldOf("verified", "bool", R"("system":true)"),
      FieldOf("name", "text"),
      FieldOf("role", "text"),
      FieldOf("secret", "text", R"("hidden":true)"),
      RelationOf("boss", "people"),
  });
  const std::string posts = Fields({
      FieldOf("title", "text"),
      FieldOf("total", "number"),
      FieldOf("active", "bool"),
      FieldOf("published", "date"),
      FieldOf("kind", "select", R"("values":["news","blog"],"maxSelect":1)"),
      FieldOf("tags", "select", R"("values":["x","y","z"],"maxSelect":3)"),
      FieldOf("docs", "file", R"("maxSelect":5)"),
      FieldOf("meta", "json"),
      FieldOf("spot", "geoPoint"),
      RelationOf("author", "people"),
      RelationOf("editors", "people", true),
      RelationOf("parent", "posts"),
  });
  return {
      {"people", "auth", "verified = true", people},
      {"posts", "base", "", posts},
      {"notes", "base", "", Fields({RelationOf("post", "posts"), FieldOf("body", "text")})},
      {"stats", "base", "", Fields({RelationOf("post", "posts"), FieldOf("views", "number")}),
       R"x(["CREATE UNIQUE INDEX `idx_stats_post` ON `stats` (`post`)"])x"},
      {"packs", "base", "", Fields({RelationOf("items", "posts", true), FieldOf("label", "text")})},
      {"vault", "base", std::nullopt, Fields({RelationOf("post", "posts"), FieldOf("code", "text")})},
      {"empties", "base", "", Fields({FieldOf("label", "text"), RelationOf("post", "posts")})},
      {"guarded", "base", "post.author.name = 'Ann' // Ann's only", Fields({RelationOf("post", "posts")})},
  };
}

constexpr const char* kRecords = R"sql(
  INSERT INTO people (id,name,email,emailVisibility,verified,role,secret,boss) VALUES
    ('p1','Ann','ann@x.io',1,1,'lead','s1',''), ('p2','Bob','bob@x.io',0,0,'','s2','p1'),
    ('p3','ANN','an3@x.io',1,1,'','s3','p2');
  INSERT INTO posts (id,title,total,active,published,kind,tags,docs,meta,spot,author,editors,parent) VALUES
    ('a','Red fox',10,1,'2026-03-10 08:00:00.000Z','news','["x","y"]','["f1.png","f2.txt"]',
     '{"n":1,"s":"1","f":true,"z":null,"arr":[5,{"k":"v"}]}','{"lon":23.32,"lat":42.69}','p1','["p1","p3"]',''),
    ('b','50% off',0,0,'2026-02-01 10:00:00.000Z','','["x"]','[]','null','{"lon":0,"lat":0}','p2','["p1","p2"]','a'),
    ('c','snake_case',2.5,1,'','blog','[]','["g.pdf"]',NULL,'{"lon":-73.9,"lat":40.7}','','[]','a'),
    ('d','',-3,0,'2025-12-31 23:59:59.999Z','','["y","z"]','[]','""','{"lon":0,"lat":0}','gone','["p1","gone"]','b');
  INSERT INTO notes (id,post,body) VALUES ('n1','a','ok'), ('n2','a','bad'), ('n3','b','ok');
  INSERT INTO stats (id,post,views) VALUES ('s1','a',100), ('s2','b',5);
  INSERT INTO packs (id,items,label) VALUES ('k1','["a","b"]','gold'), ('k2','["b"]','tin');
  INSERT INTO vault (id,post,code) VALUES ('v1','a','x');
  INSERT INTO guarded (id,post) VALUES ('g1','a'), ('g2','b');
)sql";

std::string Joined(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "" : " ") + id;
  return out;
}

}  // namespace

World::World() {
  std::string pattern = (std::filesystem::temp_directory_path() / "filter_test_XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
  connection_ = std::move(
      *Connection::Open(directory_ + "/data.db", {.mode = Connection::Mode::kWriter, .create = true, .sync = false}));
  CreateCollections();
  InsertRecords();
}

World::~World() {
  connection_.reset();
  std::filesystem::remove_all(directory_);
}

void World::CreateCollections() {
  std::vector<CollectionPtr> collections;
  for (const Definition& definition : Definitions()) {
    auto collection = CollectionFromStored("c_" + definition.name, false, definition.type, definition.name,
                                           definition.fields, definition.indexes, "{}");
    if (!collection) ADD_FAILURE() << definition.name << ": " << collection.error().message;
    collection->list_rule = definition.list_rule;
    std::string table;
    for (const auto& field : collection->fields) {
      table += (table.empty() ? "" : ", ") + ("`" + field->name + "` ") + std::string(field->ColumnDefinition());
    }
    const auto created = connection_->Execute("CREATE TABLE `" + definition.name + "` (" + table + ")");
    if (!created) ADD_FAILURE() << created.error().message;
    collections.push_back(std::make_shared<const Collection>(std::move(*collection)));
  }
  schema_ = std::make_shared<const Schema>(std::move(collections));
}

void World::InsertRecords() {
  const auto inserted = connection_->Execute(kRecords);
  if (!inserted) ADD_FAILURE() << inserted.error().message;
}

const Collection& World::collection(std::string_view name) const { return *schema_->Find(name); }

std::shared_ptr<const Record> World::Person(std::string_view id) {
  const CollectionPtr people = schema_->FindShared("people");
  auto row = connection_->Prepare("SELECT " + people->select_columns + " FROM people WHERE id = ?");
  row->BindView(1, id);
  if (!*row->Step()) return nullptr;
  return std::make_shared<const Record>(Record::FromRow(people, *row));
}

World::Answer World::Run(std::string_view name, Compiler& compiler) {
  Answer answer;
  auto query = compiler.Finish();
  if (!query) return {.ids = {}, .error = query.error().message, .query = {}};
  answer.query = std::move(*query);
  const CompiledQuery& parts = answer.query;
  const std::string table(name);
  std::string sql =
      std::string("SELECT ") + (parts.distinct ? "DISTINCT " : "") + table + ".* FROM " + table + parts.joins;
  if (!parts.where.empty()) sql += " WHERE " + parts.where;
  if (!parts.order_by.empty()) sql += " ORDER BY " + parts.order_by;
  auto statement = connection_->Prepare(sql);
  if (!statement) {
    answer.error = statement.error().message + " in " + sql;
    return answer;
  }
  int next = statement->BindAll(parts.join_values);
  next = statement->BindAll(parts.where_values, next);
  statement->BindAll(parts.order_values, next);
  for (;;) {
    auto row = statement->Step();
    if (!row) answer.error = row.error().message + " in " + sql;
    if (!row || !*row) return answer;
    answer.ids.emplace_back(statement->cell(0).text());
  }
}

std::string World::Describe(Answer answer, bool sorted) const {
  if (!answer.error.empty()) return "error: " + answer.error;
  if (sorted) std::ranges::sort(answer.ids);
  return Joined(answer.ids);
}

std::string World::RuleMatches(std::string_view collection_name, std::string_view rule, const RequestInfo& request) {
  Compiler compiler(*schema_, collection(collection_name), &request);
  if (auto added = compiler.AddRule(rule); !added) return "error: " + added.error().message;
  return Describe(Run(collection_name, compiler), true);
}

std::string World::FilterMatches(std::string_view collection_name, std::string_view filter,
                                 const RequestInfo& request) {
  Compiler compiler(*schema_, collection(collection_name), &request);
  if (auto added = compiler.AddFilter(filter, false); !added) return "error: " + added.error().message;
  return Describe(Run(collection_name, compiler), true);
}

std::string World::SortedBy(std::string_view collection_name, std::string_view sort, bool superuser) {
  const RequestInfo request = Guest();
  Compiler compiler(*schema_, collection(collection_name), &request);
  if (auto added = compiler.AddSort(sort, superuser); !added) return "error: " + added.error().message;
  return Describe(Run(collection_name, compiler), false);
}

World& TheWorld() {
  static World world;
  return world;
}

RequestInfo Guest() {
  RequestInfo request;
  request.method = "GET";
  return request;
}

TEST(World, HoldsTheRecordsOfTheTable) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", "", Guest()), "a b c d");
  EXPECT_EQ(TheWorld().RuleMatches("people", "verified = true", Guest()), "p1 p3");
  EXPECT_EQ(TheWorld().Person("p1")->Text("email"), "ann@x.io");
}

}  // namespace wombat::filter_test
