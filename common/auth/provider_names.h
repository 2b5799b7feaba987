// The OAuth2 providers that exist.                                                           Behaviour: spec 04 §10.
#pragma once

#include <string_view>

namespace wombat {

bool IsKnownProvider(std::string_view name);

}  // namespace wombat
