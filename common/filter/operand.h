// One side of a comparison as SQL, and what the rules of comparing need to know of it.  Behaviour: spec 03 §3, §7.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/db/value.h"

namespace wombat::filter {

// A piece of SQL and the values of its "?", in order.
struct Fragment {
  std::string sql;
  SqlValues values;
};

enum class NullMode : unsigned char {
  kAuto,
  kOff,     // compared with IS: json values, distances, :changed
  kForced,  // always also compared with NULL: strftime
};

// How an operand's value is read from the last join of its path. It is written once for the outer row, and once more
// for the rows of a multi-match, under other aliases.
struct Leaf {
  enum class Kind : unsigned char { kColumn, kJson, kLength, kElement };
  Kind kind = Kind::kColumn;
  bool lower = false;
  int join = -1;  // index into the JoinTree; -1: the base row
  int scope = 0;
  std::string_view column;      // lives in the schema
  std::string json_path;        // kJson: ".key", "[0]"
  int strftime_modifiers = -1;  // -1: not wrapped in strftime
};

struct Operand {
  std::string sql;
  SqlValues values;  // for the "?" of sql
  NullMode null_mode = NullMode::kAuto;
  // The "?" of sql stand for SQL text that only has no place in a statement that shall be cached: comparing treats the
  // operand like a column.
  bool values_are_text = false;
  bool boolean = false;  // its value is a boolean of the request
  // Its value hangs at a join: the operand counts as having one that is not blank.
  int value_join = -1;
  bool multi = false;  // every related value must match
  Leaf leaf;           // meaningful when multi
  // Not empty: an e-mail column, of which only records may match that show it; the quoted alias of their row.
  std::string email_owner;

  void Clear() {
    sql.clear();
    values.clear();
    null_mode = NullMode::kAuto;
    values_are_text = boolean = multi = false;
    value_join = -1;
    leaf = Leaf();
    email_owner.clear();
  }
  void SetNull() { sql = "NULL"; }
  void SetValue(SqlValue value) {
    sql = "?";
    values.push_back(std::move(value));
  }
};

}  // namespace wombat::filter
