// The sort parameter.  Behaviour: spec 03 §10.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/filter/resolver.h"

namespace wombat::filter {

struct SortSource {
  Resolver& resolver;
  std::string_view base_alias;  // quoted; "" for none: what @rowid belongs to
  bool limited = true;          // the limits of the list endpoints apply
  bool has_rowid = true;        // views have none
};

// Appends "a ASC, b DESC" to `order_by`, behind what is there. Error: kInvalidInput with the raw text.
Result<void> AppendSort(std::string& order_by, std::string_view sort, const SortSource& source);

}  // namespace wombat::filter
