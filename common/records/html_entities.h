// Named character references of HTML, for text extraction.                                      Behaviour: spec 01
// §1.15.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

// `name` as between "&" and its end, with the semicolon if it has one ("amp;", "amp"). False: there is no such name.
bool AppendNamedEntity(std::string& out, std::string_view name);

}  // namespace wombat
