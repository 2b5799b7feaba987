// What the tests of field types share: a field from its options, cells from SQL, and a context for validation.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/records/record.h"
#include "common/schema/collection.h"
#include "common/schema/field.h"
#include "common/schema/schema.h"

namespace wombat::test {

inline Json Parsed(std::string_view text) {
  auto parsed = ParseJson(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed ? *parsed : Json();
}

// A field named "f" unless `options` say otherwise.
inline std::unique_ptr<Field> FieldOf(std::string_view type, std::string_view options = "{}") {
  std::unique_ptr<Field> field = MakeField(type);
  field->name = "f";
  field->id = "fid";
  const auto loaded = field->LoadOptions(Parsed(options));
  EXPECT_TRUE(loaded.has_value()) << options;
  return field;
}

// Cells with the storage class and affinity that a table gives them.
class Cells {
 public:
  Cells() { sqlite3_open(":memory:", &handle_); }
  ~Cells() {
    sqlite3_finalize(statement_);
    sqlite3_close(handle_);
  }
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;

  // The value of `expression` as it reads; valid until the next call.
  Cell Of(const std::string& expression) { return Select("SELECT " + expression); }

  // The same after it was stored in a column of this definition.
  Cell Stored(const std::string& definition, const std::string& expression) {
    sqlite3_finalize(std::exchange(statement_, nullptr));
    const std::string script =
        "DROP TABLE IF EXISTS t; CREATE TABLE t (f " + definition + "); INSERT INTO t VALUES (" + expression + ")";
    EXPECT_EQ(sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << script;
    return Select("SELECT f FROM t");
  }

  // The same after binding what the field itself writes.
  Cell Written(const Field& field, const Json& value) {
    sqlite3_finalize(std::exchange(statement_, nullptr));
    const std::string script = "DROP TABLE IF EXISTS t; CREATE TABLE t (f " + field.ColumnDefinition() + ")";
    EXPECT_EQ(sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << script;
    sqlite3_prepare_v2(handle_, "INSERT INTO t VALUES (?)", -1, &statement_, nullptr);
    const SqlValue column = field.ToColumn(value);
    if (const auto* text = std::get_if<std::string>(&column)) {
      sqlite3_bind_text(statement_, 1, text->data(), int(text->size()), SQLITE_TRANSIENT);
    } else if (const auto* real = std::get_if<double>(&column)) {
      sqlite3_bind_double(statement_, 1, *real);
    } else if (const auto* integer = std::get_if<std::int64_t>(&column)) {
      sqlite3_bind_int64(statement_, 1, *integer);
    }
    EXPECT_EQ(sqlite3_step(statement_), SQLITE_DONE);
    return Select("SELECT f FROM t");
  }

 private:
  Cell Select(const std::string& sql) {
    sqlite3_finalize(std::exchange(statement_, nullptr));
    EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement_, nullptr), SQLITE_OK) << sql;
    EXPECT_EQ(sqlite3_step(statement_), SQLITE_ROW) << sql;
    return {statement_, 0};
  }

  sqlite3* handle_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

inline std::string Printed(const Field& field, const Json& value) {
  std::string out;
  field.AppendJson(out, value);
  return out;
}

inline std::string PrintedCell(const Field& field, const Cell& cell) {
  std::string out;
  EXPECT_TRUE(field.AppendCellJson(out, cell));
  return out;
}

// A collection that holds `field` behind the default id field.
inline Collection CollectionWith(const Field& field, std::string id = "c1", std::string name = "things") {
  Collection collection;
  collection.id = std::move(id);
  collection.name = std::move(name);
  if (field.name != "id") {
    auto key = FieldOf("text", R"({"name":"id","id":"key","primaryKey":true,"required":true,"pattern":"^[a-z0-9]+$"})");
    collection.fields.push_back(std::move(key));
  }
  collection.fields.push_back(field.Clone());
  collection.Prepare();
  return collection;
}

// One record with one field under validation; the ids that exist are told by the test.
class FieldContext : public ValidationContext {
 public:
  explicit FieldContext(const Field& field, std::vector<CollectionPtr> others = {})
      : collection_(std::make_shared<const Collection>(CollectionWith(field))), record_(collection_) {
    others.push_back(collection_);
    schema_ = std::make_unique<const Schema>(std::move(others));
  }

  const Schema& schema() const override { return *schema_; }
  const Record& record() const override { return record_; }
  Record& editable() { return record_; }
  int field_index() const { return int(collection_->fields.size()) - 1; }
  Result<std::size_t> CountExisting(const Collection&, const std::vector<std::string>& ids) override {
    std::size_t count = 0;
    for (const std::string& id : ids) count += existing.contains(id) ? 1 : 0;
    return count;
  }
  Result<bool> IdExistsIgnoringCase(std::string_view id) override { return existing.contains(AsciiLower(id)); }

  std::set<std::string> existing;

 private:
  CollectionPtr collection_;
  std::unique_ptr<const Schema> schema_;
  Record record_;
};

// The error as the API shows it, "" for a valid value.
inline std::string WireError(const std::optional<FieldError>& error) {
  if (!error) return {};
  Json data = Json::Object();
  AddFieldError(data, "f", *error);
  return data.Find("f")->Dump();
}

// What a submitted value is answered with.
inline std::string Refusal(const Field& field, const Json& submitted) {
  FieldContext context(field);
  const auto error = field.Validate(field.Cast(submitted), context);
  EXPECT_TRUE(error.has_value());
  return error ? WireError(*error) : "query failed";
}

inline std::string RefusalCode(const Field& field, const Json& submitted) {
  const std::string error = Refusal(field, submitted);
  return error.empty() ? error : Parsed(error).StringOr("code");
}

// The errors of a field's own options.
inline Json SettingsErrors(const Field& field, const Collection* stored = nullptr,
                           std::vector<CollectionPtr> others = {}) {
  const Collection collection = CollectionWith(field);
  const Schema schema(std::move(others));
  Json errors = Json::Object();
  field.ValidateSettings({schema, collection, stored}, "f", errors);
  const Json* own = errors.Find("f");
  return own ? *own : Json::Object();
}

}  // namespace wombat::test
