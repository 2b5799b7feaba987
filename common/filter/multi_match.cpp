#include "common/filter/multi_match.h"

#include "common/filter/leaf.h"
#include "common/filter/operators.h"

namespace wombat::filter {
namespace {

// The operand again, read from the rows of a chain of its own.
void MoveToChain(Fragment& out, Operand& operand, JoinTree& joins) {
  const std::string alias = joins.AppendChain(out, operand.leaf.join);
  operand.sql.clear();
  AppendLeaf(operand.sql, operand.leaf, alias);
  operand.values_are_text = true;  // it is a column now
  operand.value_join = -1;
}

}  // namespace

void AppendMultiMatch(Fragment& out, Operand& left, Operator op, Operand& right, JoinTree& joins) {
  // One row to start from, so that a path that leads nowhere gives a row of NULLs.
  out.sql += " AND NOT EXISTS (SELECT 1 FROM (SELECT 1)";
  const bool left_multi = left.multi, right_multi = right.multi;
  if (left_multi) MoveToChain(out, left, joins);
  if (right_multi) MoveToChain(out, right, joins);
  // The side that is not multi is compared by its SQL and values alone (03 §7.1).
  if (!left_multi) left.null_mode = NullMode::kAuto;
  if (!right_multi) right.null_mode = NullMode::kAuto;
  out.sql += " WHERE NOT (";
  AppendPredicate(out, left, op, right, true);
  out.sql += "))";
}

}  // namespace wombat::filter
