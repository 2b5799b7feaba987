// The page around the body of every mail that is made from a template.                       Behaviour: spec 04 §9.2.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

std::string InLayout(std::string_view body);

}  // namespace wombat
