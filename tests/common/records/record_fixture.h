// A data directory with two collections to keep records in: `posts` with a field of every kind, and the auth `users`.
#pragma once

#include <string>
#include <string_view>

#include "common/base/text.h"
#include "common/records/record.h"
#include "common/records/row_json.h"
#include "common/records/validate.h"
#include "tests/common/schema/collection_fixture.h"

namespace wombat {

class RecordTest : public CollectionTest {
 protected:
  RecordTest() {
    const Outcome created =
        Create(R"json({"name":"posts","indexes":["CREATE UNIQUE INDEX i ON posts (title, total)"],"fields":[
        {"name":"title","type":"text","max":20},
        {"name":"secret","type":"text","hidden":true},
        {"name":"total","type":"number"},
        {"name":"active","type":"bool"},
        {"name":"tags","type":"select","values":["a","b","c"],"maxSelect":3},
        {"name":"kind","type":"select","values":["x","y"],"maxSelect":1},
        {"name":"author","type":"relation","collectionId":"_pb_users_auth_","maxSelect":1},
        {"name":"editors","type":"relation","collectionId":"_pb_users_auth_","maxSelect":5},
        {"name":"data","type":"json"},
        {"name":"place","type":"geoPoint"},
        {"name":"pin","type":"password","cost":4,"min":4},
        {"name":"created","type":"autodate","onCreate":true},
        {"name":"updated","type":"autodate","onCreate":true,"onUpdate":true}]})json");
    EXPECT_TRUE(created.ok()) << created;
  }

  CollectionPtr Shared(std::string_view name) { return schema().FindShared(name); }

  // A new record with these values set, as after loading a body.
  Record NewRecord(std::string_view collection, std::string_view values) {
    Record record(Shared(collection));
    const Json parsed = ParsedJson(values);
    for (const auto& [name, value] : parsed.as_object()) record.Set(name, value);
    return record;
  }

  void Insert(const Record& record) {
    std::string columns, marks;
    SqlValues values;
    for (int i = 0; i < int(record.collection().fields.size()); ++i) {
      const Field& field = *record.collection().fields[std::size_t(i)];
      columns += (i ? ", " : "") + QuoteName(field.name);
      marks += i ? ", ?" : "?";
      values.push_back(field.ToColumn(record.value(i)));
    }
    const auto done = db().Run(
        "INSERT INTO " + QuoteName(record.collection().name) + " (" + columns + ") VALUES (" + marks + ")", values);
    ASSERT_TRUE(done) << done.error().message;
  }
  void Insert(std::string_view collection, std::string_view values) {
    Record record = NewRecord(collection, values);
    AutogenerateValues(record);
    Insert(record);
  }

  Statement Select(std::string_view collection, std::string_view id) {
    const CollectionPtr stored = Shared(collection);
    auto row = db().Prepare("SELECT " + stored->select_columns + " FROM " + QuoteName(stored->name) + " WHERE id = ?");
    EXPECT_TRUE(row);
    row->Bind(1, SqlValue(std::string(id)));
    EXPECT_TRUE(row->Step().value_or(false)) << id;
    return std::move(*row);
  }
  Record Stored(std::string_view collection, std::string_view id) {
    return Record::FromRow(Shared(collection), Select(collection, id));
  }

  std::string Errors(Record& record, ValidationScope scope = ValidationScope::kEverything) {
    const auto errors =
        ValidateRecord(record, schema(), scope == ValidationScope::kWithoutDatabase ? nullptr : &db(), scope);
    if (!errors) return "error: " + errors.error().message;
    std::string text;
    for (const auto& [key, error] : errors->as_object()) text += key + ":" + error.StringOr("code") + " ";
    return text;
  }
};

}  // namespace wombat
