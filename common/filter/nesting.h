// Joins compiled comparisons with AND, OR and parentheses, however deep they nest.  Behaviour: spec 03 §1.3, §2.
//
// SQLite's parser keeps a stack of 100 symbols, and each level of `a AND (b OR (…` costs three. Past kPlainLevels a
// nested group becomes a CASE instead: a level is then one more WHEN of the same CASE, not one more level. What decides
// is only whether the whole is true; NULL and false count alike, as they do for a WHERE.
#pragma once

#include <span>
#include <vector>

#include "common/filter/ast.h"
#include "common/filter/operand.h"

namespace wombat::filter {

inline constexpr int kPlainLevels = 4;

// Whether AppendNested must write the expression: with needed parentheses nested deeper than kPlainLevels.
bool NestsDeeply(const Ast& ast);

// `comparisons`: one for each of the expression's, in order; consumed.
void AppendNested(Fragment& out, std::span<const Step> steps, std::vector<Fragment> comparisons);

}  // namespace wombat::filter
