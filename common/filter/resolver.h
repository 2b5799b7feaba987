// Who tells what a name in an expression stands for.
#pragma once

#include "common/base/result.h"
#include "common/filter/identifier.h"
#include "common/filter/operand.h"

namespace wombat::filter {

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Fills `out`, which is clear. Error: kInvalidInput with the raw text.
  virtual Result<void> Resolve(const Identifier& identifier, Operand& out) = 0;
};

}  // namespace wombat::filter
