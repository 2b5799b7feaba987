// From tokens to an Ast.  Behaviour: spec 03 §1.3, §1.4.
#pragma once

#include <memory>
#include <string_view>

#include "common/base/result.h"
#include "common/filter/ast.h"

namespace wombat::filter {

using AstPtr = std::shared_ptr<const Ast>;

// Error: kInvalidInput with the reference's raw text. Linear in the length of `expression`, constant stack.
Result<AstPtr> Parse(std::string_view expression);

// The same from a bounded cache of this thread, least recently used out first. Errors are not kept.
Result<AstPtr> ParseCached(std::string_view expression);

}  // namespace wombat::filter
