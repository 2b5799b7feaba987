// A connection on which rules can be asked about rows as they were.                              Behaviour: spec 05
// §1.4.
//
// Its temporary tables hold what committed data no longer has: the changed row itself, in a table of its own shape that
// a rule is compiled against, and, under the names of the collections, the rows that a transaction deleted. Belongs to
// whoever runs the evaluation: the loop, or one pool thread while the loop waits for it.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/db/sqlite.h"
#include "common/records/record.h"

namespace wombat {

// A row of a collection as it was before a transaction. `record` null: it did not exist.
struct RowBefore {
  CollectionPtr collection;
  std::string id;
  std::shared_ptr<const Record> record;
};

class EventTables {
 public:
  explicit EventTables(std::string data_path) : data_path_(std::move(data_path)) {}

  Result<Connection*> Open();

  // The table that holds the row put by PutRow.
  static std::string TableOf(const Collection& collection);
  Result<void> PutRow(const Record& record, std::uint64_t schema_generation);

  // From now on the collections show these rows as they were. Replaces what was shown before; nothing: the committed
  // data.
  Result<void> Show(const std::vector<RowBefore>& rows);

 private:
  Result<void> ShowCollection(const Collection& collection, const std::vector<RowBefore>& rows);
  Result<void> MakeTable(const std::string& table, const Collection& collection);
  Result<void> Insert(const std::string& table, const Record& record);

  std::string data_path_;
  std::unique_ptr<Connection> connection_;
  std::uint64_t generation_ = 0;
  std::set<std::string> row_tables_;
  std::vector<std::string> shown_;  // collections that are covered at the moment
};

}  // namespace wombat
