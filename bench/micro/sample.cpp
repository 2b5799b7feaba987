#include "bench/micro/sample.h"

#include <stdio.h>
#include <stdlib.h>

#include <filesystem>

namespace wombat::micro {
namespace {

constexpr std::string_view kMembers = R"({"id":"membersmembers1","name":"members","listRule":"","viewRule":"","fields":[
  {"name":"name","type":"text"},{"name":"team","type":"relation","collectionId":"teamsteamsteam1","maxSelect":1}]})";
constexpr std::string_view kTeams = R"({"id":"teamsteamsteam1","name":"teams","listRule":"","viewRule":"","fields":[
  {"name":"name","type":"text"},{"name":"active","type":"bool"}]})";
constexpr std::string_view kPosts = R"({"id":"postspostspost1","name":"posts","listRule":"","viewRule":"","fields":[
  {"name":"title","type":"text"},{"name":"body","type":"text"},{"name":"views","type":"number"},
  {"name":"published","type":"bool"},{"name":"tags","type":"select","maxSelect":3,"values":["a","b","c"]},
  {"name":"author","type":"relation","collectionId":"membersmembers1","maxSelect":1},
  {"name":"place","type":"geoPoint"},{"name":"created","type":"autodate","onCreate":true},
  {"name":"updated","type":"autodate","onCreate":true,"onUpdate":true}]})";

[[noreturn]] void Die(const std::string& reason) {
  ::fprintf(stderr, "the sample cannot be made: %s\n", reason.c_str());
  ::exit(1);
}

template <class T>
T Must(Result<T> result) {
  if (!result) Die(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Json Parsed(std::string_view text) {
  auto json = ParseJson(text);
  if (!json) Die(json.error().message);
  return std::move(*json);
}

CollectionPtr Make(CollectionType type, std::string_view body) {
  // The scaffold of a new collection has the system fields; a body's list replaces all but those.
  auto collection = std::make_shared<Collection>(NewCollection(type));
  Json json = Parsed(body);
  Json::Array fields;
  for (const auto& field : collection->fields) fields.push_back(field->OptionsJson());
  for (Json& field : json["fields"].as_array()) fields.push_back(std::move(field));
  json["fields"] = Json(std::move(fields));
  Must(ApplyCollectionBody(*collection, json));
  for (const auto& field : collection->fields) {
    if (field->id.empty()) field->id = "field_" + field->name;
  }
  collection->Prepare();
  return collection;
}

}  // namespace

Sample& Sample::Get() {
  static Sample sample;
  return sample;
}

Sample::Sample() {
  schema_ = std::make_shared<Schema>(std::vector<CollectionPtr>{
      Make(CollectionType::kAuth, kMembers), Make(CollectionType::kBase, kTeams), Make(CollectionType::kBase, kPosts)});
  auto member = std::make_shared<Record>(schema_->FindShared("members"));
  member->Set("id", "member000000001");
  member->Set("email", "member@example.com");
  member->Set("team", "team00000000001");
  member_ = std::move(member);
  CreateTable();
}

Sample::~Sample() {
  connection_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Sample::CreateTable() {
  char name[] = "/tmp/wombat_micro_XXXXXX";
  if (!::mkdtemp(name)) Die("no temporary directory");
  directory_ = name;
  connection_ = Must(Connection::Open(directory_ + "/data.db", {.mode = Connection::Mode::kWriter, .create = true}));
  const CollectionPtr collection = posts();
  const Record post = Post();
  std::string columns, marks;
  SqlValues values;
  for (std::size_t i = 0; i < collection->fields.size(); i++) {
    const Field& field = *collection->fields[i];
    columns += (i ? ", `" : "`") + field.name + "` " + field.ColumnDefinition();
    marks += i ? ",?" : "?";
    values.push_back(field.ToColumn(post.value(static_cast<int>(i))));
  }
  Must(connection_->Execute("CREATE TABLE posts (" + columns + ")"));
  Must(connection_->Run("INSERT INTO posts VALUES (" + marks + ")", values));
}

Record Sample::Post() const {
  Record post(posts());
  const Json body = Parsed(Body());
  for (const auto& [key, value] : body.as_object()) post.Set(key, value);
  post.Set("id", "post00000000001");
  for (const char* date : {"created", "updated"}) {
    post.SetRaw(posts()->FieldIndex(date), "2026-01-02 03:04:05.678Z");
  }
  return post;
}

std::string_view Sample::Body() {
  return R"({"title":"River stone cloud lantern harbour","body":"Meadow copper winter signal orchard violet thunder )"
         R"(paper island candle forest silver anchor garden mirror <b>\"quoted\"</b> \u00e4 & more","views":4711,)"
         R"("published":true,"tags":["a","c"],"author":"member000000001","place":{"lon":13.4,"lat":52.5}})";
}

}  // namespace wombat::micro
