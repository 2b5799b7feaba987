// From two operands and an operator to an SQL predicate.  Behaviour: spec 03 §3.
#pragma once

#include "common/filter/ast.h"
#include "common/filter/operand.h"

namespace wombat::filter {

// The right side of "~" and "!~": its values become LIKE patterns. Once for each operand, before AppendPredicate.
void MakePattern(Operand& right);
// The pattern of one text: used as it is when it has a "%" of its own, else escaped and wrapped.
std::string LikePattern(std::string text);

// `last_use`: the operands' values may be moved away.
void AppendPredicate(Fragment& out, Operand& left, Operator op, Operand& right, bool last_use);

}  // namespace wombat::filter
