// application/x-www-form-urlencoded, as OAuth2 speaks it.                                    Behaviour: spec 04 §6.1, §7.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wombat {

using FormPairs = std::vector<std::pair<std::string, std::string>>;

// One value; a blank becomes "+".
std::string FormEncode(std::string_view text);
// "key=value&…" in the given order.
std::string EncodeForm(const FormPairs& pairs);
// Pairs that cannot be read are left out.
FormPairs DecodeForm(std::string_view text);

}  // namespace wombat
