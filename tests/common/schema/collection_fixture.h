// A data directory with the initial collections, and the steps by which the writer changes them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/base/json.h"
#include "common/db/sqlite.h"
#include "common/schema/change.h"
#include "common/schema/collection.h"
#include "common/schema/schema.h"
#include "common/schema/system_collections.h"

namespace wombat {

inline Json ParsedJson(std::string_view text) {
  auto parsed = ParseJson(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed ? *std::move(parsed) : Json();
}

// How a change ended: the field errors (empty when there are none), or the text of another error.
struct Outcome {
  Json errors = Json::Object();
  std::string raw;

  bool ok() const { return raw.empty() && errors.as_object().empty(); }
  // The code at a dotted path, "" when nothing is there.
  std::string Code(std::string_view path) const {
    const Json* place = &errors;
    while (place && !path.empty()) {
      const std::size_t dot = path.find('.');
      place = place->Find(path.substr(0, dot));
      path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return place ? place->StringOr("code") : "";
  }
};

inline std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << outcome.errors.Dump() << " " << outcome.raw;
}

class CollectionTest : public testing::Test {
 protected:
  CollectionTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "wombat_collection_XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    Connection::Options options;
    options.mode = Connection::Mode::kWriter;
    options.create = true;
    connection_ = Connection::Open(directory_ + "/data.db", options).value();
    EXPECT_TRUE(connection_->Execute(kCollectionsTable).has_value());
    for (const Collection& collection : FreshCollections()) {
      auto saved = SaveCollection(*connection_, collection, nullptr);
      EXPECT_TRUE(saved.has_value()) << collection.name << ": " << (saved ? "" : saved.error().raw);
    }
    Reload();
  }
  ~CollectionTest() override {
    schema_.reset();
    connection_.reset();
    std::filesystem::remove_all(directory_);
  }

  Connection& db() { return *connection_; }
  const Schema& schema() const { return *schema_; }
  void Reload() { schema_ = LoadSchema(*connection_, 1).value(); }

  Outcome Create(std::string_view body_text) {
    const Json body = ParsedJson(body_text);
    const std::string type = body.StringOr("type", "base");
    Collection collection = NewCollection(type == "auth"   ? CollectionType::kAuth
                                          : type == "view" ? CollectionType::kView
                                                           : CollectionType::kBase);
    return Change(std::move(collection), nullptr, body);
  }

  Outcome Update(std::string_view name, std::string_view body_text) {
    const Collection* stored = schema().Find(name);
    EXPECT_NE(stored, nullptr) << name;
    if (!stored) return {Json::Object(), "no such collection"};
    return Change(Collection(*stored), stored, ParsedJson(body_text));
  }

  // Every row as one text, its cells joined with "|"; NULL reads as "NULL".
  std::vector<std::string> Rows(const std::string& sql) {
    std::vector<std::string> rows;
    auto select = connection_->Prepare(sql);
    EXPECT_TRUE(select.has_value()) << sql << ": " << (select ? "" : select.error().message);
    if (!select) return rows;
    while (select->Step().value_or(false)) {
      std::string row;
      for (int i = 0; i < select->columns(); ++i) {
        if (i > 0) row += '|';
        row += select->cell(i).is_null() ? "NULL" : std::string(select->cell(i).text());
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }
  std::string Row(const std::string& sql) {
    const auto rows = Rows(sql);
    EXPECT_EQ(rows.size(), 1U) << sql;
    return rows.empty() ? "" : rows.front();
  }
  void Run(const std::string& sql) {
    auto run = connection_->Execute(sql);
    ASSERT_TRUE(run.has_value()) << sql << ": " << run.error().message;
  }
  std::string TableSql(const std::string& name) {
    return Row("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '" + name + "'");
  }

 private:
  static constexpr const char* kCollectionsTable =
      "CREATE TABLE `_collections` (`id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, "
      "`system` BOOLEAN DEFAULT FALSE NOT NULL, `type` TEXT DEFAULT \"base\" NOT NULL, `name` TEXT UNIQUE NOT NULL, "
      "`fields` JSON DEFAULT \"[]\" NOT NULL, `indexes` JSON DEFAULT \"[]\" NOT NULL, `listRule` TEXT DEFAULT NULL, "
      "`viewRule` TEXT DEFAULT NULL, `createRule` TEXT DEFAULT NULL, `updateRule` TEXT DEFAULT NULL, "
      "`deleteRule` TEXT DEFAULT NULL, `options` JSON DEFAULT \"{}\" NOT NULL, "
      "`created` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL, "
      "`updated` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL)";

  Outcome Change(Collection collection, const Collection* stored, const Json& body) {
    if (auto applied = ApplyCollectionBody(collection, body); !applied)
      return {Json::Object(), applied.error().message};
    NormalizeCollection(collection, stored, schema());
    auto errors = ValidateCollection(*connection_, collection, stored, schema());
    if (!errors) return {Json::Object(), errors.error().message};
    if (!errors->as_object().empty()) return {*std::move(errors), {}};
    Run("SAVEPOINT change");
    auto saved = SaveCollection(*connection_, collection, stored);
    Run(saved ? "RELEASE change" : "ROLLBACK TO change; RELEASE change");
    if (!saved) return {saved.error().data, saved.error().raw};
    Reload();
    return {};
  }

  std::string directory_;
  std::unique_ptr<Connection> connection_;
  SchemaPtr schema_;
};

}  // namespace wombat
