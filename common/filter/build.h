// From a parsed expression to SQL, term by term.  Behaviour: spec 03 §1.3, §2.
#pragma once

#include "common/base/result.h"
#include "common/filter/ast.h"
#include "common/filter/joins.h"
#include "common/filter/operand.h"
#include "common/filter/resolver.h"

namespace wombat::filter {

// Appends the expression without enclosing parentheses. Error: kInvalidInput with the raw text; `out` is then unusable.
Result<void> AppendExpression(Fragment& out, const Ast& ast, Resolver& resolver, JoinTree& joins, int max_comparisons);

}  // namespace wombat::filter
