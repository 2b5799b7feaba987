// A comparison of which every related value must hold.  Behaviour: spec 03 §7.
#pragma once

#include "common/filter/ast.h"
#include "common/filter/joins.h"
#include "common/filter/operand.h"

namespace wombat::filter {

// " AND NOT EXISTS (…)": no row of the multi operands' own join chains may violate the comparison. The chains start at
// the row that the query looks at, not at a second reading of it: the same meaning, one lookup less. At least one side
// is multi. Consumes the operands' values.
void AppendMultiMatch(Fragment& out, Operand& left, Operator op, Operand& right, JoinTree& joins);

}  // namespace wombat::filter
