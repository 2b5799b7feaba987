// The collections and records of spec 03 §14, in a real database in a temporary directory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/db/sqlite.h"
#include "common/filter/compile.h"
#include "common/records/request_info.h"
#include "common/schema/schema.h"

namespace wombat::filter_test {

class World {
 public:
  World();
  ~World();

  const Schema& schema() const { return *schema_; }
  Connection& connection() { return *connection_; }
  const Collection& collection(std::string_view name) const;
  // The auth record p1, or another of people.
  std::shared_ptr<const Record> Person(std::string_view id);

  struct Answer {
    std::vector<std::string> ids;  // in the order of the rows
    std::string error;             // of compiling or running; empty when there is none
    CompiledQuery query;
  };
  // `SELECT [DISTINCT] id FROM name <joins> WHERE … ORDER BY …`, as the list endpoint does.
  Answer Run(std::string_view name, Compiler& compiler);

  // "a b", sorted; "error: …" when it cannot be compiled or run.
  std::string RuleMatches(std::string_view collection, std::string_view rule, const RequestInfo& request);
  // A client filter of somebody who is no superuser; list rules of the base collection itself are not applied.
  std::string FilterMatches(std::string_view collection, std::string_view filter, const RequestInfo& request);
  // In the order of the rows.
  std::string SortedBy(std::string_view collection, std::string_view sort, bool superuser);

 private:
  void CreateCollections();
  void InsertRecords();
  std::string Describe(Answer answer, bool sorted) const;

  std::string directory_;
  std::unique_ptr<Connection> connection_;
  SchemaPtr schema_;
};

// One world for all tests of the program: they only read.
World& TheWorld();

RequestInfo Guest();

}  // namespace wombat::filter_test
