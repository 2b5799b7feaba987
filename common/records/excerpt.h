// The `:excerpt(max, withEllipsis?)` modifier of the `fields` parameter.                         Behaviour: spec 01
// §1.15.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wombat {

// The text of an HTML fragment, at most `max` code points of it.
std::string Excerpt(std::string_view html, std::size_t max, bool with_ellipsis);

}  // namespace wombat
