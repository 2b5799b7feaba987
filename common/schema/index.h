// CREATE INDEX texts: parsed, compared and rebuilt.                                      Behaviour: spec 02 §6.1, 06 §13.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wombat {

struct IndexColumn {
  std::string expression;      // a name, or anything with "(" or a blank
  std::string collate;
  std::string sort;            // "", "ASC" or "DESC"
  bool operator==(const IndexColumn&) const = default;
};

struct IndexDefinition {
  bool unique = false;
  bool if_not_exists = false;
  std::string schema, name, table, where;
  std::vector<IndexColumn> columns;

  bool IsValid() const { return !name.empty() && !table.empty() && !columns.empty(); }
  std::string Build() const;                   // the canonical text
};

// An unparsable text gives a definition that is not valid.
IndexDefinition ParseIndex(std::string_view sql);

}  // namespace wombat
