// Form fields on their way to JSON values.                                                 Behaviour: spec 01 §1.6.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"

namespace wombat {

// The reserved key whose values are JSON objects, merged over all other fields.
inline constexpr std::string_view kJsonPayloadKey = "@jsonPayload";

// Values by key, in the order in which they came.
using FormValues = std::map<std::string, std::vector<std::string>, std::less<>>;

void AddFormPairs(FormValues& values, std::vector<std::pair<std::string, std::string>> pairs);

// "true"/"false" to bool, canonical plain decimals to number, everything else stays text.
Json InferFormValue(std::string text);

// One value a key: that value; several: an array. Errors: 400, a payload that is no JSON object (null empties the
// result).
ApiResult<Json> FormToObject(FormValues values);

}  // namespace wombat
