// geoDistance and strftime.  Behaviour: spec 03 §4.3.
#pragma once

#include "common/base/result.h"
#include "common/filter/ast.h"
#include "common/filter/operand.h"
#include "common/filter/resolver.h"

namespace wombat::filter {

// An identifier, number or text as written: macro, field, literal, value (03 §4.1). Not a function.
Result<void> ResolveSimpleTerm(const Term& term, Resolver& resolver, Operand& out);

// Any term. `out` is clear. Error: kInvalidInput with the raw text.
Result<void> ResolveTerm(const Term& term, Resolver& resolver, Operand& out);

}  // namespace wombat::filter
