// Turns rules, filters and sorts into parts of one SQL query with bound values.             Behaviour: spec 03.
//
// Pure: reads the schema snapshot and request that it is given, touches no database. Safe on any thread, one Compiler per
// query. The SQL depends only on the expressions' shape and on which request values are blank, never on a client's
// values themselves, so statements can be cached by it. Parsed expressions are cached by their text, in each thread.
//
// Usage (a list request):
//   Compiler compiler(schema, collection, &request);
//   compiler.AddRule(*collection.list_rule); compiler.AddFilter(filter, superuser); compiler.AddSort(sort, superuser);
//   CompiledQuery parts = compiler.Finish();
// One compiler is one resolver: paths that rule, filter and sort share are joined once (03 §5.12).
//
// Errors: Error(kInvalidInput) with the reference's raw text (03 §1.4, §5, §12); shown to nobody but rule validation.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/db/value.h"
#include "common/records/request_info.h"
#include "common/schema/schema.h"

namespace wombat {

inline constexpr std::size_t kMaxFilterBytes = 3500;         // client filters of list endpoints only
inline constexpr int kMaxFilterExpressions = 200;
inline constexpr int kMaxSortFields = 8;
inline constexpr std::size_t kMaxSortFieldBytes = 255;
inline constexpr int kMaxRelationHops = 6;

struct CompiledQuery {
  std::string joins;                 // " LEFT JOIN …" texts, "" for none; in the order in which they must appear
  SqlValues join_values;             // for each "?" of joins
  std::string where;                 // "" when there is nothing to check
  SqlValues where_values;
  std::string order_by;              // without the keyword; "" for none
  SqlValues order_values;
  bool distinct = false;             // a join can repeat a base row: the caller must select DISTINCT
  bool reads_tables = false;         // a collection's table is read beside the base row and the values
  bool repeatable = false;           // which rows it lets through depends on the database and the values alone
};

class Compiler {
 public:
  // `request` null: every @request.* is NULL (internal queries). `base` is the table alias the SQL refers to; it differs
  // from the collection's name only for the create rule's CTE. The references must outlive the compiler.
  Compiler(const Schema& schema, const Collection& collection, const RequestInfo* request, std::string base = {});
  ~Compiler();
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  // For the create rule (03 §9.1): the base is a renamed clone of the collection, so back relations on it fail to build.
  void TreatBaseAsClone();

  Result<void> AddRule(std::string_view expression);                                    // hidden fields allowed
  Result<void> AddFilter(std::string_view expression, bool allow_hidden_fields);        // client filter; not its length limit
  Result<void> AddSort(std::string_view sort, bool allow_hidden_fields);
  // Adds the injected list rules (03 §8). The compiler is spent afterwards.
  Result<CompiledQuery> Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Builds `rule` with an empty request against `collection`, as saving a collection does (03 §9). Raw error text.
Result<void> CheckRule(const Schema& schema, const Collection& collection, std::string_view rule);

// The whitelist resolver of /api/collections and /api/logs (03 §13): plain columns, and JSON paths below `json_column`.
struct SimpleColumns {
  std::vector<std::string_view> columns;
  std::string_view json_column;      // "" for none
};
Result<CompiledQuery> CompileSimple(const SimpleColumns& columns, std::string_view filter, std::string_view sort);

}  // namespace wombat
