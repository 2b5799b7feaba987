// Writes the value of a multi-match operand for given rows.  Behaviour: spec 03 §7.1.
#pragma once

#include <string>
#include <string_view>

#include "common/filter/operand.h"

namespace wombat::filter {

void AppendLeaf(std::string& out, const Leaf& leaf, std::string_view alias);

}  // namespace wombat::filter
