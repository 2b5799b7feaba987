// {:name} placeholders of filters that code writes (findRecordsByFilter); not available over HTTP.  Behaviour: spec 03
// §1.5.
#pragma once

#include <string>
#include <string_view>

#include "common/base/json.h"

namespace wombat {

// `filter` with every {:name} of the object `params` replaced by its value as filter text. A placeholder without a
// value stays, and is a parse error later.
std::string FillPlaceholders(std::string_view filter, const Json& params);

}  // namespace wombat
