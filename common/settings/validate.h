// What a settings document may hold.                                                            Behaviour: spec 05 §4.3.
#pragma once

#include <string_view>

#include "common/base/json.h"

namespace wombat {

// Field errors in wire form; an empty object: valid. Reads nothing but the document, whose types were checked before.
Json ValidateSettings(const Json& document);

// An address, or a range of them ("10.0.0.0/8").
bool IsIpOrSubnet(std::string_view text);

}  // namespace wombat
