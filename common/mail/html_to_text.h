// A mail's HTML as the plain text that goes with it.                                        Behaviour: spec 04 §9.3.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

// "" for HTML that is nested too deep (kMaxOpenElements).
std::string HtmlToText(std::string_view html);

}  // namespace wombat
